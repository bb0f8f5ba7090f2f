# SPDX-License-Identifier: Apache-2.0
"""Money that was taken finds its place, whatever sum comes when and by which way.

docs/LEDGER.md has the entries.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterator
from zoneinfo import ZoneInfo

import pytest

from auditor import Book
from bank.control import Control
from daemon import Alym
from portal import EXIT_VISA, INVESTOR, Payment, Portal, money

DUE = 216250
CLEARING, FEE, SUSPENSE = "clearing:sandbox KZT", "fee:visa.exit:108126 KZT", "suspense:sandbox KZT"


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    audited.bank.control.mode(callback_url=audited.callback_url)
    with Portal(audited) as opened:
        yield opened
        # Whatever the test was about: the bank's money is the ledger's.
        assert audited.bank.control.idle()
        for currency, sums in audited.bank.control.money().items():
            assert opened.balance("clearing:sandbox", currency) == sums["total"]
            assert sums["undecided"] == 0


def cash(portal: Portal, made: Payment, amount: int, **how: Any) -> dict[str, Any]:
    """Pays by code at a cash desk; what the bank was answered."""
    return portal.alym.bank.control.cash(made["code"], amount, **how)["callback"]["answer"]


def check(portal: Portal, made: Payment, **what: Any) -> dict[str, Any]:
    return portal.alym.bank.control.check(made["code"], **what)["answer"]


# ---- by code, the payer is debited ----


def test_the_exact_due(portal: Portal) -> None:
    made = portal.create()
    assert check(portal, made) == {"due": money(DUE), "payable": True, "service": "visa.exit"}
    answer = cash(portal, made, DUE)
    paid = portal.payment(made)
    assert (paid["state"], paid["paid"]) == ("paid", money(DUE))
    assert portal.postings() == [("capture", {CLEARING: DUE, FEE: -DUE})]
    assert answer == {"accepted": True, "record": str(portal.entries()[0]["record"])}
    assert check(portal, made) == {"payable": False, "reason": "paid"}


def test_short_then_the_rest(portal: Portal) -> None:
    made = portal.create()
    cash(portal, made, DUE - 100)
    partly = portal.payment(made)
    assert (partly["state"], partly["held"], partly["paid"]) == (
        "partly_paid",
        money(DUE - 100),
        money(0),
    )
    assert check(portal, made)["due"] == money(100)
    cash(portal, made, 100)
    paid = portal.payment(made)
    assert (paid["state"], paid["held"], paid["paid"]) == ("paid", money(0), money(DUE))
    assert portal.postings() == [
        ("hold", {CLEARING: DUE - 100, SUSPENSE: -(DUE - 100)}),
        ("capture", {CLEARING: 100, SUSPENSE: DUE - 100, FEE: -DUE}),
    ]
    types = ["payment.created", "payment.partly_paid", "payment.paid"]
    assert portal.event_types(made) == types


def test_many_parts_the_last_of_which_is_too_much(portal: Portal) -> None:
    made = portal.create()
    for _ in range(10):
        cash(portal, made, DUE // 10)
    assert portal.payment(made)["state"] == "paid"
    assert portal.balance("suspense:sandbox") == 0
    made = portal.create()
    for _ in range(4):
        cash(portal, made, DUE // 3)
    assert portal.payment(made)["state"] == "paid"
    assert portal.balance("suspense:sandbox") == -(4 * (DUE // 3) - DUE)


def test_more_than_the_due(portal: Portal) -> None:
    made = portal.create()
    cash(portal, made, DUE + 12345)
    assert portal.payment(made)["paid"] == money(DUE)
    assert portal.postings() == [("capture", {CLEARING: DUE + 12345, FEE: -DUE, SUSPENSE: -12345})]


def test_paid_twice(portal: Portal) -> None:
    made = portal.create()
    first, second = cash(portal, made, DUE), cash(portal, made, DUE)
    assert first["accepted"] and second["accepted"] and first["record"] != second["record"]
    assert portal.postings() == [
        ("capture", {CLEARING: DUE, FEE: -DUE}),
        ("suspend", {CLEARING: DUE, SUSPENSE: -DUE}),
    ]
    types = ["payment.created", "payment.paid", "payment.excess"]
    assert portal.event_types(made) == types
    assert portal.payment(made)["paid"] == money(DUE)


def test_an_unknown_code(portal: Portal) -> None:
    made = portal.create()
    wrong_digit = str((int(made["code"][0]) + 1) % 10) + made["code"][1:]
    for code in (wrong_digit, "000000000000", "999999999999999"):
        assert check(portal, {"code": code}) == {"payable": False, "reason": "unknown"}
        assert cash(portal, {"code": code}, DUE)["accepted"]
    assert portal.postings() == 3 * [("suspend", {CLEARING: DUE, SUSPENSE: -DUE})]
    assert portal.payment(made)["state"] == "open"
    assert portal.event_types(made) == ["payment.created"]
    assert portal.alym.said().count("event=suspense.booked") == 3


def test_another_currency(portal: Portal) -> None:
    made = portal.create()
    cash(portal, made, DUE, currency="USD")
    assert portal.payment(made)["state"] == "open"
    assert portal.postings() == [
        ("suspend", {"clearing:sandbox USD": DUE, "suspense:sandbox USD": -DUE})
    ]
    assert check(portal, made)["due"] == money(DUE)
    cash(portal, made, DUE)
    assert portal.payment(made)["state"] == "paid"


def test_money_for_what_costs_nothing(portal: Portal) -> None:
    made = portal.create(quote={**EXIT_VISA, "claims": INVESTOR})
    assert check(portal, made) == {"payable": False, "reason": "paid"}
    cash(portal, made, DUE)
    assert portal.payment(made)["state"] == "exempt"
    assert portal.balance("suspense:sandbox") == -DUE
    assert portal.event_types(made)[-1] == "payment.excess"


def test_late_money_counts_as_if_it_were_open(portal: Portal) -> None:
    whole, part = portal.create(), portal.create()
    for made in (whole, part):
        portal.act(made, "cancel")
        assert check(portal, made) == {"payable": False, "reason": "closed"}
    cash(portal, whole, DUE)
    assert portal.payment(whole)["state"] == "paid"
    cash(portal, part, 1000)
    assert portal.payment(part)["state"] == "partly_paid"
    cash(portal, part, DUE - 1000)
    assert portal.payment(part)["state"] == "paid"
    assert portal.balance("fee:visa.exit:108126") == -2 * DUE
    assert portal.balance("suspense:sandbox") == 0


# ---- by code, the payer is not yet debited ----


def test_what_can_be_refused_is_refused(portal: Portal) -> None:
    made = portal.create()
    for amount in (1, DUE - 1, DUE + 1, (1 << 53) - 1):
        assert cash(portal, made, amount, refusable=True) == {
            "accepted": False,
            "due": money(DUE),
            "reason": "wrong_amount",
        }
    dollars = cash(portal, made, DUE, currency="USD", refusable=True)
    assert (dollars["accepted"], dollars["reason"]) == (False, "wrong_amount")
    unknown = cash(portal, {"code": "000000000000"}, DUE, refusable=True)
    assert unknown == {"accepted": False, "reason": "unknown"}
    assert portal.entries() == []
    assert cash(portal, made, DUE, refusable=True)["accepted"]
    again = cash(portal, made, DUE, refusable=True)
    assert again == {"accepted": False, "reason": "paid"}
    assert len(portal.entries()) == 1
    gone = portal.create()
    portal.act(gone, "cancel")
    closed = cash(portal, gone, DUE, refusable=True)
    assert closed == {"accepted": False, "reason": "closed"}


def test_the_rest_is_what_may_be_paid(portal: Portal) -> None:
    made = portal.create()
    cash(portal, made, 1000)
    whole = cash(portal, made, DUE, refusable=True)
    assert (whole["accepted"], whole["due"]) == (False, money(DUE - 1000))
    assert cash(portal, made, DUE - 1000, refusable=True)["accepted"]
    assert portal.payment(made)["state"] == "paid"


def test_an_accepted_yes_is_repeated(portal: Portal) -> None:
    """The bank did not hear the first yes: its repetition is no second payment, nor refused."""
    made = portal.create()
    portal.alym.bank.control.fault("callback.hang_up", times=3)
    answer = cash(portal, made, DUE, refusable=True)
    assert answer["accepted"]
    assert len(portal.entries()) == 1


# ---- at a bank's page ----


def hand_out(portal: Portal, name: str, **how: Any) -> Payment:
    """A payment whose payer the bank serves strangely."""
    made = portal.create_at_bank()
    portal.alym.bank.control.fault(name, order=portal.order(made), **how)
    portal.pay_by_page(made)
    return made


def test_a_bank_that_takes_less(portal: Portal) -> None:
    made = hand_out(portal, "pay.amount", value=-50)
    partly = portal.reach(made, "partly_paid")
    assert (partly["held"], partly["attempts"][0]["captured"]) == (money(DUE - 50), money(DUE - 50))
    more = portal.act(made, "attempts", {"gateway": "sandbox", "return_url": "https://localhost/"})
    assert more["attempts"][1]["amount"] == money(50)
    portal.reach(made, attempt="pending")
    portal.pay_by_page(made)
    portal.reach(made, "paid")
    assert portal.postings()[1] == ("capture", {CLEARING: 50, SUSPENSE: DUE - 50, FEE: -DUE})


def test_a_bank_that_takes_more(portal: Portal) -> None:
    made = hand_out(portal, "pay.amount", value=77)
    portal.reach(made, "paid")
    assert portal.balance("suspense:sandbox") == -77


def test_a_bank_that_takes_twice(portal: Portal) -> None:
    made = hand_out(portal, "pay.twice")
    portal.reach(made, "paid")
    assert portal.alym.bank.control.idle()
    assert sorted(cause for cause, _ in portal.postings()) == ["capture", "suspend"]


def test_a_bank_that_takes_dollars(portal: Portal) -> None:
    made = hand_out(portal, "pay.currency")
    now = portal.reach(made, attempt="captured")
    assert (now["state"], now["paid"]) == ("open", money(0))
    assert now["attempts"][0]["captured"] == {"amount": DUE, "currency": "USD"}
    assert portal.balance("suspense:sandbox", "USD") == -DUE


def test_a_code_and_a_session_may_live_together(portal: Portal) -> None:
    made = portal.create_at_bank()
    cash(portal, made, DUE)
    portal.reach(made, "paid")
    portal.alym.bank.control.pay(portal.order(made))  # the page was still open
    assert portal.alym.bank.control.idle()
    now = portal.reach(made, "paid", attempt="captured")
    assert now["paid"] == money(DUE)
    assert [cause for cause, _ in portal.postings()] == ["capture", "suspend"]


def test_who_pays_after_cancellation_has_paid(portal: Portal) -> None:
    made = portal.create_at_bank()
    portal.act(made, "cancel")
    portal.alym.bank.control.pay(portal.order(made))
    assert portal.reach(made, "paid")["paid"] == money(DUE)
    assert portal.postings() == [("capture", {CLEARING: DUE, FEE: -DUE})]


def test_who_pays_after_the_bank_declined_has_paid(portal: Portal) -> None:
    made = portal.create_at_bank()
    portal.pay_by_page(made, "decline")
    portal.reach(made, attempt="declined")
    portal.alym.bank.control.pay(portal.order(made), again=True)
    portal.reach(made, "paid", attempt="captured")


# ---- two gateways ----


def test_parts_at_two_banks(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    alym.configure({"gateway other": alym.settings["gateway sandbox"]})
    alym.open()
    control: Control = alym.bank.control
    with Portal(alym) as portal:
        made = portal.create()
        control.mode(callback_url=alym.callback_url)
        cash(portal, made, 100000)
        control.mode(callback_url=f"{alym.url}/callbacks/other")
        cash(portal, made, DUE - 100000 + 250)
        assert portal.payment(made)["state"] == "paid"
        assert portal.postings()[1] == (
            "capture",
            {
                "clearing:other KZT": DUE - 100000 + 250,
                SUSPENSE: 100000,
                FEE: -DUE,
                "suspense:other KZT": -250,
            },
        )
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        book.audit()


def test_one_banks_order_is_not_anothers(make_alym: Callable[..., Alym]) -> None:
    """Money for an order that this gateway does not have goes to suspense; the order stays."""
    alym = make_alym()
    alym.configure({"gateway other": alym.settings["gateway sandbox"]})
    alym.open()
    with Portal(alym) as portal:
        made = portal.create_at_bank()
        paid = {
            "kind": "payment", "merchant": "demo", "order": portal.order(made), "status": "paid",
            "amount": DUE, "currency": "KZT", "operation": "x-1", "paid_at": "2026-11-22T00:00:00Z",
        }  # fmt: skip
        said = alym.bank.control.send(body=paid, url=f"{alym.url}/callbacks/other")
        assert said["answer"]["accepted"]
        assert portal.payment(made)["state"] == "open"
        assert portal.balance("suspense:other") == -DUE


# ---- the day that counts ----


@pytest.mark.parametrize(
    "ago, is_believed",
    [
        (timedelta(0), True),
        (timedelta(hours=30), True),
        (timedelta(hours=71), True),
        (timedelta(hours=73), False),
        (timedelta(days=400), False),
        (timedelta(hours=-25), False),
    ],
)
def test_the_banks_time_counts_within_its_window(
    portal: Portal, ago: timedelta, is_believed: bool
) -> None:
    made = portal.create()
    now = datetime.now(timezone.utc)
    paid_at = now - ago
    cash(portal, made, DUE, paid_at=paid_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    entry = portal.entries()[0]
    day = (paid_at if is_believed else now).astimezone(ZoneInfo("Asia/Almaty")).date().isoformat()
    assert (entry["paid_on"], entry["value_date"]) == (day, day)
    assert portal.payment(made)["state"] == "paid"
    balances = portal.get(f"/v1/ledger/balances?as_of={day}&axis=value")["items"]
    assert {i["account"]: i["balance"]["amount"] for i in balances} == {
        "clearing:sandbox": DUE,
        "fee:visa.exit:108126": -DUE,
    }
