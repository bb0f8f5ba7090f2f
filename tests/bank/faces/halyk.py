# SPDX-License-Identifier: Apache-2.0
"""ePay 2 of Halyk Bank: tokens, links, transactions, and a postLink that nobody signs.

Written from epayment.kz/docs.  A token is good for one request, and for a link only with the sum
and the order that it was asked for.
"""

from __future__ import annotations

import json
import secrets
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any, Callable, Optional
from urllib.parse import parse_qs, urlsplit

from bank import pages
from bank.faces.face import Face
from bank.http_types import Reply, Request, html, see_other
from bank.wire import Request as WireRequest

Order = dict[str, Any]

# What a page says of a transaction; whatever is not here waits for the payer.
SHOWN = {"AUTH": "authorized", "CHARGE": "paid", "REFUND": "paid", "CANCEL": "declined"}
SHOWN.update({"REJECT": "declined", "FAILED": "declined"})
MOVEMENTS = {"charge": "capture", "cancel": "release", "refund": "refund"}
REFUND_MIN = 1000


def number(amount: int) -> Any:
    """100 tiyn are 1, 1222 are 12.22: as the bank's examples write a sum."""
    return amount // 100 if amount % 100 == 0 else amount / 100


def minor(text: str) -> int:
    try:
        return int(Decimal(text) * 100)
    except InvalidOperation as error:
        raise Refused(400, 100) from error


