# SPDX-License-Identifier: Apache-2.0
"""BPC/RBS REST, the bank's side: sandbox.berekebank.kz and sandbox.vtb-bank.kz, "REST API".

What differs between banks, or is not published, is a setting.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Optional
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from bank import faults as switches
from bank import pages
from bank.callbacks import json_bytes, spoil, turned
from bank.faces.face import Face
from bank.http_types import Reply, Request, html, see_other
from bank.orders import rfc3339
from bank.wire import Request as WireRequest

REGISTERED, HELD, DEPOSITED, REVERSED, REFUNDED, ACS, DECLINED = range(7)
PAYMENT_STATE = ("CREATED", "APPROVED", "DEPOSITED", "REVERSED", "REFUNDED", "CREATED", "DECLINED")
DUPLICATE, DENIED, NOT_FOUND, IMPOSSIBLE, EMPTY = 1, 5, 6, 7, 12
TIME_IS_UP, NO_MONEY = -2007, 116
NUMBER = re.compile(r"[A-Za-z0-9-]{1,36}", re.ASCII)
AMOUNT = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)

Order = dict[str, Any]
Form = dict[str, str]


class Failure(ValueError):
    """The bank's no: an errorCode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Rbs(Face):
    NAME = "rbs"
    SETTINGS = {
        "user": "alym-api",
        "password": "alym-password",
        "token": "",
        "key": "rbs-callback-key",
        "method": "GET",  # of callbacks; or "POST", or "any": by turns
        "codes": "text",  # errorCode as "text" or as a "number", or "any": by turns
        "zone_h": 5,  # of expirationDate
        "net": True,  # depositedAmount goes down with a refund
    }

    def __init__(self, bank: Any) -> None:
        super().__init__(bank)
        self._turns = itertools.count()
        self._methods: dict[str, tuple[str, Callable[[Form], dict[str, Any]]]] = {
            "register.do": ("register", lambda form: self._register(form, two_step=False)),
            "registerPreAuth.do": ("register", lambda form: self._register(form, two_step=True)),
            "getOrderStatusExtended.do": ("status", self._status),
            "deposit.do": ("capture", self._deposit),
            "reverse.do": ("release", self._reverse),
            "decline.do": ("release", self._decline),
            "refund.do": ("refund", self._refund),
        }

    def answer(self, request: Request) -> Reply:
        path = urlsplit(request.path).path.removeprefix(f"/{self.NAME}/")
        if path.startswith("payment/rest/"):
            return self._rest(request, path.removeprefix("payment/rest/"))
        if path == "payment/page":
            return self._page(request)
        return html(404, pages.missing_page("en"))

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        def acting(work: Callable[[Order], None]) -> Callable[[dict[str, Any]], Any]:
            return lambda wish: work(self._find_number(wish["order"]))

        return {
            "pay": acting(self.pay),
            "decline": acting(self.decline),
            "expire": acting(self.expire),
            "challenge": acting(self._challenge),
            "cabinet_refund": acting(lambda order: self._move_back(order, order["deposited"])),
            "send": self._send,
            "ask": lambda wish: self._methods[wish["method"]][1](wish["form"]),
        }

    def money(self) -> dict[str, int]:
        every = list(self.orders.values())
        return {
            "taken": sum(order["deposited"] for order in every),
            "refunded": sum(order["refunded"] for order in every),
            "held": sum(order["approved"] for order in every if order["status"] == HELD),
        }

    # ---- the merchant's requests ----

    def _rest(self, request: Request, method: str) -> Reply:
        if request.method != "POST" or method not in self._methods:
            return Reply(404, b"")
        form = _form(request.body)
        on, work = self._methods[method]

        def answered(struck: dict[str, Any]) -> Reply:
            try:
                self._let_in(form)
                body = {"errorCode": 0, "errorMessage": "Success", **work(form)}
            except Failure as failure:
                body = {"errorCode": failure.code, "errorMessage": failure.message}
            if on == "register" and body["errorCode"] == 0:
                del body["errorCode"], body["errorMessage"]
            elif self._turn("codes", ("text", "number")) == "text":
                body["errorCode"] = str(body["errorCode"])
            return Reply(200, spoil(json_bytes(_falsified(body, struck)), struck))

        return self.misbehaving(on, self._about(form), answered)

    def _about(self, form: Form) -> str:
        order = self.orders.get(form.get("orderId", ""))
        return order["number"] if order else form.get("orderNumber", "")

    def _let_in(self, form: Form) -> None:
        s = self.settings
        by_token = s["token"] and form.get("token") == s["token"]
        by_name = (form.get("userName"), form.get("password")) == (s["user"], s["password"])
        if not by_token and not by_name:
            raise Failure(DENIED, "Access denied")

    def _register(self, form: Form, two_step: bool) -> dict[str, Any]:
        number, amount = form.get("orderNumber", ""), form.get("amount", "")
        if not NUMBER.fullmatch(number) or not form.get("returnUrl"):
            raise Failure(DENIED, "A parameter is wrong")
        if not AMOUNT.fullmatch(amount):
            raise Failure(EMPTY, "Empty amount")
        until = self._moment(form.get("expirationDate"))
        with self.lock:
            if any(order["number"] == number for order in self.orders.values()):
                raise Failure(DUPLICATE, "Order number is duplicated")
            name = str(uuid.uuid4())
            order = dict.fromkeys(("approved", "deposited", "refunded", "action", "asked"), 0)
            order.update(id=name, number=number, amount=int(amount), status=REGISTERED)
            order.update(two_step=two_step, until=until, refunds={}, form=form, log=[])
            del order["form"]["password"]
            self.keep(name, order)
        delay_s = max(0.0, until - self.bank.clock()) + 0.05
        self.bank.timetable.after(delay_s, lambda: self.expire(order), background=True)
        return {"orderId": name, "formUrl": f"{self.url}/payment/page?mdOrder={name}"}

    def _moment(self, written: Optional[str]) -> float:
        if not written:
            return self.bank.clock() + 1200
        try:
            local = datetime.strptime(written, "%Y-%m-%dT%H:%M:%S")
        except ValueError:
            raise Failure(DENIED, "expirationDate is wrong") from None
        zone = timezone(timedelta(hours=self.settings["zone_h"]))
        return local.replace(tzinfo=zone).timestamp()

    def _status(self, form: Form) -> dict[str, Any]:
        with self.lock:
            order = self._find(form)
            order["asked"] += 1
            left = order["deposited"] - (order["refunded"] if self.settings["net"] else 0)
            return {
                "orderNumber": order["number"],
                "orderStatus": order["status"],
                "actionCode": order["action"],
                "actionCodeDescription": "",
                "amount": order["amount"],
                "currency": order["form"].get("currency", "398"),
                "date": int(time.time() * 1000),
                "attributes": [{"name": "mdOrder", "value": order["id"]}],
                "paymentAmountInfo": {
                    "paymentState": PAYMENT_STATE[order["status"]],
                    "approvedAmount": order["approved"],
                    "depositedAmount": left,
                    "refundedAmount": order["refunded"],
                },
            }

    def _deposit(self, form: Form) -> dict[str, Any]:
        with self.lock:
            order = self._find(form)
            amount = int(form.get("amount", "0")) or order["approved"]
            if order["status"] != HELD or amount > order["approved"]:
                raise Failure(IMPOSSIBLE, "The operation is impossible")
            order.update(status=DEPOSITED, deposited=amount)
            self._keep(order, "deposit")
        self._tell(order, "deposited", 1)
        return {}

    def _reverse(self, form: Form) -> dict[str, Any]:
        with self.lock:
            order = self._find(form)
            if order["status"] != HELD:
                raise Failure(IMPOSSIBLE, "The operation is impossible")
            order.update(status=REVERSED, approved=0)
            self._keep(order, "reverse")
        self._tell(order, "reversed", 1)
        return {}

    def _decline(self, form: Form) -> dict[str, Any]:
        with self.lock:
            order = self._find(form)
            if order["status"] != REGISTERED:
                raise Failure(IMPOSSIBLE, "The operation is impossible")
            order["status"] = DECLINED
            self._keep(order, "decline")
        return {}

    def _refund(self, form: Form) -> dict[str, Any]:
        amount, name = int(form.get("amount", "0")), form.get("externalRefundId", "")
        with self.lock:
            order = self._find(form)
            if name and name in order["refunds"]:
                return {}
            left = order["deposited"] - order["refunded"]
            expected = form.get("expectedDepositedAmount")
            if not 0 < amount <= left or (expected and int(expected) != left):
                raise Failure(IMPOSSIBLE, "The operation is impossible")
            order["refunds"][name] = amount
            self._move_back(order, amount)
        return {}

    def _move_back(self, order: Order, amount: int) -> None:
        with self.lock:
            order["refunded"] += amount
            order["status"] = REFUNDED
            self._keep(order, "refund")
        self._tell(order, "refunded", 1)

    def _find(self, form: Form) -> Order:
        found = self.orders.get(form.get("orderId", ""))
        if found is None and "orderId" not in form:
            number = form.get("orderNumber")
            found = next((o for o in self.orders.values() if o["number"] == number), None)
        if found is None:
            raise Failure(NOT_FOUND, "No such order")
        return found

    def _find_number(self, number: str) -> Order:
        return self._find({"orderNumber": number})

    def _keep(self, order: Order, what: str) -> None:
        order["log"].append(what)
        self.keep(order["id"], order)

    # ---- the payer ----

    def pay(self, order: Order) -> None:
        struck = self.bank.faults.take(switches.PAY, order["number"])
        with self.lock:
            self._require_open(order)
            amount = max(1, order["amount"] + struck.get("amount", 0))
            order["approved"] = amount
            held = order["two_step"] or "authorize" in struck
            order["status"] = HELD if held else DEPOSITED
            order["deposited"] = 0 if held else amount
            self._keep(order, "approve")
        self._tell(order, "approved" if held else "deposited", 1)

    def decline(self, order: Order) -> None:
        with self.lock:
            self._require_open(order)
            order.update(status=DECLINED, action=NO_MONEY)
            self._keep(order, "refuse")
        self._tell(order, "approved", 0)

    def expire(self, order: Order) -> None:
        with self.lock:
            if order["status"] != REGISTERED:
                return
            order.update(status=DECLINED, action=TIME_IS_UP)
            self._keep(order, "expire")
        self._tell(order, "declinedByTimeout", 1)

    def _challenge(self, order: Order) -> None:
        with self.lock:
            self._require_open(order)
            order["status"] = ACS
            self._keep(order, "challenge")

    @staticmethod
    def _require_open(order: Order) -> None:
        if order["status"] not in (REGISTERED, ACS):
            raise Failure(IMPOSSIBLE, "Nothing to pay")

    def _page(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        order = self.orders.get(query.get("mdOrder", [""])[-1])
        if order is None:
            return html(404, pages.missing_page("en"))
        language = pages.language_of(order["form"].get("language"))
        if request.method != "POST":
            return html(200, self._paper(order, language))
        action = _form(request.body).get("action", "")
        try:
            {"pay": self.pay, "decline": self.decline}[action](order)
        except KeyError:
            return html(400, self._paper(order, language))
        except Failure:
            return html(409, self._paper(order, language))
        return see_other(order["form"]["returnUrl"])

    @staticmethod
    def _paper(order: Order, language: str) -> str:
        states = {REGISTERED: "pending", ACS: "pending", HELD: "authorized", DECLINED: "declined"}
        shown = {
            "order": order["number"],
            "description": order["form"].get("description", ""),
            "expires_at": rfc3339(order["until"]),
            "amount": order["amount"],
            "currency": "KZT",
            "status": states.get(order["status"], "paid"),
            "session": "",
        }
        return pages.pay_page(shown, order["form"]["userName"], language)

    # ---- callbacks ----

    def _tell(self, order: Order, operation: str, status: int) -> None:
        url = order["form"].get("dynamicCallbackUrl")
        if url:
            fields = {
                "status": str(status),
                "mdOrder": order["id"],
                "orderNumber": order["number"],
                "operation": operation,
                "amount": str(order["amount"]),
            }
            number = order["number"]
            self.calls.call(number, "payment", lambda struck: self._compose(url, fields, struck))

    def _compose(self, url: str, fields: Form, struck: dict[str, Any]) -> WireRequest:
        fields = dict(fields)
        if "wrong_amount" in struck:
            fields["amount"] = str(int(fields["amount"]) + struck["wrong_amount"])
        checksum = self.checksum(fields)
        if "bad_signature" in struck:
            checksum = turned(checksum)
        if "unsigned" not in struck:
            fields["checksum"] = checksum
        data = spoil(urlencode(fields).encode(), struck)
        if self._turn("method", ("GET", "POST")) == "POST":
            return WireRequest(url, data, {"Content-Type": "application/x-www-form-urlencoded"})
        return WireRequest(f"{url}?{data.decode('latin-1')}", b"", {}, "GET")

    def _turn(self, setting: str, ways: tuple[str, str]) -> str:
        way = self.settings[setting]
        return ways[next(self._turns) % 2] if way == "any" else way

    def checksum(self, fields: Form) -> str:
        text = "".join(f"{name};{fields[name]};" for name in sorted(fields))
        key = self.settings["key"].encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest().upper()

    def _send(self, wish: dict[str, Any]) -> dict[str, Any]:
        """A callback with any fields, signed unless they bring a checksum of their own."""
        order = self._find_number(wish["order"])
        fields = {"mdOrder": order["id"], "orderNumber": order["number"], **wish["fields"]}
        checksum = fields.pop("checksum", None) or self.checksum(fields)
        data = urlencode({**fields, "checksum": checksum}).encode()
        url = order["form"]["dynamicCallbackUrl"]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.bank.wire.send(WireRequest(url, data, form))
        return {"status": answer.status if answer else 0}


def _form(body: bytes) -> Form:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _falsified(body: dict[str, Any], struck: dict[str, Any]) -> dict[str, Any]:
    if "wrong_amount" in struck and "amount" in body:
        body["amount"] += struck["wrong_amount"]
    if "wrong_currency" in struck and "currency" in body:
        body["currency"] = "840"
    if "other_order" in struck and "orderNumber" in body:
        body["orderNumber"] = struck["other_order"]
    return body
