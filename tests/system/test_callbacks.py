# SPDX-License-Identifier: Apache-2.0
"""What banks say, however they say it: late, twice, backwards, in contradiction, not at all; and
what others say in their name."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import pytest

from auditor import Book
from bank.control import Control
from bank.payer import Payer
from daemon import MERCHANT, Alym, wait_until
from portal import AT_A_BANK, Payment, Portal, money

DUE = 216250
FIRST_QUESTION_S = 60  # after so long the daemon asks by itself
TIMEOUT_MS = 1000


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    audited.bank.control.mode(
        callback_url=audited.callback_url, retry={"first_ms": 50, "max_ms": 500}
    )
    with Portal(audited) as opened:
        yield opened
        assert audited.bank.control.idle()
        total = audited.bank.control.money().get("KZT", {"total": 0})["total"]
        assert opened.balance("clearing:sandbox") == total


def control_of(portal: Portal) -> Control:
    return portal.alym.bank.control


def said_of(portal: Portal, order: str) -> list[dict[str, Any]]:
    """All that was answered to the callbacks about an order."""
    return [
        attempt["answer"]
        for callback in control_of(portal).callbacks(order)
        for attempt in callback["attempts"]
        if not attempt["problem"]
    ]


def paid_message(order: str, **changes: Any) -> dict[str, Any]:
    message = {
        "kind": "payment", "merchant": MERCHANT, "order": order, "status": "paid",
        "amount": DUE, "currency": "KZT", "operation": "forged-1",
        "paid_at": "2026-11-22T00:00:00Z",
    }  # fmt: skip
    return {**message, **changes}


# ---- honest words ----


def test_a_payer_declines(portal: Portal) -> None:
    made = portal.create_at_bank()
    portal.pay_by_page(made, "decline")
    now = portal.reach(made, attempt="declined")
    assert (now["state"], now["pay_url"], now["flags"]) == ("open", None, [])
    assert portal.event_types(made)[-1] == "attempt.declined"
    assert portal.entries() == []


def test_an_order_expires(portal: Portal) -> None:
    made = portal.create_at_bank()
    control_of(portal).expire(portal.order(made))
    assert portal.reach(made, attempt="expired")["state"] == "open"


def test_twenty_copies_are_one_payment(portal: Portal) -> None:
    made = portal.create_at_bank()
    order = portal.order(made)
    control_of(portal).fault("callback.duplicate", value=20)
    control_of(portal).pay(order)
    portal.reach(made, "paid")
    assert control_of(portal).idle()
    answers = said_of(portal, order)
    record = portal.entries()[0]["record"]
    assert answers == 20 * [{"accepted": True, "record": str(record)}]
    assert len(portal.entries()) == 1
    assert portal.event_types(made).count("payment.paid") == 1


def test_a_copy_years_later_gets_the_same_answer(portal: Portal) -> None:
    """Also when the daemon was restarted, and when the bank signs anew."""
    made = portal.create_at_bank()
    order = portal.order(made)
    control_of(portal).pay(order)
    portal.reach(made, "paid")
    number = control_of(portal).callbacks(order)[0]["id"]
    for change in (lambda: None, portal.alym.restart):
        change()
        portal.client.close()
        control_of(portal).again(number)
        control_of(portal).replay(number)
        assert control_of(portal).idle()
    answers = said_of(portal, order)
    assert len(answers) == 5 and all(answer == answers[0] for answer in answers)


# ---- in the wrong order ----


def test_paid_then_declined_is_paid(portal: Portal) -> None:
    made = portal.create_at_bank()
    order = portal.order(made)
    control_of(portal).fault("callback.contradict")
    control_of(portal).pay(order)
    portal.reach(made, "paid")
    assert control_of(portal).idle()
    assert len(control_of(portal).callbacks(order)) == 2
    assert portal.payment(made)["attempts"][0]["state"] == "captured"
    assert said_of(portal, order)[1] == {"accepted": True}


def test_declined_then_paid_is_paid(portal: Portal) -> None:
    """Told backwards: first that it failed, then that it had been paid before."""
    made = portal.create_at_bank()
    order = portal.order(made)
    control = control_of(portal)
    declined = {k: v for k, v in paid_message(order).items() if k not in ("operation", "paid_at")}
    assert control.send(body={**declined, "status": "declined"})["answer"] == {"accepted": True}
    portal.reach(made, attempt="declined")
    control.pay(order)
    portal.reach(made, "paid", attempt="captured")
    assert len(portal.entries()) == 1


def test_callbacks_of_many_orders_come_backwards(portal: Portal) -> None:
    control = control_of(portal)
    control.mode(hold=True)
    made = [portal.create_at_bank() for _ in range(8)]
    for payment in made[:6]:
        control.pay(portal.order(payment))
    for payment in made[6:]:
        control.decline(portal.order(payment))
    control.mode(hold=False)
    assert control.release("reverse") == 8
    for payment in made[:6]:
        portal.reach(payment, "paid")
    for payment in made[6:]:
        portal.reach(payment, attempt="declined")
    assert len(portal.entries()) == 6


def test_the_callback_comes_before_the_answer(portal: Portal) -> None:
    """Paid while the registration is still being answered."""
    control = control_of(portal)
    control.fault("answer.delay", on="register", value=600)
    made = portal.create(**AT_A_BANK)
    order = portal.order(made)
    wait_until(lambda: any(o["order"] == order for o in control.orders()), 30, "the order")
    control.pay(order)
    portal.reach(made, "paid", attempt="captured")
    wait_until(lambda: portal.metric("alym_under_way") == 0, 30, "quiet")
    assert portal.payment(made)["attempts"][0]["state"] == "captured"
    assert len(portal.entries()) == 1


def test_a_bank_in_a_hurry_is_slowed_down_and_loses_nothing(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"gateway sandbox": {"calls_per_second": 2}})
    alym.open()
    alym.bank.control.mode(
        callback_url=alym.callback_url, retry={"first_ms": 50, "max_ms": 500}
    )
    with Portal(alym) as portal:
        made = [portal.create_at_bank() for _ in range(8)]
        for payment in made:
            control_of(portal).pay(portal.order(payment))
        for payment in made:
            portal.reach(payment, "paid")
        assert control_of(portal).idle()
        callbacks = control_of(portal).callbacks()
        said = [attempt["status"] for callback in callbacks for attempt in callback["attempts"]]
        assert set(said) == {200, 429} and said.count(200) == len(made)
        assert portal.metric("alym_https_limited_total") == said.count(429)
        assert len(portal.entries()) == len(made)
        assert portal.balance("clearing:sandbox") == len(made) * DUE
    assert alym.said().count("event=https.limited whose=gateway peer=127.0.0.1 calls=1\n") == 1


# ---- what is not the bank's ----

STRANGERS: list[tuple[str, dict[str, Any], int, str]] = [
    ("a bad signature", {"sign": "bad"}, 401, "signature"),
    ("no signature", {"sign": "none"}, 401, "signature"),
    ("another secret", {"secret": "0123456789abcdef"}, 401, "signature"),
    ("an old signature", {"age_s": 301}, 401, "stale"),
    ("a signature of tomorrow", {"age_s": -400}, 401, "stale"),
    ("another merchant", {"merchant": "stranger"}, 403, "merchant"),
    ("no merchant", {"merchant": None}, 400, "malformed"),
    ("a member too much", {"colour": "red"}, 400, "malformed"),
    ("no operation", {"operation": None}, 400, "malformed"),
    ("order and code", {"code": "123456789012"}, 400, "malformed"),
    ("no amount", {"amount": None}, 400, "malformed"),
    ("nothing", {"amount": 0}, 400, "malformed"),
    ("a debt", {"amount": -DUE}, 400, "malformed"),
    ("half a tiyn", {"amount": DUE + 0.5}, 400, "malformed"),
    ("text for a number", {"amount": str(DUE)}, 400, "malformed"),
    ("all money there is", {"amount": 1 << 53}, 400, "malformed"),
    ("unheard-of money", {"currency": "XXX"}, 400, "malformed"),
    ("no time", {"paid_at": "yesterday"}, 400, "malformed"),
    ("no status", {"status": "maybe"}, 400, "malformed"),
    ("no kind", {"kind": "gift"}, 400, "malformed"),
]


@pytest.mark.parametrize(
    "how, status, reason", [s[1:] for s in STRANGERS], ids=[s[0] for s in STRANGERS]
)
def test_what_is_not_the_banks_word_moves_nothing(
    strangers_alym: tuple[Portal, Payment], how: dict[str, Any], status: int, reason: str
) -> None:
    portal, made = strangers_alym
    control = control_of(portal)
    envelope = {k: v for k, v in how.items() if k in ("sign", "secret", "age_s")}
    content = {k: v for k, v in how.items() if k not in envelope}
    body = {k: v for k, v in paid_message(portal.order(made), **content).items() if v is not None}
    said = control.send(body=body, **envelope)
    assert (said["status"], said["answer"]) == (status, {"accepted": False, "reason": reason})
    is_signed = said["problem"] is None
    assert is_signed == (reason != "signature")  # strangers get no signature of ours
    assert portal.entries() == []
    assert portal.payment(made)["attempts"][0]["state"] == "pending"


@pytest.fixture(scope="module")
def strangers_alym(
    tmp_path_factory: pytest.TempPathFactory, certificates: Path
) -> Iterator[tuple[Portal, Payment]]:
    alym = Alym(tmp_path_factory.mktemp("strangers"), certificates)
    try:
        alym.open()
        with Portal(alym) as portal:
            yield portal, portal.create_at_bank()
    finally:
        alym.close()


@pytest.mark.parametrize(
    "what",
    [
        {"text": ""},
        {"text": "{"},
        {"text": "[]"},
        {"text": "null"},
        {"text": '{"kind":"hint","kind":"hint","merchant":"demo","order":"12345678"}'},
        {"text": '{"kind":"hint","merchant":"demo","order":"12345678"} x'},
        {"text": '{"kind":"hint","merchant":"demo","order":"1234\\u00005678"}'},
        {"text": '{"a":' * 5000},
        {"base64": "//79/A=="},
    ],
)
def test_noise_with_a_good_signature_is_malformed(
    strangers_alym: tuple[Portal, Payment], what: dict[str, str]
) -> None:
    said = control_of(strangers_alym[0]).send(**what)
    assert (said["status"], said["answer"]["reason"]) == (400, "malformed")


def test_an_address_that_is_none(strangers_alym: tuple[Portal, Payment]) -> None:
    portal, made = strangers_alym
    control, url = control_of(portal), portal.alym.url
    body = paid_message(portal.order(made))
    for path, status in (("/callbacks/nobody", 404), ("/callbacks/", 404), ("/callbacks", 404)):
        assert control.send(body=body, url=url + path)["status"] == status, path
    assert control.send(body=body, method="PUT")["status"] in (400, 405)
    assert portal.entries() == []


def test_what_is_kept_of_strangers(strangers_alym: tuple[Portal, Payment]) -> None:
    """Raw messages are kept before they are judged; what nothing proved does not enter the book."""
    portal, _ = strangers_alym
    assert portal.metric("alym_inbox_messages") >= len(STRANGERS)
    assert portal.get("/v1/ledger/accounts")["items"] == []


def test_old_bytes_once_more_change_nothing(portal: Portal) -> None:
    """A message that was overheard can be repeated, but says nothing new."""
    made = portal.create_at_bank()
    order = portal.order(made)
    control_of(portal).pay(order)
    portal.reach(made, "paid")
    for _ in range(5):
        control_of(portal).replay(control_of(portal).callbacks(order)[0]["id"])
    assert len(portal.entries()) == 1


def test_an_operation_is_of_one_sum(portal: Portal) -> None:
    """Its number once more with other money is no repetition, and nobody says that it is booked."""
    control = control_of(portal)
    made = portal.create_at_bank()
    order = portal.order(made)
    operation = control.pay(order)["operation"]
    portal.reach(made, "paid")
    assert control.idle()
    for changes in ({"amount": DUE - 1}, {"currency": "USD"}):
        body = paid_message(order, operation=operation, **changes)
        said = control.send(body=body)
        assert (said["status"], said["answer"]) == (503, {"accepted": False, "reason": "busy"})
    assert portal.alym.said().count("event=gateway.money_not_booked") == 2
    assert len(portal.entries()) == 1


def test_a_signed_word_about_an_unknown_order(portal: Portal) -> None:
    control = control_of(portal)
    hint = {"kind": "hint", "merchant": MERCHANT, "order": "99999999"}
    assert control.send(body=hint)["answer"] == {"accepted": False, "reason": "unknown"}
    declined = {k: v for k, v in paid_message("99999999").items() if k[-3:] not in ("ion", "_at")}
    said = control.send(body={**declined, "status": "declined"})
    assert said["answer"] == {"accepted": False, "reason": "unknown"}
    assert portal.entries() == []
    # Money is another matter: what was taken is never dropped.
    control.cash("999999999999", DUE)
    assert portal.balance("suspense:sandbox") == -DUE


def test_networks_that_may_not_call(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"gateway sandbox": {"allow": "10.0.0.0/8, 2001:db8::/32"}})
    alym.open()
    with Portal(alym) as portal:
        made = portal.create_at_bank()
        order = portal.order(made)
        said = alym.bank.control.send(body=paid_message(order))
        assert said["status"] == 403
        assert portal.entries() == []


# ---- hints and questions ----


def test_a_hint_makes_the_daemon_ask_now(portal: Portal) -> None:
    control = control_of(portal)
    made = portal.create_at_bank()
    order = portal.order(made)
    control.fault("callback.silence", order=order)
    control.pay(order)
    assert portal.payment(made)["attempts"][0]["state"] == "pending"
    control.send(body={"kind": "hint", "merchant": MERCHANT, "order": order})
    portal.reach(made, "paid")
    entry = portal.entries()[0]
    assert entry["operation"] == control.operations()[0]["operation"]
    # The callback comes after all: it is known.
    control.again(control.callbacks(order)[0]["id"])
    assert control.idle()
    assert said_of(portal, order)[-1] == {"accepted": True, "record": str(entry["record"])}
    assert len(portal.entries()) == 1


def test_a_swarm_of_hints_is_one_question_or_two(portal: Portal) -> None:
    made = portal.create_at_bank()
    order = portal.order(made)
    before = portal.metric("alym_exchanges_total")
    hint = {"kind": "hint", "merchant": MERCHANT, "order": order}
    threads = [
        threading.Thread(target=control_of(portal).send, kwargs={"body": hint}) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: portal.metric("alym_exchanges_total") > before, 30, "a question")
    wait_until(lambda: portal.metric("alym_under_way") == 0, 30, "quiet")
    assert portal.metric("alym_exchanges_total") - before <= 2


LIES = [
    "answer.garbage",
    "answer.cut",
    "answer.truncate",
    "answer.oversized",
    "answer.bad_signature",
    "answer.unsigned",
    "answer.stale",
    "answer.other_order",
    "answer.close_after",
    "answer.error_before",
]


def test_an_answer_that_can_not_be_believed_says_nothing(portal: Portal) -> None:
    control = control_of(portal)
    made = {lie: portal.create_at_bank() for lie in LIES}
    for lie, payment in made.items():
        order = portal.order(payment)
        # always: a question that met a closed connection goes out again on another
        control.fault(lie, order=order, on="status", times=None)
        control.fault("callback.silence", order=order)
        control.pay(order)
        control.send(body={"kind": "hint", "merchant": MERCHANT, "order": order})
    wait_until(
        lambda: portal.alym.said().count("verdict=unknown") >= len(LIES), 60, "all the answers"
    )
    for lie, payment in made.items():
        now = portal.payment(payment)
        assert (now["state"], now["attempts"][0]["state"]) == ("open", "pending"), lie
    assert portal.entries() == []
    control.clear_faults()
    for payment in made.values():  # asked again, the bank tells the truth
        order = portal.order(payment)
        control.send(body={"kind": "hint", "merchant": MERCHANT, "order": order})
    for payment in made.values():
        portal.reach(payment, "paid")
    assert len(portal.entries()) == len(LIES)


# ---- money that is held first ----


def test_held_money_is_captured(portal: Portal) -> None:
    control_of(portal).mode(two_stage=True)
    made = portal.create_at_bank()
    portal.pay_by_page(made)
    portal.reach(made, "paid", attempt="captured")
    assert [o["kind"] for o in control_of(portal).operations()] == ["hold", "capture"]
    assert portal.event_types(made)[1:] == [
        "attempt.pending",
        "attempt.authorized",
        "payment.paid",
    ]


def test_held_money_that_is_not_wanted_any_more_is_released(portal: Portal) -> None:
    control = control_of(portal)
    control.mode(two_stage=True)
    made = portal.create_at_bank()
    control.cash(made["code"], DUE)
    portal.reach(made, "paid")
    portal.alym.bank.control.pay(portal.order(made))
    portal.reach(made, attempt="released")
    assert [o["kind"] for o in control.operations()] == ["code", "hold", "release"]
    assert control.money()["KZT"]["held"] == 0
    assert len(portal.entries()) == 1


def test_a_capture_may_be_declined(portal: Portal) -> None:
    control = control_of(portal)
    control.mode(two_stage=True)
    control.fault("answer.declined", on="capture")
    refused = portal.create_at_bank()
    portal.pay_by_page(refused)
    portal.reach(refused, attempt="released")
    assert portal.entries() == []
    assert control.money()["KZT"]["held"] == 0


@pytest.mark.parametrize(("fault", "value"), [("pay.amount", -100), ("pay.currency", "USD")])
def test_a_hold_that_does_not_fit_is_given_up(portal: Portal, fault: str, value: Any) -> None:
    """Nothing was taken yet, so a wrong sum can still be refused: it is, and the payer is free."""
    control = control_of(portal)
    control.mode(two_stage=True)
    control.fault(fault, value=value)
    made = portal.create_at_bank()
    portal.pay_by_page(made)
    now = portal.reach(made, attempt="released")
    assert now["state"] == "open" and portal.entries() == []
    assert [o["kind"] for o in control.operations()] == ["hold", "capture", "release"]
    assert all(money["held"] == 0 for money in control.money().values())
    portal.act(made, "attempts", AT_A_BANK)
    portal.reach(made, attempt="pending")
    portal.pay_by_page(made)
    portal.reach(made, "paid")


def test_of_a_hold_of_more_only_the_due_is_captured(portal: Portal) -> None:
    control = control_of(portal)
    control.mode(two_stage=True)
    control.fault("pay.amount", value=100)
    made = portal.create_at_bank()
    portal.pay_by_page(made)
    portal.reach(made, "paid")
    assert portal.balance("suspense:sandbox") == 0
    money = control.money()["KZT"]
    assert (money["held"], money["taken"]) == (0, DUE)


# ---- a bank that is silent or gone ----


def test_a_bank_that_is_gone_was_not_asked(portal: Portal) -> None:
    portal.alym.bank.kill()
    made = portal.create(**AT_A_BANK)
    now = portal.reach(made, attempt="not_attempted")
    assert (now["state"], now["pay_url"], now["flags"]) == ("open", None, [])
    portal.alym.bank.open(portal.alym.callback_url)
    portal.act(made, "attempts", AT_A_BANK)
    portal.reach(made, attempt="pending")
    portal.pay_by_page(made)
    portal.reach(made, "paid")


class Waiting(NamedTuple):
    """Payments whose fate only the daemon's own question can find out, a minute later."""

    portal: Portal
    silent: Payment  # paid, and nobody tells
    refused: Payment  # declined, and nobody tells
    before: Payment  # the order never reached the bank, the daemon can not know
    after: Payment  # it did, and was paid, and nobody tells
    page: Payment  # it did; the payer still waits for the page


