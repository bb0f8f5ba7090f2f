# SPDX-License-Identifier: Apache-2.0
"""The rbs face by itself: what the system tests lean on, and the published sample of a checksum."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlencode

import pytest

from bank.server import Bank

WHO = {"userName": "alym-api", "password": "alym-password"}
ORDER = {
    "orderNumber": "12345678",
    "amount": "2000",
    "currency": "398",
    "returnUrl": "https://localhost/back",
}


def ask(
    bank: Bank, certificates: Path, method: str, form: Optional[dict[str, str]] = None, **more: str
) -> dict[str, Any]:
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", bank.port, context=context, timeout=10)
    try:
        data = urlencode({**WHO, **(form or {}), **more})
        connection.request("POST", f"/rbs/payment/rest/{method}", data)
        answer = connection.getresponse()
        assert answer.status == 200
        return json.loads(answer.read())
    finally:
        connection.close()


def test_the_published_checksum_is_made(bank: Bank) -> None:
    """BPC's documentation of callbacks, the sample with a symmetric key."""
    face = bank.faces["rbs"]
    face.settings["key"] = "ooc7slpvc61k7sf7ma7p4hrefr"
    fields = {
        "status": "1",
        "orderNumber": "2003",
        "operation": "approved",
        "mdOrder": "06cf5599-3f17-7c86-bdbc-bd7d00a8b38b",
    }
    assert face.checksum(fields) == (
        "EAF2FB72CAB99FD5067F4BA493DD84F4D79C1589FDE8ED29622F0F07215AA972"
    )


def test_the_banks_refusals_are_the_published_ones(bank: Bank, certificates: Path) -> None:
    def code(method: str, form: dict[str, str], **more: str) -> str:
        return ask(bank, certificates, method, form, **more)["errorCode"]

    assert code("register.do", ORDER, password="x") == "5"
    assert code("register.do", {**ORDER, "amount": ""}) == "12"
    made = ask(bank, certificates, "register.do", ORDER)
    assert set(made) == {"orderId", "formUrl"}
    assert code("register.do", ORDER) == "1"
    assert code("getOrderStatusExtended.do", {"orderNumber": "7"}) == "6"
    assert code("deposit.do", {"orderId": made["orderId"], "amount": "0"}) == "7"
    bank.faces["rbs"].settings["codes"] = "number"
    assert code("register.do", ORDER) == 1


def test_a_repeated_refund_gives_back_once(bank: Bank, certificates: Path) -> None:
    made = ask(bank, certificates, "register.do", ORDER)
    face = bank.faces["rbs"]
    face.control("pay", {"order": "12345678"})
    form = {"orderId": made["orderId"], "amount": "500", "expectedDepositedAmount": "2000"}
    bank.faults.add({"name": "answer.error_after", "on": "refund"})
    with pytest.raises(AssertionError):  # the answer is lost, and it is done
        ask(bank, certificates, "refund.do", form, externalRefundId="r1")
    assert face.money() == {"taken": 2000, "refunded": 500, "held": 0}
    assert ask(bank, certificates, "refund.do", form, externalRefundId="r1")["errorCode"] == "0"
    assert ask(bank, certificates, "refund.do", form, externalRefundId="r2")["errorCode"] == "7"
    assert face.money()["refunded"] == 500
    status = ask(bank, certificates, "getOrderStatusExtended.do", {"orderId": made["orderId"]})
    assert (status["orderStatus"], status["paymentAmountInfo"]["depositedAmount"]) == (4, 1500)
    face.settings["net"] = False
    status = ask(bank, certificates, "getOrderStatusExtended.do", {"orderNumber": "12345678"})
    assert status["paymentAmountInfo"]["depositedAmount"] == 2000
