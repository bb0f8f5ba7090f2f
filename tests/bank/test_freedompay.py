# SPDX-License-Identifier: Apache-2.0
"""The face of Freedom Pay: published signatures, and what it does when it is asked directly."""

from __future__ import annotations

import http.client
import ssl
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlencode

import pytest

from bank.conftest import open_bank
from bank.control import Control
from bank.faces.freedompay import signature
from bank.server import Bank

INIT = {"pg_order_id": "12345678", "pg_amount": "100.50", "pg_description": "Visa"}


@pytest.fixture
def bank(certificates: Path) -> Iterator[Bank]:
    with open_bank(certificates) as opened:
        yield opened


def ask(bank: Bank, certificates: Path, script: str, **fields: str) -> dict[str, Any]:
    """What it answers, as a dictionary; the signature of the answer is looked at."""
    secret = bank.signer.secret.decode()
    fields = {"pg_merchant_id": "500235", "pg_salt": "s", **fields}
    fields.setdefault("pg_sig", signature(script, dict(fields), secret))
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", bank.port, context=context, timeout=10)
    try:
        connection.request("POST", f"/freedompay/{script}", urlencode(fields))
        root = ElementTree.fromstring(connection.getresponse().read())
    finally:
        connection.close()
    said = {child.tag: child.text or "" for child in root if len(child) == 0}
    refunds = root.findall("pg_refund_payments/pg_refund_payment")
    said["refunds"] = [{child.tag: child.text for child in refund} for refund in refunds]
    return said


def test_published_signatures() -> None:
    """github.com/pashagray/paybox_money spec/paybox_money/signature_spec.rb;
    github.com/Platron/php-sdk tests/unit/SigHelperTest.php"""
    nested = {"pg_q_subparam": "subvalue2", "pg_m_subparam": "subvalue1"}
    fields = {"pg_salt": "9imM909TH820jwk387", "pg_t_param": "value3", "pg_a_param": "value1"}
    fields.update(pg_z_param=nested, pg_b_param="value2")
    assert signature("script.php", fields, "mypasskey") == "a8a4d5a9188f24038a14a4d65c387bf7"
    test = {"test": "test1", "test2": "test3", "pg_sig": "x"}
    assert signature("payment.php", test, "rofoneqaxujagexi") == "27a5edfcb35e2fa44c9adef6994af3f0"
    test = {"pg_description": "test"}
    assert signature("test.php", test, "rofoneqaxujagexi") == "7e3123d36e6aa859f40dbe4d7eff7c34"


def test_what_was_taken_is_given_back_in_parts(bank: Bank, certificates: Path) -> None:
    control = Control(bank.url, str(certificates / "ca.pem"))
    name = ask(bank, certificates, "init_payment.php", **INIT)["pg_payment_id"]
    assert ask(bank, certificates, "revoke.php", pg_payment_id=name)["pg_error_code"] == "120"
    control.face("freedompay", "pay", order="12345678")
    control.fault("answer.pending", on="refund")
    part = {"pg_payment_id": name, "pg_refund_amount": "0.5"}
    assert ask(bank, certificates, "revoke.php", **part)["pg_status"] == "pending"
    assert ask(bank, certificates, "revoke.php", pg_payment_id=name)["pg_status"] == "ok"
    assert ask(bank, certificates, "revoke.php", **part)["pg_error_code"] == "420"
    said = ask(bank, certificates, "get_status3.php", pg_order_id="12345678")
    assert (said["pg_amount"], said["pg_captured"], said["pg_refund_amount"]) == (
        "100.5000",
        "1",
        "-100.50",
    )
    assert [refund["pg_amount"] for refund in said["refunds"]] == ["-0.50", "-100.00"]
    assert control.face("freedompay")["money"] == {"taken": 10050, "refunded": 10050, "held": 0}


def test_strangers_are_refused(bank: Bank, certificates: Path) -> None:
    said = ask(bank, certificates, "init_payment.php", **INIT, pg_sig="0" * 32)
    assert (said["pg_status"], said["pg_error_code"], "pg_sig" in said) == ("error", "100", False)
    said = ask(bank, certificates, "init_payment.php", **INIT, pg_merchant_id="1")
    assert (said["pg_error_code"], "pg_sig" in said) == ("101", False)
    said = ask(bank, certificates, "get_status3.php", pg_order_id="12345678")
    assert (said["pg_error_code"], "pg_sig" in said) == ("340", True)
