# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end: quote by law, pay at a bank, book, prove."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from bank.payer import Payer
from client import Client
from daemon import Alym, wait_until

QUOTE = {"service": "visa.multiple", "action": "issue", "applicant": {"nationality": "IN"}}


def create(client: Client, reference: str, **more: Any) -> dict[str, Any]:
    if "gateway" in more:
        more.setdefault("return_url", "https://localhost/thanks")
    answer = client.post("/v1/payments", {"reference": reference, "quote": QUOTE, **more})
    assert answer.status == 201, answer.json
    return answer.json


def payment(client: Client, number: str) -> dict[str, Any]:
    answer = client.get(f"/v1/payments/{number}")
    assert answer.status == 200, answer.json
    return answer.json


def reach(client: Client, number: str, state: str, timeout_s: float = 30) -> dict[str, Any]:
    """The payment once it is in that state."""

    def reached() -> Any:
        found = payment(client, number)
        return found if found["state"] == state else None

    return wait_until(reached, timeout_s, f"payment {number} to be {state}")


def order_of(alym: Alym, client: Client, number: str) -> str:
    """The order's number at the bank, once the bank has it."""
    order = payment(client, number)["attempts"][-1]["order"]
    wait_until(lambda: any(o["order"] == order for o in alym.bank.control.orders()), 30, "the order")
    return order


def balances(client: Client) -> dict[str, int]:
    """KZT by account, as each account's own side counts."""
    items = client.get("/v1/ledger/balances").json["items"]
    return {i["account"]: i["balance"]["amount"] for i in items if i["balance"]["currency"] == "KZT"}


def entries(client: Client) -> list[dict[str, Any]]:
    return client.get("/v1/ledger/entries").json["items"]


def taken(alym: Alym) -> int:
    return alym.bank.control.money().get("KZT", {}).get("total", 0)


def test_a_duty_goes_from_law_to_ledger(alym: Alym) -> None:
    with alym.client() as client:
        quote = client.post("/v1/quotes", QUOTE, key="").json
        assert quote["due"]["amount"] > 0
        made = create(client, "VMP-1", gateway="sandbox", expect=quote["due"])
        assert (made["state"], made["due"]) == ("open", quote["due"])

        order_of(alym, client, made["id"])
        visit = Payer(alym.ca).pay(made["pay_url"])
        assert visit.status == 303
        paid = reach(client, made["id"], "paid")
        assert paid["paid"] == quote["due"]

        booked = entries(client)
        assert len(booked) == 1
        amounts = [p["amount"]["amount"] for p in booked[0]["postings"]]
        assert sum(amounts) == 0 and max(amounts) == quote["due"]["amount"]
        assert abs(balances(client)["clearing:sandbox"]) == taken(alym) == quote["due"]["amount"]

        events = client.get("/v1/events").json["items"]
        assert [event["id"].rsplit("-", 1)[-1] for event in events] == [
            str(n) for n in range(1, len(events) + 1)
        ]
        assert events[-1]["type"].endswith("payment.paid")
    assert "holds" in alym.alymctl("proof", str(booked[0]["record"])).stdout


def test_a_declined_payment_stays_open(alym: Alym) -> None:
    with alym.client() as client:
        made = create(client, "VMP-1", gateway="sandbox")
        order_of(alym, client, made["id"])
        Payer(alym.ca).pay(made["pay_url"], "decline")
        wait_until(
            lambda: payment(client, made["id"])["attempts"][-1]["state"] == "declined", 30, "the no"
        )
        assert payment(client, made["id"])["state"] == "open"
        assert entries(client) == []


def test_a_code_is_paid_at_a_cash_desk(alym: Alym) -> None:
    with alym.client() as client:
        made = create(client, "VMP-1")
        due = made["due"]
        asked = alym.bank.control.check(made["code"])
        assert asked["answer"] == {"payable": True, "due": due, "service": "visa.multiple"}
        short = alym.bank.control.cash(made["code"], due["amount"] - 100, refusable=True)
        assert short["callback"]["answer"]["reason"] == "wrong_amount"
        done = alym.bank.control.cash(made["code"], due["amount"], refusable=True)
        assert done["callback"]["state"] == "delivered"
        assert reach(client, made["id"], "paid")["paid"] == due
        assert alym.bank.control.check(made["code"])["answer"]["reason"] == "paid"
        assert abs(balances(client)["clearing:sandbox"]) == taken(alym) == due["amount"]