class Refused(Exception):
    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Halyk(Face):
    NAME = "halyk"
    SETTINGS = {
        "client_id": "test",
        "client_secret": "yF587AV9Ms94qN2QShFzVR3vFnWkhjbAK3sG",
        "terminal": "67e34d63-102f-4bd1-898e-370781d0074d",
        "shop_id": "04f25a4b-d2bd-4dd8-b3a7-9390be4774c4",
        "two_stage": False,  # only hold the money until it is charged
        "none_code": "102",  # resultCode where there is no transaction: not published
    }

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {"pay": self._pay, "state": self._state, "tell": self._tell_again}

    def money(self) -> dict[str, int]:
        names = ("taken", "refunded", "held")
        return {name: sum(o[name] for o in self.orders.values()) for name in names}

    def answer(self, request: Request) -> Reply:
        path = urlsplit(request.path).path.removeprefix("/halyk/")
        parts = path.split("/")
        try:
            if path == "oauth2/token":
                return self._token(request)
            if parts[0] == "pay" and len(parts) == 2:
                return self._page(request, parts[1])
            token = self._spend(request)
            if path == "invoice":
                return self._invoice(request, token)
            if path.startswith("check-status/payment/transaction/"):
                return self._status(parts[-1])
            if parts[0] == "operation" and len(parts) == 3 and parts[2] in MOVEMENTS:
                return self._operate(request, parts[1], parts[2])
        except Refused as no:
            return self._json({"code": no.code, "message": ""}, {}, no.status)
        return Reply(404)

    # ---- tokens ----

    def _token(self, request: Request) -> Reply:
        form = {k: v[0] for k, v in parse_qs(request.body.decode(), True).items()}
        known = all(form.get(n) == self.settings[n] for n in ("client_id", "client_secret"))
        if request.method != "POST" or not known or form.get("grant_type") != "client_credentials":
            raise Refused(401, 100)

        def give(struck: dict[str, Any]) -> Reply:
            token = secrets.token_urlsafe(16)
            self.bank.vault.put("halyk.token", token, form)
            said = {"access_token": token, "expires_in": 7200, "token_type": "Bearer"}
            return self._json(said, struck)

        return self.misbehaving("token", form.get("invoiceID", ""), give)

    def _spend(self, request: Request) -> dict[str, Any]:
        """What the token was asked for; it is good once."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.lock:
            form = self.bank.vault.kind("halyk.token").get(token)
            if not form or form.get("terminal") != self.settings["terminal"]:
                raise Refused(401, 100)
            self.bank.vault.put("halyk.token", token, {})
            return form

    # ---- links ----

    def _invoice(self, request: Request, token: dict[str, Any]) -> Reply:
        wish = json.loads(request.body)
        order = wish["invoice_id"]
        bound = (token.get("invoiceID"), minor(token.get("amount", "0")), token.get("currency"))
        if bound != (order, minor(str(wish["amount"])), wish["currency"]):
            raise Refused(401, 100)
        if wish["shop_id"] != self.settings["shop_id"] or not (6 <= len(order) <= 15):
            raise Refused(400, 100)

        def make(struck: dict[str, Any]) -> Reply:
            with self.lock:
                if order in self.orders:
                    raise Refused(400, 100)
                made = {
                    "order": order,
                    "amount": bound[1],
                    "currency": wish["currency"],
                    "description": wish.get("description", ""),
                    "return_url": wish.get("back_link", ""),
                    "post_link": wish["post_link"],
                    "secret_hash": token.get("secret_hash", ""),
                    "session": secrets.token_urlsafe(12),
                    "language": wish.get("language", "rus"),
                    "id": "",
                    "statusName": "",
                    "reasonCode": 0,
                    "taken": 0,
                    "refunded": 0,
                    "held": 0,
                    "refunds": {},
                }
                self.keep(order, made)
            said = {
                "id": str(uuid.uuid4()),
                "amount": number(made["amount"] + struck.get("wrong_amount", 0)),
                "currency": made["currency"],
                "invoice_id": struck.get("other_order", order),
                "expire_period": wish["expire_period"],
                "status": "ACTIVE",
                "invoice_url": f"{self.url}/pay/{made['session']}",
            }
            return self._json(said, struck)

        return self.misbehaving("register", order, make)

    def _page(self, request: Request, session: str) -> Reply:
        order = next((o for o in self.orders.values() if o["session"] == session), None)
        if order is None:
            return html(404, pages.missing_page("ru"))
        if request.method == "POST":
            action = parse_qs(request.body.decode("utf-8", "replace")).get("action", [""])[0]
            if action == "decline":
                self._state({"order": order["order"], "status": "FAILED", "code": 484})
            elif action == "pay":
                self._pay({"order": order["order"]})
            return see_other(order["return_url"] or request.path)
        shown = {**order, "status": SHOWN.get(order["statusName"], "pending"), "expires_at": ""}
        language = {"kaz": "kk", "eng": "en"}.get(order["language"], "ru")
        return html(200, pages.pay_page(shown, "Halyk", language))

    # ---- what the payer does, and a test for him ----

    def _pay(self, wish: dict[str, Any]) -> Order:
        """Of `order`; `amount` if it is to be another, `hold` if the setting says otherwise."""
        with self.lock:
            order = self.orders[wish["order"]]
            amount = wish.get("amount", order["amount"])
            order.update(id=str(uuid.uuid4()), reasonCode=0, paid=amount)
            if wish.get("hold", self.settings["two_stage"]):
                order.update(statusName="AUTH", held=amount)
            else:
                order.update(statusName="CHARGE", taken=amount)
            self.keep(order["order"], order)
        self._tell(order)
        return order

    def _state(self, wish: dict[str, Any]) -> Order:
        """The transaction of `order` is in `status`, with `code`; no money moves."""
        with self.lock:
            order = self.orders[wish["order"]]
            order.update(id=order["id"] or str(uuid.uuid4()), statusName=wish["status"])
            order["reasonCode"] = wish.get("code", 0)
            self.keep(order["order"], order)
        self._tell(order)
        return order

    def _tell_again(self, wish: dict[str, Any]) -> dict[str, Any]:
        """A postLink of `order`, whatever became of it."""
        return self._tell(self.orders[wish["order"]])

    def _tell(self, order: Order) -> dict[str, Any]:
        said = dict(order)
        return self.calls.call(order["order"], "payment", lambda struck: self._post(said, struck))

    def _post(self, order: Order, struck: dict[str, Any]) -> WireRequest:
        failed = order["statusName"] in ("REJECT", "FAILED")
        body: dict[str, Any] = {
            "accountId": "",
            "amount": number(order["amount"] + struck.get("wrong_amount", 0)),
            "code": "error" if failed else "ok",
            "currency": struck.get("wrong_currency", order["currency"]),
            "id": order["id"],
            "invoiceId": order["order"],
            "reasonCode": order["reasonCode"],
            "terminal": self.settings["terminal"],
            "secret_hash": order["secret_hash"],
        }
        if "bad_signature" in struck or "other_merchant" in struck:
            body["secret_hash"] = order["secret_hash"][::-1]
        if "unsigned" in struck:
            del body["secret_hash"]
        reply = self._json(body, struck)
        return WireRequest(order["post_link"], reply.body, {"Content-Type": "application/json"})

    # ---- what Alym asks ----

    def _status(self, asked: str) -> Reply:
        def show(struck: dict[str, Any]) -> Reply:
            with self.lock:
                order = self.orders.get(asked)
                if order is None or not order["statusName"]:
                    none = {"resultCode": self.settings["none_code"], "resultMessage": ""}
                    return self._json(none, struck)
                paid = order.get("paid", order["amount"]) + struck.get("wrong_amount", 0)
                transaction = {
                    "id": order["id"],
                    "invoiceID": struck.get("other_order", order["order"]),
                    "amount": number(paid),
                    "amountBonus": 0,
                    "currency": struck.get("wrong_currency", order["currency"]),
                    "terminal": "98120001",
                    "terminalID": self.settings["terminal"],
                    "statusName": order["statusName"],
                    "reasonCode": str(order["reasonCode"]),
                }
            said = {"resultCode": "100", "resultMessage": "SUCCESS", "transaction": transaction}
            return self._json(said, struck)

        return self.misbehaving("status", asked, show)

    def _operate(self, request: Request, identity: str, what: str) -> Reply:
        query = {k: v[0] for k, v in parse_qs(urlsplit(request.path).query).items()}
        order = next((o for o in self.orders.values() if o["id"] == identity), None)
        if order is None or request.method != "POST":
            raise Refused(400, 100)

        def work(struck: dict[str, Any]) -> Reply:
            with self.lock:
                sum_text: Optional[str] = query.get("amount")
                whole = order["held"] if what == "charge" else order["taken"] - order["refunded"]
                amount = minor(sum_text) if sum_text else whole
                if "declined" in struck or not self._move(order, what, amount, query):
                    raise Refused(400, 100)
                self.keep(order["order"], order)
            return Reply(200)

        return self.misbehaving(MOVEMENTS[what], order["order"], work)

    @staticmethod
    def _move(order: Order, what: str, amount: int, query: dict[str, str]) -> bool:
        if what == "charge" and order["statusName"] == "AUTH" and 0 < amount <= order["held"]:
            order.update(statusName="CHARGE", taken=amount, held=0, paid=amount)
        elif what == "cancel" and order["statusName"] == "AUTH":
            order.update(statusName="CANCEL", held=0)
        elif (
            what == "refund"
            and order["statusName"] in ("CHARGE", "REFUND")
            and REFUND_MIN <= amount <= order["taken"] - order["refunded"]
            and query.get("externalID") not in order["refunds"]
        ):
            order["refunds"][query.get("externalID", "")] = amount
            order.update(statusName="REFUND", refunded=order["refunded"] + amount)
        else:
            return False
        return True

    @staticmethod
    def _json(said: dict[str, Any], struck: dict[str, Any], status: int = 200) -> Reply:
        body = json.dumps(said, ensure_ascii=False).encode()
        if "garbage" in struck:
            body = bytes(range(256))
        if "cut" in struck:
            body = body[: len(body) // 2]
        if "oversized" in struck:
            body += b" " * struck["oversized"]
        return Reply(status, body)
