# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, under load: nothing that was acknowledged is lost, nothing is booked
twice, and the book, the bank and the services agree in the end.

ALYM_KILLS is how often (200), ALYM_SEED what happens; the moments are the machine's.  A killed
process leaves the page cache behind: what a power failure does is tests/sim's business.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import time
from collections import Counter
from pathlib import Path
from signal import SIGHUP
from typing import Any, Callable

import pytest

from auditor import ATTEMPT_FINAL, ATTEMPT_STATES, Book
from client import Client
from crowd import Crowd
from daemon import MERCHANT, Alym, wait_until
from law import copy_law

KILLS = int(os.environ.get("ALYM_KILLS", "200"))
SEED = int(os.environ.get("ALYM_SEED") or secrets.randbelow(1 << 32))
ROUNDS = 4  # books that are begun anew
SERVICES = 4
ALIVE_S = 0.9  # at most
YOUNG = 0.15  # share of the kills that hit a daemon that just starts
YOUNG_S = 0.12
NEW_LAW = 0.1  # share of the kills that come while a new tariff is taken over
QUIET_S = 50.0  # less than the minute after which all is asked about anyhow

# Shares of the orders or callbacks that go wrong; tests/bank/README.md.
MISBEHAVIOUR = {
    "pay.amount": 0.08,
    "pay.currency": 0.03,
    "pay.twice": 0.05,
    "pay.authorize": 0.10,
    "callback.duplicate": 0.15,
    "callback.delay": 0.15,
    "callback.hint": 0.05,
    "callback.contradict": 0.05,
    "callback.replay": 0.05,
    "callback.hang_up": 0.05,
    "callback.bad_signature": 0.03,
    "answer.close_before": 0.03,
    "answer.close_after": 0.05,
}
TAKING = ("payment", "capture", "code")  # the bank's operations that move a payer's money to us
VALUES = {"callback.delay": 150, "callback.replay": 50}


def misbehave(alym: Alym, seed: int) -> None:
    control = alym.bank.control
    control.mode(
        seed=seed,
        auto_pay=True,
        auto_pay_delay_ms=50,
        auto_pay_declines=0.1,
        retry={"first_ms": 30, "max_ms": 300, "attempts": 1000},
        callback_url=alym.callback_url,
    )
    for name, share in MISBEHAVIOUR.items():
        value = {"value": VALUES[name]} if name in VALUES else {}
        control.fault(name, times=None, probability=share, **value)


def kill_again_and_again(alym: Alym, law: Law, dice: random.Random, times: int) -> None:
    for _ in range(times):
        young = dice.random() < YOUNG
        time.sleep(dice.uniform(0, YOUNG_S if young else ALIVE_S))
        assert alym.running, f"alymd ended by itself:\n{alym.said()[-5000:]}"
        if not young and dice.random() < NEW_LAW:
            law.turn()
            alym.signal(SIGHUP)
            time.sleep(dice.uniform(0, YOUNG_S))
        alym.kill()
        alym.begin(wait=False)
    alym.wait_ready()


class Law:
    """A tariff with a note that comes and goes, so that it is one set of bytes or the other."""

    def __init__(self, folder: Path) -> None:
        copy_law(folder)
        self._path = folder / "mrp.xml"
        self._other = self._path.read_text()
        self._now = self._other.replace("<tariff>", "<!-- turned --><tariff>")
        self.turn()

    def turn(self) -> None:
        """At once, as an operator should: who starts meanwhile reads the one or the other."""
        self._now, self._other = self._other, self._now
        draft = self._path.with_suffix(".draft")
        draft.write_text(self._now)
        draft.replace(self._path)


def every(client: Client, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"{path}?limit=500{cursor}").json
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


