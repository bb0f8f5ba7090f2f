# SPDX-License-Identifier: Apache-2.0
"""Cards by BPC's REST protocol, in one step and in two: paid, refused, lost, doubled, forged, held.

Between two questions about one order the daemon lets five seconds pass, so each test is a scenario
and all of them wait at the same time: what stands before its `yield` happens one after another.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import pytest

from auditor import Book
from bank.control import Control
from bank.orders import seconds
from daemon import BUILD, Alym, wait_until
from portal import Payment, Portal, money

DUE = 216250
BACK = "https://localhost/thanks"
PLAIN = {"gateway": "rbs", "return_url": BACK}
TWO_STEP = {"gateway": "rbshold", "return_url": BACK}
TIMEOUT_MS = 2000


class Cards(NamedTuple):
    portal: Portal
    control: Control

    def create(self, how: dict[str, Any], attempt: str = "pending") -> Payment:
        made = self.portal.create(**how)
        self.portal.reach(made, attempt=attempt)
        return made

    def order(self, made: Payment) -> dict[str, Any]:
        """As the bank has it."""
        number = self.portal.order(made)
        orders = self.control.face("rbs")["orders"]
        return next(order for order in orders if order["number"] == number)

    def calls(self, made: Payment) -> list[dict[str, Any]]:
        number = self.portal.order(made)
        return [c for c in self.control.face("rbs")["calls"] if c["about"] == number]

    def hint(self, made: Payment, **fields: str) -> int:
        """A callback of the bank's own, freshly signed; what it was answered with."""
        wish = {"operation": "deposited", "status": "1", **fields}
        number = self.portal.order(made)
        return self.control.face("rbs", "send", order=number, fields=wish)["status"]

    def booked(self, made: Payment) -> list[str]:
        return [cause for cause, _ in self.portal.postings(made)]


def secret(alym: Alym, name: str, value: str) -> Path:
    path = alym.folder / name
    path.touch(mode=0o600)
    path.write_text(value + "\n")
    return path


def configure(alym: Alym) -> None:
    section = {
        "plugin": BUILD / "gateways/rbs.so",
        "endpoint": f"{alym.bank.url}/rbs/payment/rest",
        "ca": alym.ca,
        "timeout_ms": TIMEOUT_MS,
        "user": "alym-api",
        "password_file": secret(alym, "rbs.password", "alym-password"),
        "callback_key_file": secret(alym, "rbs.key", "the key before"),
        "callback_key_next_file": secret(alym, "rbs.next", "rbs-callback-key"),
    }
    alym.configure({"gateway rbs": section, "gateway rbshold": {**section, "two_step": "yes"}})


Scenario = Callable[[Cards], Iterator[None]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(work: Scenario) -> Scenario:
    SCENARIOS[work.__name__] = work
    return work


def run(portal: Portal, begun: Iterator[None]) -> None:
    """The rest of a scenario."""
    with portal:
        assert next(begun, "over") == "over"


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, certificates: Path
) -> Iterator[dict[str, Future[None]]]:
    alym = Alym(tmp_path_factory.mktemp("rbs"), certificates)
    try:
        configure(alym)
        alym.open()
        control = alym.bank.control
        control.mode(callback_url=alym.callback_url, retry={"first_ms": 50, "max_ms": 500})
        control.face("rbs", "settings", method="any", codes="any")
        outcomes: dict[str, Future[None]] = {}
        with ThreadPoolExecutor(len(SCENARIOS)) as pool:
            for name, work in SCENARIOS.items():
                portal = Portal(alym)
                begun = work(Cards(portal, control))
                next(begun)
                outcomes[name] = pool.submit(run, portal, begun)
        yield outcomes
        audit(alym)
    finally:
        alym.close()


def audit(alym: Alym) -> None:
    """After all: what the bank took is in the book, and the book holds."""
    control = alym.bank.control
    assert control.idle()
    known = control.face("rbs")
    assert {call["state"] for call in known["calls"]} == {"delivered"}
    with Portal(alym) as portal:
        both = sum(portal.balance(f"clearing:{name}") for name in ("rbs", "rbshold"))
        assert both == known["money"]["taken"]
        verifier = portal.get("/v1/ledger/key")
        portal.get("/v1/ledger/checkpoint")
    alym.stop_cleanly()
    assert "alym-password" not in alym.said()
    with Book(alym.folder / "state/book.db") as book:
        book.audit(verifier)


