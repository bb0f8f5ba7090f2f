# SPDX-License-Identifier: Apache-2.0
"""What the bank knows: orders, operations on them, and the money it took.

Knows nothing of HTTP, signatures or misbehaviour.  Money is integers of minor units.
"""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timezone
from typing import Any, Callable, Optional

from bank.vault import Vault

Order = dict[str, Any]
Operation = dict[str, Any]

AMOUNT_MAX = (1 << 53) - 1


class Refused(Exception):
    """The bank's no, with the HTTP status and the body that say so."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class Orders:
    def __init__(self, vault: Vault, merchant: str, clock: Callable[[], float]) -> None:
        self.merchant = merchant
        self.lock = threading.RLock()
        self._vault = vault
        self._clock = clock
        self._orders: dict[str, Order] = vault.kind("order")
        self._operations: dict[str, Operation] = vault.kind("operation")
        self._sessions = {order["session"]: order for order in self._orders.values()}
        if "series" not in vault.kind("bank"):
            # Two banks never name two operations alike, also when one has lost its memory.
            vault.put("bank", "series", secrets.token_hex(4))
        self._series: str = vault.kind("bank")["series"]
        self._number = len(self._operations)
        self.last_callback_url = ""
        for order in self._orders.values():
            self.last_callback_url = order["callback_url"]

    # ---- what a merchant asks ----

    def register(self, wish: dict[str, Any], pay_url: Callable[[str], str]) -> Order:
        with self.lock:
            if wish["order"] in self._orders:
                raise Refused(409, self.status(wish["order"]))
            session = secrets.token_urlsafe(18)
            order = dict(wish, session=session, pay_url=pay_url(session), status="pending")
            order["registered_at"] = rfc3339(self._clock())
            order["taken"] = order["held"] = order["refunded"] = 0
            order["operations"] = []
            self._sessions[session] = order
            self.last_callback_url = order["callback_url"]
            self._keep(order)
            return order

    def find(self, number: str) -> Order:
        with self.lock:
            order = self._orders.get(number)
            if order is None:
                raise Refused(404, {"reason": "unknown"})
            self._expire_in_time(order)
            return order

    def status(self, number: str) -> dict[str, Any]:
        """The order as the protocol shows it."""
        with self.lock:
            order = self.find(number)
            shown = {name: order[name] for name in ("order", "amount", "currency", "status")}
            if order["status"] == "pending":
                shown["pay_url"] = order["pay_url"]
            first = self._operations.get(order.get("operation", ""))
            if first is not None and order["status"] in ("paid", "authorized"):
                shown.update(amount=first["amount"], currency=first["currency"])
            if first is not None and order["status"] == "paid":
                shown.update(operation=first["operation"], paid_at=first["paid_at"])
            return shown

    # A repeat of the next three is answered with what became of the first; `status` is what a
    # first one becomes if nothing speaks against it: "done", "pending" or "declined".

    def capture(self, number: str, amount: int, currency: str, status: str = "done") -> Operation:
        with self.lock:
            order = self.find(number)
            for operation in self._of(order, "capture"):
                return operation
            hold = self._operations.get(order.get("operation", ""))
            fits = hold and currency == hold["currency"] and 0 < amount <= order["held"]
            if order["status"] != "authorized" or not fits or status == "declined":
                return self._operate("capture", order, amount, currency, status="declined")
            operation = self._operate(
                "capture", order, amount, currency, paid_at=hold["paid_at"], status=status
            )
            order.update(status="paid", operation=operation["operation"], taken=amount, held=0)
            self._keep(order)
            return operation

    def release(self, number: str, amount: int, currency: str, status: str = "done") -> Operation:
        with self.lock:
            order = self.find(number)
            for operation in self._of(order, "release"):
                return operation
            if order["status"] not in ("authorized", "pending") or status == "declined":
                return self._operate("release", order, amount, currency, status="declined")
            operation = self._operate("release", order, amount, currency, status=status)
            order.update(status="declined", held=0)
            self._keep(order)
            return operation

    def refund(
        self, number: str, refund_id: str, amount: int, currency: str, status: str = "done"
    ) -> Operation:
        """Refunds are told apart by refund_id."""
        with self.lock:
            order = self.find(number)
            for operation in self._of(order, "refund"):
                if operation["refund_id"] == refund_id:
                    if (operation["amount"], operation["currency"]) != (amount, currency):
                        raise Refused(409, {"reason": "refund_id means another refund"})
                    return operation
            first = self._operations.get(order.get("operation", ""))
            rest = order["taken"] - order["refunded"]
            if not first or currency != first["currency"] or not 0 < amount <= rest:
                status = "declined"
            operation = self._operate(
                "refund", order, amount, currency, status=status, refund_id=refund_id
            )
            if status != "declined":
                order["refunded"] += amount
                self._keep(order)
            return operation

    def finish(self, operation_id: str) -> None:
        """A pending operation is done."""
        with self.lock:
            operation = self._operations[operation_id]
            if operation["status"] == "pending":
                operation["status"] = "done"
                self._vault.put("operation", operation_id, operation)

    def taken_since(
        self, since: str, after: str, limit: int
    ) -> tuple[list[dict[str, Any]], Optional[str]]:
        """Movements of money to the merchant, oldest first; and the last, if there are more."""
        with self.lock:
            names = [name for name, operation in self._operations.items() if _is_taken(operation)]
            if after:
                if after not in names:
                    raise Refused(400, {"reason": "after"})
                names = names[names.index(after) + 1 :]
            begin = seconds(since)
            found = [n for n in names if seconds(self._operations[n]["paid_at"]) >= begin]
            items = []
            for name in found[:limit]:
                operation = self._operations[name]
                shown = ("amount", "currency", "operation", "paid_at")
                item = {member: operation[member] for member in shown}
                about = "order" if operation["order"] else "code"
                item[about] = operation[about]
                items.append(item)
            return items, items[-1]["operation"] if len(found) > limit else None

    # ---- what a payer does ----

    def session(self, token: str) -> Order:
        with self.lock:
            order = self._sessions.get(token)
            if order is None:
                raise Refused(404, {"reason": "unknown"})
            self._expire_in_time(order)
            return order

    def pay(
        self,
        number: str,
        amount: Optional[int] = None,
        currency: Optional[str] = None,
        paid_at: Optional[str] = None,
        again: bool = False,
        hold: bool = False,
    ) -> Operation:
        """Debits the payer.  `again`: also when the order is paid, declined or expired."""
        with self.lock:
            order = self.find(number)
            if order["status"] != "pending" and not again:
                raise Refused(409, {"reason": f"the order is {order['status']}"})
            amount = order["amount"] if amount is None else amount
            currency = currency or order["currency"]
            operation = self._operate(
                "hold" if hold else "payment", order, amount, currency, paid_at=paid_at
            )
            order["held" if hold else "taken"] += amount
            if "operation" not in order:
                order["operation"] = operation["operation"]
            order["status"] = "authorized" if hold else "paid"
            self._keep(order)
            return operation

    def decline(self, number: str) -> Order:
        return self._end(number, "declined")

    def expire(self, number: str) -> Order:
        return self._end(number, "expired")

    def expire_if_due(self, number: str) -> bool:
        """True when the order's time ran out unpaid and Alym is still to be told; once."""
        with self.lock:
            order = self.find(number)
            if order["status"] != "expired" or order.get("told_expired"):
                return False
            order["told_expired"] = True
            self._keep(order)
            return True

    def pay_code(
        self, code: str, amount: int, currency: str, paid_at: Optional[str], refusable: bool
    ) -> Operation:
        """Takes money by a payment's code, without an order.

        With `refusable` the payer is not yet debited: settle_code() does it or not.
        """
        with self.lock:
            status = "pending" if refusable else "done"
            return self._operate(
                "code", None, amount, currency, paid_at=paid_at, status=status, code=code
            )

    def settle_code(self, operation_id: str, accepted: bool) -> None:
        with self.lock:
            operation = self._operations[operation_id]
            if operation["status"] == "pending":
                operation["status"] = "done" if accepted else "declined"
                self._vault.put("operation", operation_id, operation)

    # ---- what the bank's own accountant sees ----

    def orders(self) -> list[Order]:
        with self.lock:
            return [dict(order) for order in self._orders.values()]

    def operations(self) -> list[Operation]:
        with self.lock:
            return [dict(operation) for operation in self._operations.values()]

    def money(self) -> dict[str, dict[str, int]]:
        """By currency: taken, refunded, and their difference, all of it real; held apart."""
        with self.lock:
            sums: dict[str, dict[str, int]] = {}
            for operation in self._operations.values():
                kind, status = operation["kind"], operation["status"]
                row = sums.setdefault(
                    operation["currency"],
                    {"taken": 0, "refunded": 0, "total": 0, "held": 0, "undecided": 0},
                )
                if status == "declined":
                    continue
                if kind == "code" and status == "pending":
                    row["undecided"] += operation["amount"]
                elif kind in ("payment", "capture", "code"):
                    row["taken"] += operation["amount"]
                elif kind == "refund":
                    row["refunded"] += operation["amount"]
            for order in self._orders.values():
                if order["held"]:
                    hold = self._operations[order["operation"]]
                    sums[hold["currency"]]["held"] += order["held"]
            for row in sums.values():
                row["total"] = row["taken"] - row["refunded"]
            return sums

    # ---- inside ----

    def _operate(
        self,
        kind: str,
        order: Optional[Order],
        amount: int,
        currency: str,
        paid_at: Optional[str] = None,
        status: str = "done",
        **more: str,
    ) -> Operation:
        self._number += 1
        operation: Operation = {
            "operation": f"{self._series}-{self._number:06d}",
            "kind": kind,
            "order": order["order"] if order else None,
            "amount": amount,
            "currency": currency,
            "status": status,
            "paid_at": paid_at or rfc3339(self._clock()),
            **more,
        }
        self._vault.put("operation", operation["operation"], operation)
        if order:
            order["operations"].append(operation["operation"])
            self._keep(order)
        return operation

    def _of(self, order: Order, kind: str) -> list[Operation]:
        operations = [self._operations[name] for name in order["operations"]]
        return [operation for operation in operations if operation["kind"] == kind]

    def _end(self, number: str, status: str) -> Order:
        with self.lock:
            order = self.find(number)
            if order["status"] != "pending":
                raise Refused(409, {"reason": f"the order is {order['status']}"})
            order.update(status=status, told_expired=True)
            self._keep(order)
            return order

    def _expire_in_time(self, order: Order) -> None:
        if order["status"] == "pending" and self._clock() >= seconds(order["expires_at"]):
            order["status"] = "expired"
            self._keep(order)

    def _keep(self, order: Order) -> None:
        self._vault.put("order", order["order"], order)


def _is_taken(operation: Operation) -> bool:
    return operation["kind"] in ("payment", "capture", "code") and operation["status"] == "done"


def rfc3339(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(moment: str) -> float:
    """RFC 3339 -> Unix seconds; ValueError when it is none."""
    parsed = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    if parsed.tzinfo is None or "T" not in moment:
        raise ValueError(f"not RFC 3339: {moment}")
    return parsed.timestamp()
