# SPDX-License-Identifier: Apache-2.0
"""What the faces have in common: settings, orders that outlive the bank, calls, a way for tests in.

A face answers whatever is asked below /NAME/ and tells Alym by self.calls.  Nothing of it is written
from Alym's own code: it is the bank's idea of the protocol.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, ClassVar

from bank import faults as switches
from bank.faces.calls import Calls
from bank.http_types import Reply, Request
from bank.mishaps import misbehave

if TYPE_CHECKING:
    from bank.server import Bank


class Face:
    NAME: ClassVar[str] = ""
    SETTINGS: ClassVar[dict[str, Any]] = {}  # what they are before a test says otherwise

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.lock = threading.RLock()
        self.calls = Calls(bank)
        self.settings: dict[str, Any] = dict(self.SETTINGS)
        self.settings.update(bank.vault.kind(self.NAME).get("settings", {}))
        self.orders: dict[str, dict[str, Any]] = bank.vault.kind(f"{self.NAME}.order")

    # ---- what a face brings ----

    def answer(self, request: Request) -> Reply:
        """Of Alym's requests and of browsers'; raises CloseConnection where there is none."""
        raise NotImplementedError

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """POST /control/faces/NAME/WHAT by WHAT: pay, decline, what else the protocol has."""
        return {}

    def money(self) -> dict[str, int]:
        """{"taken", "refunded", "held"}: what really moved."""
        raise NotImplementedError

    # ---- what it is given ----

    @property
    def url(self) -> str:
        return f"{self.bank.url}/{self.NAME}"

    def keep(self, key: str, order: dict[str, Any]) -> None:
        self.bank.vault.put(f"{self.NAME}.order", key, order)

    def misbehaving(self, on: str, order: str, work: Callable[[dict[str, Any]], Reply]) -> Reply:
        """`work`'s answer, or what the switches answer.* make of it; it is told which struck."""
        struck = self.bank.faults.take(switches.ANSWER, order, on)
        return misbehave(self.bank, struck, lambda: work(struck))

    # ---- the tests' side door ----

    def control(self, what: str, wish: dict[str, Any]) -> Any:
        common = {
            "": self._summary,
            "settings": self._set,
            "again": lambda w: self.calls.again(w["id"]),
            "replay": lambda w: self.calls.replay(w["id"]),
            "release": lambda w: {"released": self.calls.release(w.get("order", "reverse"))},
        }
        work = {**common, **self.controls()}.get(what)
        if work is None:
            raise KeyError(f"{self.NAME} has no control {what}")
        return work(wish)

    def _summary(self, _: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            return {
                "settings": self.settings,
                "orders": list(self.orders.values()),
                "calls": self.calls.list(),
                "money": self.money(),
            }

    def _set(self, wish: dict[str, Any]) -> dict[str, Any]:
        unknown = set(wish) - set(self.SETTINGS)
        if unknown:
            raise ValueError(f"no such setting: {sorted(unknown)[0]}")
        self.settings.update(wish)
        self.bank.vault.put(self.NAME, "settings", dict(self.settings))
        return self.settings