@pytest.fixture(scope="module", autouse=True)
def waiting(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Waiting]:
    """Begins before the first test here, so that the minute goes by while the others run."""
    settings = {"gateway sandbox": {"timeout_ms": TIMEOUT_MS}}
    alym = Alym(tmp_path_factory.mktemp("waiting"), certificates, settings)
    try:
        alym.open()
        with Portal(alym) as portal:
            control = alym.bank.control
            control.fault("callback.silence", times=None)
            silent, refused = portal.create_at_bank(), portal.create_at_bank()
            control.pay(portal.order(silent))
            control.decline(portal.order(refused))
            fates = []
            for fault in ("answer.timeout_before", "answer.timeout_after", "answer.close_after"):
                control.fault(fault, on="register", value=2 * TIMEOUT_MS)
                fates.append(portal.create(**AT_A_BANK))
                portal.reach(fates[-1], attempt="unknown")
            control.pay(portal.order(fates[1]))
            yield Waiting(portal, silent, refused, *fates)
    finally:
        alym.close()


def test_what_is_unknown_blocks_another_attempt(waiting: Waiting) -> None:
    """Money may have moved: nothing else is tried, and the payment says so."""
    portal = waiting.portal
    for made in (waiting.before, waiting.after, waiting.page):
        now = portal.payment(made)
        if now["attempts"][0]["state"] != "unknown":
            continue  # on a slow machine the minute is over already
        assert (now["state"], now["flags"]) == ("open", ["unknown"])
        for what, body in (("attempts", AT_A_BANK), ("cancel", {})):
            path = f"/v1/payments/{made['id']}/{what}"
            problem = portal.refused(409, "attempt_live", "POST", path, body)
            assert problem["attempt"] == now["attempts"][0]["id"]


