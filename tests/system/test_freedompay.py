# SPDX-License-Identifier: Apache-2.0
"""Freedom Pay: the daemon's gateway and the bank's face, each from its own reading of the protocol.

All payments of this file live beside each other in one daemon, since it asks about an order five
seconds after it last did, and not before: `World` begins them and the tests see what came of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import pytest

from auditor import Book
from bank.control import Control
from daemon import BUILD, Alym, wait_until
from portal import Payment, Portal, money

DUE = 216250
CLEARING, FEE = "clearing:freedom KZT", "fee:visa.exit:108126 KZT"
BOOKED = [("capture", {CLEARING: DUE, FEE: -DUE})]
HELD = [("capture", {"clearing:twostep KZT": DUE, FEE: -DUE})]


class World(Portal):
    """Payments by name, each on its own way; and what the bank's face knows."""

    def __init__(self, alym: Alym) -> None:
        super().__init__(alym)
        self.made: dict[str, Payment] = {}
        self.told: list[tuple[int, str]] = []

    @property
    def control(self) -> Control:
        return self.alym.bank.control

    def face(self, what: str = "", **wish: Any) -> Any:
        return self.control.face("freedompay", what, **wish)

    def begin(self, name: str, gateway: str = "freedom", state: str = "pending") -> Payment:
        made = self.create(gateway=gateway, return_url="https://localhost/thanks?a=1")
        self.made[name] = made
        self.reach(made, attempt=state)
        return made

    def fault(self, name: str, made: Payment, **how: Any) -> None:
        self.control.fault(name, order=self.order(made), **how)

    def pay(self, made: Payment) -> None:
        self.face("pay", order=self.order(made))

    def at_bank(self, made: Payment) -> dict[str, Any]:
        number = self.order(made)
        return next(order for order in self.face()["orders"] if order["order"] == number)

    def calls(self, made: Payment) -> list[dict[str, Any]]:
        number = self.order(made)
        return [call for call in self.face()["calls"] if call["about"] == number]

    def tell(self, made: Payment, **how: Any) -> tuple[int, str]:
        said = self.face("tell", order=self.order(made), **how)
        return said["status"], said["heard"]

    def settle(self) -> None:
        assert self.control.idle()
        wait_until(lambda: self.metric("alym_under_way") == 0, 30, "quiet")

    # ---- each on its way ----

    def begin_all(self) -> None:
        made = self.begin("paid")
        self.fault("callback.duplicate", made, value=10)
        self.fault("callback.bad_signature", made, times=2)
        self.pay_by_page(made)
        self.pay_by_page(self.begin("declined"), "decline")
        made = self.begin("dollars")
        self.fault("pay.currency", made, value="USD")
        self.pay(made)
        self.control.fault("answer.close_after", on="register")
        self.pay(self.begin("lost", state="unknown"))
        self.begin("told")
        made = self.begin("held", "twostep")
        self.fault("answer.close_after", made, on="capture")
        self.pay_by_page(made)
        made = self.begin("given up", "twostep")
        self.act(made, "cancel")
        self.pay(made)
        made = self.begin("by code")
        self.control.mode(callback_url=self.alym.callback_url)
        self.control.cash(made["code"], DUE)
        self.reach(made, "paid")
        self.pay(made)

    def audit(self) -> None:
        """The bank's money is the ledger's, and the ledger is derived again."""
        self.settle()
        taken = {"KZT": 0, "USD": 0}
        for order in self.face()["orders"]:
            taken[order["currency"]] += order["taken"]
        for currency, total in taken.items():
            booked = [self.balance(f"clearing:{g}", currency) for g in ("freedom", "twostep")]
            assert sum(booked) == total
        verifier = self.get("/v1/ledger/key")
        self.get("/v1/ledger/checkpoint")
        self.client.close()
        self.alym.stop_cleanly()
        with Book(self.alym.folder / "state/book.db") as book:
            book.audit(verifier)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[World]:
    alym = Alym(tmp_path_factory.mktemp("freedompay"), certificates)
    common = {
        "plugin": BUILD / "gateways/freedompay.so",
        "endpoint": f"{alym.bank.url}/freedompay",
        "ca": alym.ca,
        "merchant_id": "500235",
        "secret_file": alym.bank.secret_file,
        "timezone": "Asia/Almaty",
        "timeout_ms": 2000,
    }
    two_step = {"two_step": "yes", "check": "no"}
    alym.configure({"gateway freedom": common, "gateway twostep": {**common, **two_step}})
    try:
        alym.open()
        alym.bank.control.mode(retry={"first_ms": 50, "max_ms": 500})
        world = World(alym)
        world.begin_all()
        yield world
        world.audit()
    finally:
        alym.close()


