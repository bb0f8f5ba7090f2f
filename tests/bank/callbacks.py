# SPDX-License-Identifier: Apache-2.0
"""Messages the bank sends to Alym: repeated until answered, honest or misbehaving.

A falsified attempt never counts as a delivery, so that the honest message always follows it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from typing import Any, Callable, Optional

from bank import faults as switches
from bank.faults import Faults
from bank.orders import rfc3339
from bank.signing import SIGNATURE, Signer
from bank.timetable import Timetable
from bank.vault import Vault
from bank.wire import Answer, Request, Wire, path_of

Callback = dict[str, Any]

RETRY = {"first_ms": 200, "factor": 1.6, "max_ms": 5000, "attempts": 60}
FINAL = ("delivered", "refused", "given_up", "silenced")


class Callbacks:
    def __init__(
        self,
        vault: Vault,
        signer: Signer,
        wire: Wire,
        timetable: Timetable,
        faults: Faults,
        settled: Callable[[Callback], None],
    ) -> None:
        """`settled` is told once of every callback that was delivered or refused."""
        self.retry = dict(RETRY)
        self.hold_all = False
        self._vault = vault
        self._signer = signer
        self._wire = wire
        self._timetable = timetable
        self._faults = faults
        self._settled = settled
        self._changed = threading.Condition()
        self._callbacks: dict[str, Callback] = vault.kind("callback")
        self._number = len(self._callbacks)

    def resume(self) -> None:
        """After a restart: what was not delivered is sent again."""
        for callback in list(self._callbacks.values()):
            if callback["state"] == "waiting":
                self._schedule(callback, 0)

    def call(self, url: str, message: dict[str, Any]) -> Callback:
        about = message.get("order") or message.get("code", "")
        struck = self._faults.take(switches.PER_CALLBACK, about, message["kind"])
        if "hint" in struck and "order" in message:
            message = {"kind": "hint", "merchant": message["merchant"], "order": about}
        with self._changed:
            self._number += 1
            callback = {
                "id": str(self._number),
                "url": url,
                "about": about,
                "message": message,
                "state": "waiting",
                "faults": struck,
                "attempts": [],
            }
            if "silence" in struck:
                callback["state"] = "silenced"
            elif "hold" in struck or self.hold_all:
                callback["state"] = "held"
            self._keep(callback)
        if callback["state"] == "waiting":
            self._start(callback)
        return callback

    def release(self, sequence: str = "reverse", seed: int = 0) -> int:
        """Sends what was held: forward, reverse or shuffled; one after the other."""
        with self._changed:
            held = [c for c in self._callbacks.values() if c["state"] == "held"]
            for callback in held:
                callback["state"] = "waiting"
        if sequence == "reverse":
            held.reverse()
        elif sequence == "shuffled":
            random.Random(seed).shuffle(held)
        for place, callback in enumerate(held):
            self._start(callback, extra_s=0.02 * place)
        return len(held)

    def again(self, number: str) -> Callback:
        """Starts over with a callback that was silenced, given up or even delivered."""
        with self._changed:
            callback = self._callbacks[number]
            callback["state"] = "waiting"
            callback["tries"] = 0
            self._keep(callback)
        self._schedule(callback, 0)
        return callback

    def replay(self, number: str) -> dict[str, Any]:
        """The bytes of the last honest attempt once more, timestamp and all; the answer."""
        callback = self._callbacks[number]
        sent = callback.get("sent")
        if sent is None:
            raise KeyError(f"callback {number} was never sent")
        request = Request(callback["url"], sent["body"].encode(), dict(sent["headers"]))
        return self._exchange(callback, request, ["replay"])

    def wait(self, number: str, timeout_s: float) -> Callback:
        """The callback once its state is final, or as it is when time is up."""
        with self._changed:
            callback = self._callbacks[number]
            self._changed.wait_for(lambda: callback["state"] in FINAL, timeout_s)
            return callback

    def list(self, about: Optional[str] = None) -> list[Callback]:
        with self._changed:
            every = [dict(c, attempts=list(c["attempts"])) for c in self._callbacks.values()]
        return [c for c in every if about is None or c["about"] == about]

    def summary(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        with self._changed:
            for callback in self._callbacks.values():
                counts[callback["state"]] = counts.get(callback["state"], 0) + 1
        return counts

    # ---- inside ----

    def _start(self, callback: Callback, extra_s: float = 0) -> None:
        delay_s = extra_s + callback["faults"].get("delay", 0) / 1000
        self._schedule(callback, delay_s)
        for _ in range(callback["faults"].get("duplicate", 1) - 1):
            self._timetable.after(delay_s, lambda: self._attempt(callback, copy=True))

    def _schedule(self, callback: Callback, delay_s: float) -> None:
        self._timetable.after(delay_s, lambda: self._attempt(callback))

    def _attempt(self, callback: Callback, copy: bool = False) -> None:
        if callback["state"] != "waiting" and not copy:
            return
        kind = callback["message"]["kind"]
        struck = self._faults.take(switches.PER_ATTEMPT, callback["about"], kind)
        request = self.compose(callback["url"], callback["message"], struck)
        if not struck:
            callback["sent"] = {"headers": request.headers, "body": request.body.decode()}
        attempt = self._exchange(callback, request, sorted(struck))
        honest = not struck and not attempt["problem"] and attempt["status"] == 200
        if honest:
            self._deliver(callback, attempt["answer"])
        elif not copy:
            self._try_later(callback)

    def _deliver(self, callback: Callback, answer: dict[str, Any]) -> None:
        with self._changed:
            if callback["state"] != "waiting":
                return  # a copy came first
            callback["answer"] = answer
            callback["state"] = "delivered" if answer.get("accepted") is True else "refused"
            self._settled(callback)
            self._keep(callback)
            self._changed.notify_all()
        message, after = callback["message"], callback["faults"]
        if "contradict" in after and message.get("status") == "paid":
            only_paid = ("operation", "paid_at", "refusable")
            denial = {k: v for k, v in message.items() if k not in only_paid}
            self.call(callback["url"], dict(denial, status="declined"))
        if "replay" in after:
            self._timetable.after(after["replay"] / 1000, lambda: self.replay(callback["id"]))

    def _try_later(self, callback: Callback) -> None:
        with self._changed:
            tries = callback.get("tries", 0) + 1
            callback["tries"] = tries
            if tries >= self.retry["attempts"]:
                callback["state"] = "given_up"
                self._keep(callback)
                self._changed.notify_all()
                return
        pause_ms = self.retry["first_ms"] * self.retry["factor"] ** min(tries - 1, 60)
        self._schedule(callback, min(pause_ms, self.retry["max_ms"]) / 1000)

    def compose(self, url: str, message: dict[str, Any], struck: dict[str, Any]) -> Request:
        """The signed request, falsified as `struck` says."""
        message = dict(message)
        if "wrong_amount" in struck and "amount" in message:
            message["amount"] += struck["wrong_amount"]
        if "wrong_currency" in struck and "currency" in message:
            message["currency"] = struck["wrong_currency"]
        if "other_merchant" in struck:
            message["merchant"] = struck["other_merchant"]
        body = spoil(json_bytes(message), struck)
        headers = self._signer.sign_request("POST", path_of(url), body, struck.get("stale", 0))
        if "bad_signature" in struck:
            headers[SIGNATURE] = turned(headers[SIGNATURE])
        if "unsigned" in struck:
            headers = {}
        return Request(
            url, body, headers, truncate="truncate" in struck, hang_up="hang_up" in struck
        )

    def _exchange(self, callback: Callback, request: Request, names: list[str]) -> dict[str, Any]:
        began = time.monotonic()
        attempt: dict[str, Any] = {"at": rfc3339(self._signer.clock()), "faults": names}
        attempt.update(self.exchange(request))
        attempt["ms"] = int((time.monotonic() - began) * 1000)
        with self._changed:
            callback["attempts"].append(attempt)
            self._keep(callback)
        return attempt

    def exchange(self, request: Request) -> dict[str, Any]:
        """Sends; tells {"status", "answer", "problem"}, problem null when the answer is good."""
        try:
            answer = self._wire.send(request)
        except OSError as error:
            return {"status": 0, "answer": None, "problem": f"no answer: {error}"}
        if answer is None:
            return {"status": 0, "answer": None, "problem": "did not wait"}
        return self._judge(request, answer)

    def _judge(self, request: Request, answer: Answer) -> dict[str, Any]:
        signature = request.headers.get(SIGNATURE, "")
        problem = self._signer.answer_fault(answer.headers, answer.status, answer.body, signature)
        try:
            content = json.loads(answer.body)
        except ValueError:
            content, problem = answer.body.decode("utf-8", "replace"), problem or "not JSON"
        if problem is None and not isinstance(content, dict):
            problem = "not an object"
        return {"status": answer.status, "answer": content, "problem": problem}

    def _keep(self, callback: Callback) -> None:
        self._vault.put("callback", callback["id"], callback)


def json_bytes(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def spoil(body: bytes, struck: dict[str, Any]) -> bytes:
    """Faults of a body, alike for callbacks and answers."""
    if "garbage" in struck:
        return bytes((i * 37 + 11) % 256 for i in range(max(len(body), 16)))
    if "cut" in struck:
        return body[: len(body) // 2]
    if "oversized" in struck:
        return body[:-1] + b" " * max(0, int(struck["oversized"]) - len(body)) + body[-1:]
    return body


def turned(signature: str) -> str:
    """A well-formed signature that is wrong."""
    return ("0" if signature[0] != "0" else "1") + signature[1:]