def test_after_a_minute_the_daemon_asks(waiting: Waiting) -> None:
    """The last test here: all that could be found out by then has been."""
    portal, patience_s = waiting.portal, FIRST_QUESTION_S + 60
    assert portal.reach(waiting.silent, "paid", timeout_s=patience_s)["paid"] == money(DUE)
    assert portal.reach(waiting.refused, attempt="declined", timeout_s=patience_s)["flags"] == []
    missed = portal.reach(waiting.before, attempt="not_attempted", timeout_s=patience_s)
    assert (missed["state"], missed["flags"]) == ("open", [])
    assert portal.reach(waiting.after, "paid", timeout_s=patience_s)["flags"] == []
    portal.reach(waiting.page, attempt="pending", timeout_s=patience_s)
    control = control_of(portal)
    control.clear_faults()
    assert Payer(portal.alym.ca).pay(portal.payment(waiting.page)["pay_url"]).status == 303
    portal.reach(waiting.page, "paid")
    assert len(portal.entries()) == 3
    assert portal.balance("clearing:sandbox") == control.money()["KZT"]["total"] == 3 * DUE
    portal.act(waiting.before, "attempts", AT_A_BANK)
    portal.client.close()
    portal.alym.stop_cleanly()
    with Book(portal.alym.folder / "state/book.db") as book:
        book.audit()
        evidence = [row[0] for row in book.rows("SELECT data FROM evidence ORDER BY record")]
    assert len(evidence) == 5  # what was asked for proves it as well as what was told
    assert sum(b'"status":"paid"' in proof for proof in evidence) == 3
