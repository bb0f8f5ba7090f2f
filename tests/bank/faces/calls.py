# SPDX-License-Identifier: Apache-2.0
"""A face's messages to Alym: repeated until the protocol's own yes, with the switches callback.*.

As with the sandbox's, a falsified attempt never counts as a delivery.  They do not outlive the bank.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, Optional

from bank import faults as switches
from bank.wire import Answer, Request

if TYPE_CHECKING:
    from bank.server import Bank

Call = dict[str, Any]
Make = Callable[[dict[str, Any]], Request]  # from the switches that struck this attempt
Good = Callable[[Answer], bool]


def is_200(answer: Answer) -> bool:
    return answer.status == 200


class Calls:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._lock = threading.RLock()
        self._calls: list[Call] = []
        self._ways: list[tuple[Make, Good]] = []
        self._sent: dict[int, Request] = {}

    def call(self, about: str, kind: str, make: Make, good: Good = is_200) -> Call:
        """About an order, of a kind that switches may name; `make` composes one attempt."""
        struck = self._bank.faults.take(switches.PER_CALLBACK, about, kind)
        held = "hold" in struck or self._bank.mode["hold"]
        state = "silenced" if "silence" in struck else "held" if held else "waiting"
        with self._lock:
            call: Call = {"id": len(self._calls), "about": about, "kind": kind, "state": state}
            call.update(faults=struck, attempts=[])
            self._calls.append(call)
            self._ways.append((make, good))
        if state == "waiting":
            self._start(call)
        return call

    def list(self) -> list[Call]:
        with self._lock:
            return [dict(call, attempts=list(call["attempts"])) for call in self._calls]

    def release(self, sequence: str = "reverse") -> int:
        """Sends what was held, forward or reverse, one after the other."""
        with self._lock:
            held = [call for call in self._calls if call["state"] == "held"]
            for call in held:
                call["state"] = "waiting"
        for place, call in enumerate(reversed(held) if sequence == "reverse" else held):
            self._start(call, 0.02 * place)
        return len(held)

    def again(self, number: int) -> Call:
        """Starts over with one that was silenced, given up or delivered."""
        with self._lock:
            call = self._calls[number]
            call.update(state="waiting", tries=0)
        self._start(call)
        return call

    def replay(self, number: int) -> dict[str, Any]:
        """The bytes of the last honest attempt once more; the attempt it made."""
        if number not in self._sent:
            raise KeyError(f"call {number} was never sent")
        return self._exchange(self._calls[number], self._sent[number], ["replay"])[1]

    # ---- inside ----

    def _start(self, call: Call, extra_s: float = 0) -> None:
        delay_s = extra_s + call["faults"].get("delay", 0) / 1000
        for _ in range(call["faults"].get("duplicate", 1) - 1):
            self._bank.timetable.after(delay_s, lambda: self._attempt(call, copy=True))
        self._bank.timetable.after(delay_s, lambda: self._attempt(call))

    def _attempt(self, call: Call, copy: bool = False) -> None:
        if call["state"] != "waiting" and not copy:
            return
        make, good = self._ways[call["id"]]
        struck = self._bank.faults.take(switches.PER_ATTEMPT, call["about"], call["kind"])
        request = make(struck)
        request.truncate, request.hang_up = "truncate" in struck, "hang_up" in struck
        if not struck:
            self._sent[call["id"]] = request
        answer, _ = self._exchange(call, request, sorted(struck))
        if answer is not None and not struck and good(answer):
            self._deliver(call)
        elif not copy:
            self._try_later(call)

    def _deliver(self, call: Call) -> None:
        with self._lock:
            if call["state"] != "waiting":
                return  # a copy came first
            call["state"] = "delivered"
        if "replay" in call["faults"]:
            pause_s = call["faults"]["replay"] / 1000
            self._bank.timetable.after(pause_s, lambda: self.replay(call["id"]))

    def _try_later(self, call: Call) -> None:
        retry = self._bank.callbacks.retry
        tries = call["tries"] = call.get("tries", 0) + 1
        if tries >= retry["attempts"]:
            call["state"] = "given_up"
            return
        pause_ms = min(retry["first_ms"] * retry["factor"] ** min(tries - 1, 60), retry["max_ms"])
        self._bank.timetable.after(pause_ms / 1000, lambda: self._attempt(call))

    def _exchange(
        self, call: Call, request: Request, names: list[str]
    ) -> tuple[Optional[Answer], dict[str, Any]]:
        attempt: dict[str, Any] = {"faults": names, "status": 0, "body": ""}
        answer = None
        try:
            answer = self._bank.wire.send(request)
        except OSError as error:
            attempt["problem"] = str(error)
        if answer is not None:
            attempt.update(status=answer.status, body=answer.body.decode("utf-8", "replace"))
        with self._lock:
            call["attempts"].append(attempt)
        return answer, attempt
