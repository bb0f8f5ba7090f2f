# SPDX-License-Identifier: Apache-2.0
"""The tests' side door under /control/: switches, and everything the bank knows, as plain JSON."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qs, urlsplit

from bank.callbacks import json_bytes
from bank.faults import NAMES
from bank.http_types import Reply, Request
from bank.orders import Refused
from bank.signing import SIGNATURE, Signer
from bank.wire import Request as WireRequest
from bank.wire import path_of

if TYPE_CHECKING:
    from bank.server import Bank

WAIT_MAX_S = 300.0

# Which modes there are; the value is what they start with.
MODES: dict[str, Any] = {
    "auto_pay": False,  # pay every order by itself
    "auto_pay_delay_ms": 0,
    "auto_pay_declines": 0.0,  # share of the orders that are declined instead
    "two_stage": False,  # only hold the money until it is captured
    "hold": False,  # keep every callback until /control/release
    "clock_offset_s": 0,  # the bank's clock is wrong by so much
    "callback_url": "",  # for codes; an order brings its own
    "list_page": 20,  # movements in one answer to a list; the protocol has at most 20
    "retry": {},  # first_ms, factor, max_ms, attempts
    "seed": 0,  # of all chance
}


class ControlApi:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        number = r"([0-9]{1,15})"
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            (method, re.compile("/control" + path), work)
            for method, path, work in (
                ("GET", "/?", self._summary),
                ("GET", "/orders", lambda _: self._items(bank.orders.orders())),
                ("GET", f"/orders/{number}", lambda _, order: dict(bank.orders.find(order))),
                ("POST", f"/orders/{number}/pay", self._pay),
                ("POST", f"/orders/{number}/decline", self._decline),
                ("POST", f"/orders/{number}/expire", self._expire),
                ("GET", "/operations", lambda _: self._items(bank.orders.operations())),
                ("GET", "/callbacks", self._callbacks),
                ("POST", f"/callbacks/{number}/again", self._again),
                ("POST", f"/callbacks/{number}/replay", self._replay),
                ("GET", "/money", lambda _: bank.orders.money()),
                ("GET", "/faults", lambda _: self._items(bank.faults.list())),
                ("POST", "/faults", lambda wish: bank.faults.add(wish)),
                ("DELETE", "/faults", self._clear),
                ("GET", "/fault-names", lambda _: self._names()),
                ("GET", "/mode", lambda _: bank.mode),
                ("POST", "/mode", lambda wish: bank.set_mode(wish)),
                ("POST", "/release", self._release),
                ("POST", "/send", self._send),
                ("POST", "/check", self._check),
                ("POST", "/cash", self._cash),
                ("POST", "/idle", self._idle),
                ("GET", "/faces", lambda _: self._items([{"name": n} for n in bank.faces])),
                ("GET", "/faces/([a-z]+)", lambda wish, name: bank.faces[name].control("", wish)),
                (
                    "POST",
                    "/faces/([a-z]+)/([a-z_]+)",
                    lambda wish, name, what: bank.faces[name].control(what, wish),
                ),
            )
        ]

    def answer(self, request: Request) -> Reply:
        if request.peer not in ("127.0.0.1", "::1"):
            return self._json(403, {"error": "loopback only"})
        path = urlsplit(request.path).path
        for method, pattern, work in self._routes:
            found = pattern.fullmatch(path)
            if found and method == request.method:
                return self._run(work, request, found.groups())
        return self._json(404, {"error": f"no such control: {request.method} {path}"})

    def _run(self, work: Callable[..., Any], request: Request, names: tuple[str, ...]) -> Reply:
        try:
            wish = json.loads(request.body) if request.body else {}
            query = parse_qs(urlsplit(request.path).query)
            wish.update({name: values[-1] for name, values in query.items()})
            return self._json(200, work(wish, *names))
        except Refused as refused:
            return self._json(refused.status, refused.body)
        except (ValueError, KeyError, TypeError) as error:
            return self._json(400, {"error": f"{type(error).__name__}: {error}"})

    # ---- what there is ----

    def _summary(self, _: dict[str, Any]) -> dict[str, Any]:
        bank = self._bank
        return {
            "merchant": bank.merchant,
            "url": bank.url,
            "orders": len(bank.orders.orders()),
            "operations": len(bank.orders.operations()),
            "callbacks": bank.callbacks.summary(),
            "strangers": bank.refused_strangers,
            "money": bank.orders.money(),
        }

    def _callbacks(self, wish: dict[str, Any]) -> dict[str, Any]:
        return self._items(self._bank.callbacks.list(wish.get("about")))

    @staticmethod
    def _names() -> dict[str, Any]:
        return {name: {"value": value, "does": text} for name, (value, text) in NAMES.items()}

    @staticmethod
    def _items(items: list[dict[str, Any]]) -> dict[str, Any]:
        return {"items": items}

    # ---- what the payer does ----

    def _pay(self, wish: dict[str, Any], number: str) -> dict[str, Any]:
        names = {"amount", "currency", "paid_at", "again", "hold"}
        if set(wish) - names:
            raise ValueError(f"unknown member: {sorted(set(wish) - names)[0]}")
        return self._bank.pay(number, **wish)

    def _decline(self, _: dict[str, Any], number: str) -> dict[str, Any]:
        return self._bank.decline(number)

    def _expire(self, _: dict[str, Any], number: str) -> dict[str, Any]:
        return self._bank.expire(number)

    def _check(self, wish: dict[str, Any]) -> dict[str, Any]:
        return self._bank.check(wish["code"], wish.get("amount"), wish.get("currency"))

    def _cash(self, wish: dict[str, Any]) -> dict[str, Any]:
        operation, callback = self._bank.pay_code(
            wish["code"],
            wish["amount"],
            wish.get("currency", "KZT"),
            wish.get("paid_at"),
            bool(wish.get("refusable", False)),
        )
        callback = self._bank.callbacks.wait(callback["id"], float(wish.get("wait_s", 10)))
        return {"operation": operation, "callback": callback}

    # ---- callbacks ----

    def _again(self, _: dict[str, Any], number: str) -> dict[str, Any]:
        return self._bank.callbacks.again(number)

    def _replay(self, _: dict[str, Any], number: str) -> dict[str, Any]:
        return self._bank.callbacks.replay(number)

    def _release(self, wish: dict[str, Any]) -> dict[str, Any]:
        sequence = wish.get("order", "reverse")
        return {"released": self._bank.callbacks.release(sequence, self._bank.faults.seed)}

    def _clear(self, wish: dict[str, Any]) -> dict[str, Any]:
        self._bank.faults.clear(wish.get("name"))
        return self._items(self._bank.faults.list())

    def _idle(self, wish: dict[str, Any]) -> dict[str, Any]:
        timeout_s = min(float(wish.get("timeout_s", 30)), WAIT_MAX_S)
        return {"idle": self._bank.timetable.idle(timeout_s)}

    def _send(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Any message at all: {"body" or "text" or "base64", "sign", "age_s", "method", "url"}."""
        bank = self._bank
        url = wish.get("url") or bank.callback_url()
        method = wish.get("method", "POST")
        if "base64" in wish:
            body = base64.b64decode(wish["base64"])
        elif "text" in wish:
            body = wish["text"].encode()
        else:
            body = json_bytes(wish["body"])
        signer = Signer(wish.get("secret", "").encode() or bank.signer.secret, bank.clock)
        headers = signer.sign_request(method, path_of(url), body, int(wish.get("age_s", 0)))
        sign = wish.get("sign", "good")
        if sign == "bad":
            headers[SIGNATURE] = headers[SIGNATURE][::-1]
        elif sign == "none":
            headers = {}
        elif sign != "good":
            raise ValueError('sign is "good", "bad" or "none"')
        headers.update(wish.get("headers", {}))
        return bank.callbacks.exchange(WireRequest(url, body, headers, method))

    @staticmethod
    def _json(status: int, value: Any) -> Reply:
        body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        return Reply(status, body, {"Content-Type": "application/json"})