MISBEHAVIOUR = [
    ("answer.timeout_after", {"on": "register", "value": 60000}),
    ("answer.close_after", {"on": "register"}),
    ("answer.error_after", {"on": "register"}),
    ("answer.bad_signature", {"on": "register"}),
    ("callback.silence", {}),
    ("callback.duplicate", {"value": 5}),
    ("callback.bad_signature", {}),
    ("callback.unsigned", {}),
    ("callback.stale", {}),
    ("callback.garbage", {}),
    ("callback.cut", {}),
    ("callback.truncate", {}),
    ("callback.oversized", {}),
    ("callback.other_merchant", {}),
    ("callback.hang_up", {}),
    ("callback.hint", {}),
    ("callback.contradict", {}),
    ("callback.replay", {}),
]
FOUND_OUT_LATER = {  # only the janitor's question tells, a minute or more later
    "callback.silence",
    "answer.timeout_after",
    "answer.close_after",
    "answer.error_after",
    "answer.bad_signature",
}


@pytest.mark.parametrize("name, how", MISBEHAVIOUR, ids=[name for name, _ in MISBEHAVIOUR])
def test_whatever_the_bank_does_money_is_booked_once(
    make_alym: Callable[..., Alym], name: str, how: dict[str, Any]
) -> None:
    alym = make_alym({"gateway sandbox": {"timeout_ms": 1000}})
    alym.open()
    control = alym.bank.control
    control.mode(retry={"first_ms": 50, "max_ms": 500})
    with alym.client() as client:
        control.fault(name, **how)
        made = create(client, "VMP-1", gateway="sandbox")
        order = order_of(alym, client, made["id"])
        control.pay(order)
        if name not in FOUND_OUT_LATER:
            reach(client, made["id"], "paid")
        assert control.idle()
        if name == "callback.silence":
            control.again(control.callbacks(order)[0]["id"])
        paid = reach(client, made["id"], "paid")
        assert control.idle()
        assert len(entries(client)) == 1
        assert abs(balances(client)["clearing:sandbox"]) == taken(alym) == paid["due"]["amount"]


def test_short_and_double_money_is_never_lost(alym: Alym) -> None:
    control = alym.bank.control
    with alym.client() as client:
        short = create(client, "SHORT", gateway="sandbox")
        double = create(client, "DOUBLE", gateway="sandbox")
        control.fault("pay.amount", value=-100, order=order_of(alym, client, short["id"]))
        control.fault("pay.twice", order=order_of(alym, client, double["id"]))
        for made in (short, double):
            control.pay(order_of(alym, client, made["id"]))
        assert control.idle()
        reach(client, double["id"], "paid")
        reach(client, short["id"], "partly_paid")
        sums = balances(client)
        due = short["due"]["amount"]
        assert abs(sums["clearing:sandbox"]) == taken(alym) == 3 * due - 100
        assert abs(sums["suspense:sandbox"]) == 2 * due - 100


def test_nothing_acknowledged_is_lost_by_a_kill(alym: Alym) -> None:
    with alym.client() as client:
        made = create(client, "VMP-1", gateway="sandbox")
        order = order_of(alym, client, made["id"])
    alym.kill()
    alym.bank.control.pay(order)  # the bank now calls in vain, again and again
    alym.begin()
    with alym.client() as client:
        reach(client, made["id"], "paid")
        assert alym.bank.control.idle()
        assert len(entries(client)) == 1
        again = client.post("/v1/payments", {"reference": "VMP-1", "quote": QUOTE})
        assert (again.status, again.json["code"]) == (409, "reference_taken")


def test_the_same_key_gets_the_same_answer(alym: Alym) -> None:
    body = {"reference": "VMP-1", "quote": QUOTE}
    with alym.client() as client:
        first = client.post("/v1/payments", body, key="k-1")
        alym_again = client.post("/v1/payments", body, key="k-1")
        assert (first.status, alym_again.status) == (201, 201)
        assert alym_again.json == first.json
        assert alym_again.headers["Idempotency-Replayed"] == "true"
        other = client.post("/v1/payments", {**body, "reference": "VMP-2"}, key="k-1")
        assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")
        missing = client.post("/v1/payments", body, key="")
        assert (missing.status, missing.json["code"]) == (400, "idempotency_key_missing")