# ---- in one step ----


@scenario
def an_order_whose_page_was_lost_is_closed(cards: Cards) -> Iterator[None]:
    """The bank has it, nobody knows where to pay: it is declined there, and another is made."""
    cards.control.fault("answer.close_after", on="register")
    made = cards.create(PLAIN, attempt="unknown")
    yield
    assert cards.order(made)["log"] == []
    assert cards.hint(made) == 200
    cards.portal.reach(made, attempt="declined")
    assert cards.order(made)["log"] == ["decline"]
    cards.portal.act(made, "attempts", PLAIN)
    cards.portal.reach(made, attempt="pending")


@scenario
def a_register_that_never_arrived_was_not_attempted(cards: Cards) -> Iterator[None]:
    cards.control.fault("answer.close_before", on="register")
    made = cards.create(PLAIN, attempt="unknown")
    other = cards.create(PLAIN)
    yield
    cards.hint(other, orderNumber=cards.portal.order(made))
    cards.portal.reach(made, attempt="not_attempted")


@scenario
def a_card_pays_and_is_booked_once(cards: Cards) -> Iterator[None]:
    made = cards.create(PLAIN)
    yield
    order = cards.order(made)
    assert (order["amount"], order["form"]["currency"], order["two_step"]) == (DUE, "398", False)
    assert cards.portal.pay_by_page(made).url == BACK
    paid = cards.portal.reach(made, "paid", attempt="captured")
    assert paid["attempts"][-1]["captured"] == money(DUE)
    [(cause, postings)] = cards.portal.postings(made)
    assert (cause, postings["clearing:rbs KZT"]) == ("capture", DUE)


@scenario
def an_order_ends_when_its_session_does(cards: Cards) -> Iterator[None]:
    """The bank reads expirationDate by its own clock, five hours ahead of ours."""
    made = cards.create(PLAIN)
    yield
    ends = cards.portal.payment(made)["attempts"][-1]["expires_at"]
    assert cards.order(made)["until"] == seconds(ends)
    cards.control.face("rbs", "expire", order=cards.portal.order(made))
    cards.portal.reach(made, attempt="expired")
    assert cards.booked(made) == []


@scenario
def a_refused_card_leaves_the_payment_open(cards: Cards) -> Iterator[None]:
    made = cards.create(PLAIN)
    yield
    cards.portal.pay_by_page(made, "decline")
    now = cards.portal.reach(made, attempt="declined")
    assert now["state"] == "open" and cards.booked(made) == []
    cards.portal.act(made, "attempts", PLAIN)
    cards.portal.reach(made, attempt="pending")


LIES = ("wrong_amount", "wrong_currency", "other_order", "garbage", "cut", "truncate",
        "error_after")  # fmt: skip


def lie(name: str) -> Scenario:
    def a_status_that_is_no_proof_books_nothing(cards: Cards) -> Iterator[None]:
        """Asked again, the bank tells the truth."""
        made = cards.create(PLAIN)
        yield
        number = cards.portal.order(made)
        cards.control.fault(f"answer.{name}", on="status", order=number)
        cards.portal.pay_by_page(made)
        wait_until(
            lambda: all(fault["order"] != number for fault in cards.control.faults()), 30, name
        )
        assert cards.booked(made) == []
        assert cards.hint(made) == 200
        cards.portal.reach(made, "paid")
        assert cards.booked(made) == ["capture"]

    a_status_that_is_no_proof_books_nothing.__name__ += f"_{name}"
    return a_status_that_is_no_proof_books_nothing


for each in LIES:
    scenario(lie(each))


@scenario
def another_sum_is_booked_as_what_it_is(cards: Cards) -> Iterator[None]:
    made = cards.create(PLAIN)
    yield
    cards.control.fault("pay.amount", value=-100, order=cards.portal.order(made))
    cards.portal.pay_by_page(made)
    wait_until(lambda: cards.booked(made), 30, "the short sum")
    assert cards.booked(made) == ["hold"]


# ---- callbacks ----


@scenario
def a_callback_doubled_and_replayed_books_once(cards: Cards) -> Iterator[None]:
    made = cards.create(PLAIN)
    yield
    number = cards.portal.order(made)
    cards.control.fault("callback.duplicate", value=20, order=number)
    cards.control.fault("callback.replay", value=50, order=number)
    cards.portal.pay_by_page(made)
    cards.portal.reach(made, "paid")
    wait_until(lambda: len(cards.calls(made)[0]["attempts"]) >= 20, 30, "the doubles")
    assert {attempt["status"] for attempt in cards.calls(made)[0]["attempts"]} == {200}
    assert cards.booked(made) == ["capture"]