def test_what_others_say_moves_nothing(world: World) -> None:
    """First, while nothing is paid: a callback ahead of its time only makes the daemon ask."""
    made = world.made["told"]
    assert world.tell(made) == (200, "ok")
    assert world.tell(made, fields={"pg_result": "0"}) == (200, "ok")
    assert world.tell(made, secret="another secret of some size") == (403, "")
    assert world.tell(made, fields={"pg_testing_mode": "1"}) == (200, "error")
    assert world.tell(made, fields={"pg_merchant_id": "1"}) == (200, "error")
    assert world.tell(made, fields={"pg_amount": "1;2"}) == (200, "error")
    stranger = {"pg_order_id": "99999999"}
    assert world.tell(made, fields=stranger) == (200, "error")
    assert world.tell(made, fields={**stranger, "pg_can_reject": "1"}) == (200, "rejected")


def test_paid_end_to_end_and_booked_once(world: World) -> None:
    made = world.made["paid"]
    paid = world.reach(made, "paid", attempt="captured")
    assert paid["paid"] == money(DUE)
    assert world.postings(made) == BOOKED
    order = world.at_bank(made)
    assert (order["checked"], order["currency"], order["amount"]) == ("ok", "KZT", DUE)
    assert world.entries(made)[0]["operation"] == order["payment"]
    assert world.control.idle()
    call = world.calls(made)[0]
    honest = {attempt["status"] for attempt in call["attempts"] if not attempt["faults"]}
    forged = [attempt["status"] for attempt in call["attempts"] if attempt["faults"]]
    assert (call["state"], honest, forged) == ("delivered", {200}, [403, 403])
    assert world.face("replay", id=call["id"])["status"] == 200
    world.face("again", id=call["id"])
    world.settle()
    assert len(world.entries(made)) == 1


def test_declined(world: World) -> None:
    made = world.made["declined"]
    assert world.reach(made, attempt="declined")["state"] == "open"
    assert world.entries(made) == []


def test_a_bank_that_takes_dollars(world: World) -> None:
    """pg_currency is what was paid in, and is booked apart."""
    now = world.reach(world.made["dollars"], attempt="captured")
    assert now["state"] == "open"
    assert world.balance("suspense:freedom", "USD") == -DUE


def test_an_opening_whose_answer_is_lost(world: World) -> None:
    """The bank has it: the payment is found by the order's number."""
    made = world.made["lost"]
    world.reach(made, "paid", attempt="captured")
    assert world.postings(made) == BOOKED


def test_held_and_captured(world: World) -> None:
    """The bank did it and nobody heard its answer: the status tells."""
    made = world.made["held"]
    world.reach(made, "paid", attempt="captured")
    order = world.at_bank(made)
    assert (order["two_step"], order["captured"], order["taken"]) == (True, 1, DUE)
    assert world.postings(made) == HELD


def test_held_and_given_up(world: World) -> None:
    made = world.made["given up"]
    world.reach(made, "cancelled", attempt="released")
    order = world.at_bank(made)
    assert (order["status"], order["taken"]) == ("revoked", 0)
    assert world.entries(made) == []


def test_who_may_not_pay_is_not_debited(world: World) -> None:
    """Paid by code meanwhile: the bank asks before it debits, and is told no."""
    made = world.made["by code"]
    order = world.at_bank(made)
    assert (order["checked"], order["status"], order["taken"]) == ("rejected", "failed", 0)
    world.reach(made, attempt="declined")
    assert len(world.entries(made)) == 1


def test_what_was_only_told_was_not_paid(world: World) -> None:
    """Last: what others said had its answer long ago."""
    world.settle()
    made = world.made["told"]
    assert world.entries(made) == []
    assert world.payment(made)["attempts"][0]["state"] == "pending"
