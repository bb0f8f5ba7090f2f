# SPDX-License-Identifier: Apache-2.0
"""ePay 2 of Halyk Bank, through the real daemon, by TLS: the payer pays by a link."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any, Iterator

import pytest

from auditor import Book
from bank.faces.halyk import Halyk
from bank.payer import Payer
from bank.wire import Request, Wire
from daemon import BUILD, Alym
from portal import Portal

DUE = 216250
SHOP = Halyk.SETTINGS


@pytest.fixture(scope="module")
def alym(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    """One for all tests; its book is audited in the end."""
    folder = tmp_path_factory.mktemp("halyk")
    secret = folder / "client_secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{SHOP['client_secret']}\n")
    made = Alym(folder, certificates)
    made.configure(
        {
            "gateway halyk": {
                "plugin": BUILD / "gateways/halyk.so",
                "endpoint": f"{made.bank.url}/halyk",
                "token_endpoint": f"{made.bank.url}/halyk",
                "ca": made.ca,
                "client_id": SHOP["client_id"],
                "client_secret_file": secret,
                "terminal": SHOP["terminal"],
                "shop_id": SHOP["shop_id"],
                "none_code": SHOP["none_code"],
                "calls_per_second": 0,
            }
        }
    )
    try:
        made.open()
        made.bank.control.mode(retry={"first_ms": 50, "max_ms": 200})
        yield made
        with made.client() as client:
            verifier = client.get("/v1/ledger/key").json
            client.get("/v1/ledger/checkpoint")
        made.stop_cleanly()
        with Book(made.folder / "state/book.db") as book:
            book.audit(verifier)
    finally:
        made.close()


@pytest.fixture(scope="module")
def portal(alym: Alym) -> Iterator[Portal]:
    with Portal(alym) as opened:
        yield opened


class Sale:
    """A payment, and its order at the bank."""

    def __init__(self, alym: Alym, portal: Portal, attempt: str = "pending") -> None:
        self.portal = portal
        self.control = alym.bank.control
        self.made = portal.create(gateway="halyk", return_url="https://localhost/thanks")
        portal.reach(self.made, attempt=attempt)
        self.number = portal.order(self.made)

    def ask(self, what: str, **wish: Any) -> Any:
        return self.control.face("halyk", what, order=self.number, **wish)

    def known(self) -> dict[str, Any]:
        """The order as the bank has it."""
        orders = self.control.face("halyk")["orders"]
        return next(order for order in orders if order["order"] == self.number)

    def assert_booked_once(self) -> None:
        self.portal.reach(self.made, "paid")
        booked = self.portal.entries(self.made)
        assert len(booked) == 1
        assert max(p["amount"]["amount"] for p in booked[0]["postings"]) == DUE
        assert self.known()["taken"] == DUE

    def assert_nothing_booked(self) -> None:
        assert self.portal.entries(self.made) == []
        assert self.known()["taken"] == 0


@pytest.fixture(scope="module")
def sales(alym: Alym, portal: Portal) -> dict[str, Sale]:
    """What payers did, all at once: alymd asks about one order no sooner than in five seconds."""
    control = alym.bank.control
    names = ("paid", "doubled", "declined", "told", "held", "short")
    made = {name: Sale(alym, portal) for name in names}
    control.fault("answer.close_after", on="register")
    made["lost"] = Sale(alym, portal, "unknown")
    payer = Payer(alym.ca)
    links = {name: portal.payment(sale.made)["pay_url"] for name, sale in made.items()}

    assert payer.pay(links["paid"]).status == 303
    control.fault("callback.duplicate", value=5, order=made["doubled"].number)
    made["doubled"].ask("pay")
    assert payer.pay(links["declined"], "decline").status == 303
    lie(alym, made["told"])
    control.fault("callback.bad_signature", order=made["told"].number)
    control.fault("callback.wrong_amount", order=made["told"].number)
    made["told"].ask("pay")
    made["held"].ask("pay", hold=True)
    made["short"].ask("pay", hold=True, amount=DUE - 100)
    made["lost"].ask("pay")
    return made


def lie(alym: Alym, sale: Sale) -> None:
    """Good news that is forged, of another order, malformed, or ahead of its time."""
    honest = sale.known()
    right = honest["secret_hash"]
    wire = Wire(ssl.create_default_context(cafile=alym.ca))

    def post(**more: Any) -> int:
        news = {"invoiceId": sale.number, "code": "ok", "amount": 2162.5, "currency": "KZT"}
        body = json.dumps({**news, **more}).encode()
        answer = wire.send(Request(honest["post_link"], body, {}))
        assert answer is not None
        return answer.status

    assert post() == 403
    assert post(secret_hash=right[::-1]) == 403
    assert post(secret_hash=right, invoiceId="99999999") == 403
    assert post(secret_hash=right, invoiceId=int(sale.number)) == 400
    assert post(secret_hash=right) == 200
    assert sale.portal.payment(sale.made)["state"] == "open"
    sale.assert_nothing_booked()


def test_numbers_are_as_the_bank_wants_them(sales: dict[str, Sale]) -> None:
    numbers = [sale.number for sale in sales.values()]
    assert all(number.isdigit() and 6 <= len(number) <= 15 for number in numbers)
    assert len({number[-6:] for number in numbers}) == len(numbers)
    assert len({sale.known()["secret_hash"] for sale in sales.values()}) == len(numbers)


@pytest.mark.parametrize("name", ["paid", "doubled", "told", "held", "lost"])
def test_what_was_paid_is_booked_once(sales: dict[str, Sale], name: str) -> None:
    """By the page; told five times; lied about first; held, then charged; its link lost."""
    sales[name].assert_booked_once()


def test_a_late_postlink_changes_nothing(alym: Alym, sales: dict[str, Sale]) -> None:
    sale = sales["paid"]
    sale.assert_booked_once()
    sale.ask("tell")
    assert alym.bank.control.idle()
    sale.assert_booked_once()


def test_who_declines_pays_nothing(portal: Portal, sales: dict[str, Sale]) -> None:
    portal.reach(sales["declined"].made, attempt="declined")
    sales["declined"].assert_nothing_booked()


def test_a_short_hold_is_given_up(portal: Portal, sales: dict[str, Sale]) -> None:
    portal.reach(sales["short"].made, attempt="released")
    sales["short"].assert_nothing_booked()
    assert sales["short"].known()["statusName"] == "CANCEL"


def test_a_link_that_was_never_made_is_not_attempted(alym: Alym, portal: Portal) -> None:
    alym.bank.control.fault("answer.error_before", value=503, on="token")
    made = portal.create(gateway="halyk", return_url="https://localhost/thanks")
    portal.reach(made, attempt="not_attempted")
    assert portal.entries(made) == []
