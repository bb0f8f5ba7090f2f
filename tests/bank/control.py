# SPDX-License-Identifier: Apache-2.0
"""Talks to a running bank's /control/ for tests and scripts."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any, Optional
from urllib.parse import urlencode, urlsplit


class ControlError(Exception):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Control:
    """One connection per call, so that threads may share it."""

    def __init__(self, url: str, ca: str, timeout_s: float = 60) -> None:
        target = urlsplit(url)
        self.url = url
        self._host, self._port = target.hostname, target.port
        self._context = ssl.create_default_context(cafile=ca)
        self._timeout_s = timeout_s

    def ask(self, method: str, path: str, body: Optional[dict[str, Any]] = None) -> Any:
        connection = http.client.HTTPSConnection(
            self._host, self._port, context=self._context, timeout=self._timeout_s
        )
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/control{path}", data)
            response = connection.getresponse()
            content = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(response.status, content)
        return content

    # ---- what it knows ----

    def summary(self) -> dict[str, Any]:
        return self.ask("GET", "/")

    def orders(self) -> list[dict[str, Any]]:
        return self.ask("GET", "/orders")["items"]

    def order(self, number: str) -> dict[str, Any]:
        return self.ask("GET", f"/orders/{number}")

    def operations(self) -> list[dict[str, Any]]:
        return self.ask("GET", "/operations")["items"]

    def callbacks(self, about: Optional[str] = None) -> list[dict[str, Any]]:
        query = "?" + urlencode({"about": about}) if about else ""
        return self.ask("GET", "/callbacks" + query)["items"]

    def money(self) -> dict[str, dict[str, int]]:
        return self.ask("GET", "/money")

    # ---- what the payer does ----

    def pay(self, order: str, **how: Any) -> dict[str, Any]:
        """amount, currency, paid_at, again, hold"""
        return self.ask("POST", f"/orders/{order}/pay", how)

    def decline(self, order: str) -> dict[str, Any]:
        return self.ask("POST", f"/orders/{order}/decline", {})

    def expire(self, order: str) -> dict[str, Any]:
        return self.ask("POST", f"/orders/{order}/expire", {})

    def check(self, code: str, **what: Any) -> dict[str, Any]:
        """amount, currency -> status, answer, problem"""
        return self.ask("POST", "/check", dict(what, code=code))

    def cash(self, code: str, amount: int, **how: Any) -> dict[str, Any]:
        """currency, paid_at, refusable, wait_s -> operation, callback"""
        return self.ask("POST", "/cash", dict(how, code=code, amount=amount))

    # ---- what goes wrong ----

    def fault(self, name: str, **how: Any) -> dict[str, Any]:
        """times (None: always), probability, value, order, on"""
        return self.ask("POST", "/faults", dict(how, name=name))

    def faults(self) -> list[dict[str, Any]]:
        return self.ask("GET", "/faults")["items"]

    def clear_faults(self) -> None:
        self.ask("DELETE", "/faults")

    def mode(self, **modes: Any) -> dict[str, Any]:
        return self.ask("POST", "/mode", modes)

    def release(self, order: str = "reverse") -> int:
        return self.ask("POST", "/release", {"order": order})["released"]

    def again(self, callback: str) -> dict[str, Any]:
        return self.ask("POST", f"/callbacks/{callback}/again", {})

    def replay(self, callback: str) -> dict[str, Any]:
        return self.ask("POST", f"/callbacks/{callback}/replay", {})

    def send(self, **what: Any) -> dict[str, Any]:
        """body | text | base64, sign ("good", "bad", "none"), age_s, secret, headers, method, url"""
        return self.ask("POST", "/send", what)

    def face(self, name: str, what: str = "", **wish: Any) -> Any:
        """What a face knows, or one of its controls: settings, again, replay, release, its own."""
        if not what:
            return self.ask("GET", f"/faces/{name}")
        return self.ask("POST", f"/faces/{name}/{what}", wish)

    def idle(self, timeout_s: float = 30) -> bool:
        """Waits until every callback is answered or given up."""
        return self.ask("POST", "/idle", {"timeout_s": timeout_s})["idle"]
