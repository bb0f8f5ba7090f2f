# SPDX-License-Identifier: Apache-2.0
"""The switches: which misbehaviour, when, how often.

A switch has a name (below), a number of times (null: until it is cleared), a probability, and may
be narrowed to one order or one question.  Chance is a pure function of the seed, the switch and
how often that order met it, so a run with the same seed misbehaves alike whatever threads do.
"""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any, Iterable, Optional

# name -> (default value, what it does).  The README's table comes from here; a test compares them.
NAMES: dict[str, tuple[Any, str]] = {
    # how the bank answers alymd
    "answer.timeout_before": (30000, "nothing is done, no answer for so many ms, then closed"),
    "answer.timeout_after": (30000, "it is done, but no answer for so many ms, then closed"),
    "answer.close_before": (None, "nothing is done, the connection is closed"),
    "answer.close_after": (None, "it is done, the connection is closed"),
    "answer.error_before": (500, "nothing is done, this status with an HTML page"),
    "answer.error_after": (500, "it is done, this status with an HTML page"),
    "answer.delay": (1000, "done and answered so many ms later"),
    "answer.garbage": (None, "it is done; a signed answer whose body is noise"),
    "answer.cut": (None, "it is done; a signed answer with the first half of the body"),
    "answer.truncate": (None, "it is done; Content-Length promises more than comes"),
    "answer.oversized": (4 << 20, "it is done; a signed answer padded to so many bytes"),
    "answer.bad_signature": (None, "it is done; the signature is wrong"),
    "answer.unsigned": (None, "it is done; no signature"),
    "answer.stale": (1000, "it is done; signed so many seconds ago"),
    "answer.wrong_amount": (1, "the amount differs by so much"),
    "answer.wrong_currency": ("USD", "another currency"),
    "answer.other_order": ("999999999", "the answer names another order"),
    "answer.declined": (None, "capture, release, refund: declined"),
    "answer.pending": (500, "capture, release, refund: pending, done so many ms later"),
    # what the bank does with the payer's money (what it then says is true)
    "pay.amount": (-100, "takes an amount that differs by so much"),
    "pay.currency": ("USD", "takes another currency"),
    "pay.twice": (None, "debits the payer twice: two operations, two callbacks"),
    "pay.authorize": (None, "only holds the money until it is captured"),
    # how the bank calls back, per callback
    "callback.silence": (None, "never calls"),
    "callback.hold": (None, "keeps the callback until /control/release"),
    "callback.delay": (1000, "calls so many ms later"),
    "callback.duplicate": (3, "calls so many times at once"),
    "callback.hint": (None, "sends a hint instead of the payment"),
    "callback.contradict": (None, "after the delivery says the opposite"),
    "callback.replay": (200, "so many ms after the delivery sends the same bytes again"),
    # the same, per attempt (PER_ATTEMPT); the honest message follows as the next attempt
    "callback.wrong_amount": (1, "the amount differs by so much"),
    "callback.wrong_currency": ("USD", "another currency"),
    "callback.other_merchant": ("stranger", "the message of another merchant"),
    "callback.garbage": (None, "signed noise"),
    "callback.cut": (None, "signed first half of the message"),
    "callback.truncate": (None, "Content-Length promises more than comes"),
    "callback.oversized": (4 << 20, "signed message padded to so many bytes"),
    "callback.bad_signature": (None, "the signature is wrong"),
    "callback.unsigned": (None, "no signature"),
    "callback.stale": (1000, "signed so many seconds ago"),
    "callback.hang_up": (None, "closes before it has read the answer"),
}

ANSWER = frozenset(name for name in NAMES if name.startswith("answer."))
PAY = frozenset(name for name in NAMES if name.startswith("pay."))
PER_CALLBACK = frozenset(
    f"callback.{name}"
    for name in ("silence", "hold", "delay", "duplicate", "hint", "contradict", "replay")
)
PER_ATTEMPT = frozenset(name for name in NAMES if name.startswith("callback.")) - PER_CALLBACK


class Faults:
    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._switches: list[dict[str, Any]] = []
        self._met: dict[tuple[str, str], int] = {}

    def add(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Turns a switch on; ValueError when it makes no sense."""
        name = wish.get("name")
        if name not in NAMES:
            raise ValueError(f"no such fault: {name}")
        unknown = set(wish) - {"name", "times", "probability", "value", "order", "on"}
        if unknown:
            raise ValueError(f"unknown member: {sorted(unknown)[0]}")
        switch = {
            "id": next(self._ids),
            "name": name,
            "times": wish.get("times", 1),
            "probability": float(wish.get("probability", 1.0)),
            "value": wish.get("value", NAMES[name][0]),
            "order": wish.get("order"),
            "on": wish.get("on"),
            "used": 0,
        }
        with self._lock:
            self._switches.append(switch)
        return switch

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(switch) for switch in self._switches]

    def clear(self, name: Optional[str] = None) -> None:
        with self._lock:
            self._switches = [s for s in self._switches if name is not None and s["name"] != name]

    def take(self, names: Iterable[str], order: str, on: str = "") -> dict[str, Any]:
        """Those of `names` that strike now: name without its prefix -> value."""
        struck: dict[str, Any] = {}
        with self._lock:
            for switch in self._switches:
                short = switch["name"].partition(".")[2]
                if switch["name"] in names and short not in struck:
                    if self._strikes(switch, order, on):
                        switch["used"] += 1
                        struck[short] = switch["value"]
            self._switches = [s for s in self._switches if s["times"] is None or s["used"] < s["times"]]
        return struck

    def _strikes(self, switch: dict[str, Any], order: str, on: str) -> bool:
        if switch["order"] is not None and switch["order"] != order:
            return False
        if switch["on"] is not None and switch["on"] != on:
            return False
        if switch["probability"] >= 1.0:
            return True
        met = self._met.get((switch["name"], order), 0)
        self._met[(switch["name"], order)] = met + 1
        chance = random.Random(f"{self.seed}/{switch['name']}/{order}/{met}").random()
        return chance < switch["probability"]