def every_event(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = client.get(f"/v1/events?after={len(items)}&limit=500").json["items"]
        if not page:
            return items
        items += page


def fall_quiet(alym: Alym) -> None:
    control = alym.bank.control
    deadline = time.monotonic() + QUIET_S
    while not control.idle(5):
        waiting = [c for c in control.callbacks() if c["state"] == "waiting"]
        assert time.monotonic() < deadline, f"{control.summary()}: {waiting[:5]}"


def settle(alym: Alym) -> None:
    """The bank falls quiet; every attempt becomes final, when it is hinted at if not before."""
    control = alym.bank.control
    control.clear_faults()
    fall_quiet(alym)
    final = ATTEMPT_STATES[ATTEMPT_FINAL:]

    def unsettled(*states: str) -> list[str]:
        with alym.client() as client:
            payments = every(client, "/v1/payments")
        attempts = [attempt for payment in payments for attempt in payment["attempts"]]
        return [
            a["order"]
            for a in attempts
            if (a["state"] in states if states else a["state"] not in final)
        ]

    # What waits in the outbox, and what was perhaps sent, the daemon takes up by itself at once.
    wait_until(lambda: not unsettled("created", "sent"), QUIET_S, "the outbox to be empty")
    for order in unsettled():
        said = control.send(body={"kind": "hint", "merchant": MERCHANT, "order": order})
        assert said["answer"] == {"accepted": True}, said
    wait_until(lambda: not unsettled(), QUIET_S, "attempts to become final")
    fall_quiet(alym)


def check_services(crowd: Crowd, client: Client) -> None:
    """What was acknowledged is there, and is answered as it was."""
    for service in crowd.services:
        for once in service.acknowledged:
            answer = client.request(
                "POST", once.path, once.body, {"Idempotency-Key": once.key}
            )
            assert answer.headers.get("Idempotency-Replayed") == "true", once
            assert (answer.status, answer.bytes) == (once.status, once.bytes), once
            if once.path == "/v1/payments":
                found = client.get(f"{once.path}/{answer.json['id']}").json
                for name in ("id", "code", "reference", "created_at", "expires_at"):
                    assert found[name] == answer.json[name]


def check_events(crowd: Crowd, client: Client) -> None:
    """Read while the daemon died and came back, the events are those that are there."""
    events = every_event(client)
    assert [event["sequence"] for event in events] == [str(i + 1) for i in range(len(events))]
    heard = crowd.listener.events
    assert heard == events[: len(heard)]
    assert heard, "the listener heard nothing"
    assert events == every_event(client)
    created = Counter(e["subject"] for e in events if e["type"] == "payment.created")
    assert max(created.values()) == 1


def check_callbacks(alym: Alym, book: Book) -> None:
    """What the bank was told to be booked is booked once, and it was told so alike each time."""
    entries = {row["operation"]: row for row in book.rows("SELECT * FROM entry")}
    for callback in alym.bank.control.callbacks():
        assert callback["state"] in ("delivered", "refused"), callback
        attempts = callback["attempts"]
        said = [a["answer"] for a in attempts if a["status"] == 200 and not a["problem"]]
        if any(answer["accepted"] for answer in said):  # a no may change with what is asked about
            assert all(answer == said[0] for answer in said), json.dumps(callback)
        message = callback["message"]
        if message.get("status") == "paid" and callback["state"] == "delivered":
            assert str(entries[message["operation"]]["record"]) == said[0]["record"], callback
        elif message["kind"] == "payment":
            assert message.get("operation") not in entries, callback


def check_money(alym: Alym, book: Book) -> None:
    """The bank's money, operation by operation and in all, is what the ledger says."""
    control = alym.bank.control
    orders = {order["order"]: order for order in control.orders()}
    told = {callback["message"].get("operation") for callback in control.callbacks()}
    told |= {order.get("operation") for order in orders.values()}  # to whom asks for the status
    told |= {o["operation"] for o in control.operations() if o["kind"] == "capture"}
    took: dict[str, tuple[int, str]] = {}
    never_told: Counter[str] = Counter()
    for o in control.operations():
        if o["kind"] not in TAKING or o["status"] != "done":
            continue
        if o["operation"] in told:
            took[o["operation"]] = (o["amount"], o["currency"])
        else:
            never_told[o["currency"]] += o["amount"]
    booked = {
        row["operation"]: (row["amount"], row["currency"])
        for row in book.rows(
            "SELECT operation, amount, currency FROM posting"
            " JOIN entry ON entry.number = posting.entry JOIN account ON account.number = account"
            " WHERE name = 'clearing:sandbox'"
        )
    }
    assert booked == took
    homes = homes_of_money(book)
    for currency, money in control.money().items():
        assert (money["undecided"], money["held"]) == (0, 0), money
        clearing = book.balances().get(("clearing:sandbox", currency), 0)
        assert money["total"] - never_told[currency] == clearing == homes[currency], currency


def homes_of_money(book: Book) -> Counter[str]:
    """By currency: fees that were paid, and what lies in suspense."""
    homes: Counter[str] = Counter()
    for row in book.rows(
        "SELECT currency, amount FROM posting"
        " JOIN entry ON entry.number = posting.entry JOIN account ON account.number = account"
        " WHERE cause <> 2 AND name NOT LIKE 'clearing:%'"
    ):
        homes[row["currency"]] -= row["amount"]
    return homes


def tell(alym: Alym, crowd: Crowd, book: Book) -> None:
    payments = Counter(row["state"] for row in book.payments())
    attempts = Counter(ATTEMPT_STATES[row["state"]] for row in book.attempts())
    print(f"acknowledged {sum(len(s.acknowledged) for s in crowd.services)}, payments {payments}")
    print(f"attempts {attempts}, records {len(book.leaves())}")
    print(f"laws {len(book.rows('SELECT * FROM tariff_use'))} times taken into use")
    print(f"bank {alym.bank.control.summary()['callbacks']}")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_acknowledged_is_lost_and_nothing_is_booked_twice(
    make_alym: Callable[..., Alym], tmp_path: Path, number: int
) -> None:
    seed = SEED + number
    kills = KILLS // ROUNDS + (1 if number < KILLS % ROUNDS else 0)
    print(f"ALYM_SEED={SEED} round {number}: {kills} kills")
    law = Law(tmp_path / "law")
    alym = make_alym(
        {
            "daemon": {"checkpoint_s": 1},
            "gateway sandbox": {"timeout_ms": 5000},
            "tariff": {"data_dir": tmp_path / "law"},
        }
    )
    alym.open()
    misbehave(alym, seed)
    with Crowd(alym, str(seed), SERVICES) as crowd:
        kill_again_and_again(alym, law, random.Random(seed), kills)
    settle(alym)
    with alym.client() as client:
        check_services(crowd, client)
        check_events(crowd, client)
        verifier = client.get("/v1/ledger/key").json
        assert client.get("/v1/ledger/checkpoint").status == 200
    alym.stop_cleanly()
    assert "alymd.impatient" not in alym.said(), "somebody kept it from its end"
    with Book(alym.folder / "state/book.db") as book:
        tell(alym, crowd, book)
        book.audit(verifier)
        check_callbacks(alym, book)
        check_money(alym, book)


def test_a_first_start_that_is_killed_is_begun_anew(make_alym: Callable[..., Alym]) -> None:
    """Between making the folder, the key and the book there is no place where one is stuck."""
    alym = make_alym({"gateway sandbox": None, "https": None})
    dice = random.Random(SEED)
    state = alym.folder / "state"
    reached: Counter[str] = Counter()
    for _ in range(max(KILLS // 8, 5)):
        for _ in range(dice.randint(1, 3)):
            alym.begin(wait=False)
            time.sleep(dice.uniform(0, YOUNG_S))
            assert alym.running, alym.said()
            alym.kill()
        reached[", ".join(sorted(path.name for path in state.glob("*")))] += 1
        alym.begin()
        with alym.client() as client:
            body = {"reference": "R", "quote": {"service": "eta"}}
            assert client.post("/v1/payments", body).status == 201
            verifier = client.get("/v1/ledger/key").json
            assert client.get("/v1/ledger/checkpoint").status == 200
        alym.stop_cleanly()
        with Book(state / "book.db") as book:
            book.audit(verifier)
        shutil.rmtree(state)
    print(reached)