@scenario
def a_forged_callback_is_refused(cards: Cards) -> Iterator[None]:
    made = cards.create(PLAIN)
    yield
    number = cards.portal.order(made)
    cards.control.fault("callback.bad_signature", order=number)
    cards.portal.pay_by_page(made)
    cards.portal.reach(made, "paid")
    [call] = cards.calls(made)
    assert [a["status"] for a in call["attempts"]] == [403, 200]
    assert cards.hint(made, checksum="0" * 64) == 403
    assert cards.hint(made, orderNumber="1;status;1") == 400
    assert cards.hint(made, status="2") == 400
    assert cards.hint(made, mdOrder=f"{cards.order(made)['id']};x") == 400
    assert cards.booked(made) == ["capture"]


@scenario
def a_callback_ahead_of_its_time_books_nothing(cards: Cards) -> Iterator[None]:
    """Well signed, and not true yet: the bank is asked, and then asked again."""
    made = cards.create(PLAIN)
    yield
    before = cards.order(made)["asked"]
    assert cards.hint(made, amount=str(DUE)) == 200
    wait_until(lambda: cards.order(made)["asked"] > before, 30, "the question")
    assert cards.hint(made, operation="declinedByTimeout") == 200
    assert (cards.portal.payment(made)["state"], cards.booked(made)) == ("open", [])
    cards.control.face("rbs", "challenge", order=cards.portal.order(made))
    cards.portal.pay_by_page(made)
    cards.portal.reach(made, "paid")
    assert cards.booked(made) == ["capture"]


# ---- in two steps ----


@scenario
def a_hold_is_taken_and_of_more_only_the_due(cards: Cards) -> Iterator[None]:
    made = cards.create(TWO_STEP)
    yield
    cards.control.fault("pay.amount", value=100, order=cards.portal.order(made))
    cards.portal.pay_by_page(made)
    cards.portal.reach(made, "paid", attempt="captured")
    order = cards.order(made)
    assert (order["log"], order["approved"]) == (["approve", "deposit"], DUE + 100)
    assert order["deposited"] == DUE
    assert cards.booked(made) == ["capture"]


@scenario
def a_hold_of_less_is_given_up(cards: Cards) -> Iterator[None]:
    made = cards.create(TWO_STEP)
    yield
    cards.control.fault("pay.amount", value=-100, order=cards.portal.order(made))
    cards.portal.pay_by_page(made)
    now = cards.portal.reach(made, attempt="released")
    assert (now["state"], cards.booked(made)) == ("open", [])
    assert cards.order(made)["log"] == ["approve", "reverse"]


@scenario
def a_hold_that_is_not_wanted_any_more_is_given_up(cards: Cards) -> Iterator[None]:
    made = cards.create(TWO_STEP)
    yield
    cards.control.cash(made["code"], DUE)
    cards.portal.reach(made, "paid")
    cards.control.face("rbs", "pay", order=cards.portal.order(made))
    cards.portal.reach(made, attempt="released")
    assert cards.order(made)["log"] == ["approve", "reverse"]


def lost(fault: str) -> Scenario:
    def a_deposit_whose_answer_was_lost_is_found(cards: Cards) -> Iterator[None]:
        """Taken or not: the order's state says it, and nothing is taken twice."""
        made = cards.create(TWO_STEP)
        yield
        number = cards.portal.order(made)
        cards.control.fault(f"answer.{fault}", on="capture", order=number)
        cards.portal.pay_by_page(made)
        cards.portal.reach(made, attempt="unknown")
        cards.hint(made)
        cards.portal.reach(made, "paid", attempt="captured")
        assert cards.order(made)["log"] == ["approve", "deposit"]
        assert cards.booked(made) == ["capture"]

    a_deposit_whose_answer_was_lost_is_found.__name__ += f"_{fault}"
    return a_deposit_whose_answer_was_lost_is_found


for each in ("close_before", "close_after"):
    scenario(lost(each))


# ---- and what came of them ----


@pytest.mark.parametrize("name", SCENARIOS)
def test_cards(outcomes: dict[str, Future[None]], name: str) -> None:
    outcomes[name].result()
