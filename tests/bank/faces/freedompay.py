# SPDX-License-Identifier: Apache-2.0
"""Freedom Pay as its documents and its customers' libraries describe it (Platron's protocol).

Sources: freedompay.kz/docs-en/merchant-api, docs.freedompay.kz (api-11620859, api-11620963);
github.com/pashagray/paybox_money, github.com/Platron/php-sdk.  Money is integers of minor units.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Callable, Optional, Union
from urllib.parse import parse_qsl, urlencode, urlsplit

from bank import faults as switches
from bank import pages
from bank.callbacks import spoil, turned
from bank.faces.face import Face
from bank.http_types import Reply, Request, html, see_other
from bank.orders import rfc3339
from bank.wire import Answer
from bank.wire import Request as WireRequest

# A field's value: text, fields in a field, or several fields of one name in one.
Value = Union[str, dict[str, "Value"], list[tuple[str, "Value"]]]
Fields = dict[str, Value]
Order = dict[str, Any]

ALMATY = timezone(timedelta(hours=5))
QUESTIONS = {
    "init_payment.php": "register",
    "get_status3.php": "status",
    "do_capture.php": "capture",
    "cancel.php": "release",
    "revoke.php": "refund",
}
NO_SIGNATURE, NO_MERCHANT, BAD_REQUEST, NOT_FOUND, WRONG_STATE, LIMIT = 100, 101, 200, 340, 120, 420


class Refusal(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def values_of(fields: Value) -> list[str]:
    """What is signed of it, in order: names sorted, lists as they are, what is inside in its place."""
    if isinstance(fields, str):
        return [fields]
    pairs = fields if isinstance(fields, list) else sorted(fields.items())
    return [text for name, value in pairs if name != "pg_sig" for text in values_of(value)]


def signature(script: str, fields: Value, secret: str) -> str:
    return hashlib.md5(";".join([script, *values_of(fields), secret]).encode()).hexdigest()


def script_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def minor(text: str) -> int:
    try:
        amount = Decimal(text) * 100
    except InvalidOperation:
        raise Refusal(BAD_REQUEST, f"no amount: {text}") from None
    if not amount.is_finite() or amount != int(amount):
        raise Refusal(BAD_REQUEST, f"no amount: {text}")
    return int(amount)


def decimal(amount: int, places: int = 4) -> str:
    return f"{Decimal(amount) / 100:.{places}f}"


def xml(fields: Fields) -> bytes:
    root = ElementTree.Element("response")
    _fill(root, fields)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _fill(parent: ElementTree.Element, fields: Value) -> None:
    if isinstance(fields, str):
        parent.text = fields
        return
    for name, value in fields if isinstance(fields, list) else fields.items():
        _fill(ElementTree.SubElement(parent, name), value)


class FreedomPay(Face):
    NAME = "freedompay"
    SETTINGS = {"merchant": "500235", "can_reject": True}

    @property
    def secret(self) -> str:
        return self.bank.signer.secret.decode()

    def answer(self, request: Request) -> Reply:
        rest = urlsplit(request.path).path.removeprefix(f"/{self.NAME}/")
        if rest in QUESTIONS and request.method == "POST":
            fields: dict[str, str] = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            about = fields.get("pg_order_id") or self._number(fields.get("pg_payment_id", ""))
            return self.misbehaving(
                QUESTIONS[rest], about, lambda struck: self._reply(rest, fields, struck)
            )
        if rest.startswith("pay/"):
            return self._page(request, rest.removeprefix("pay/"))
        return html(404, pages.missing_page("ru"))

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "pay": lambda wish: self.pay(self._by_number(wish["order"])),
            "decline": lambda wish: self.decline(self._by_number(wish["order"])),
            "tell": self._tell,
        }

    def money(self) -> dict[str, int]:
        taken = sum(order["taken"] for order in self.orders.values())
        refunded = sum(self._refunded(order) for order in self.orders.values())
        held = sum(order["amount"] for order in self.orders.values() if self._is_held(order))
        return {"taken": taken, "refunded": refunded, "held": held}

    # ---- what the merchant asks ----

    def _reply(self, script: str, fields: dict[str, str], struck: dict[str, Any]) -> Reply:
        work = {
            "init_payment.php": self._init,
            "get_status3.php": self._status,
            "do_capture.php": self._capture,
            "cancel.php": self._cancel,
            "revoke.php": self._revoke,
        }[script]
        try:
            self._require_signed(script, fields)
            if "declined" in struck:
                raise Refusal(WRONG_STATE, "as the switch says")
            with self.lock:
                said = work(fields, struck)
        except Refusal as refusal:
            said = {"pg_status": "error", "pg_error_code": str(refusal.code)}
            said["pg_error_description"] = str(refusal)
            if refusal.code in (NO_SIGNATURE, NO_MERCHANT):
                return self._sent(dict(said, pg_salt=secrets.token_hex(8)), struck)
        return self._sent(self._signed(script, self._falsified(said, struck), struck), struck)

    def _require_signed(self, script: str, fields: dict[str, str]) -> None:
        if fields.get("pg_merchant_id") != self.settings["merchant"]:
            raise Refusal(NO_MERCHANT, "Incorrect merchant")
        want = signature(script, dict(fields), self.secret)
        if "pg_salt" not in fields or not hmac.compare_digest(want, fields.get("pg_sig", "")):
            raise Refusal(NO_SIGNATURE, "Incorrect signature")

    def _signed(self, script: str, said: Fields, struck: dict[str, Any]) -> Fields:
        said = dict(said, pg_salt=secrets.token_urlsafe(12))
        if "unsigned" not in struck:
            sig = signature(script, said, self.secret)
            said["pg_sig"] = turned(sig) if "bad_signature" in struck else sig
        return said

    @staticmethod
    def _falsified(said: Fields, struck: dict[str, Any]) -> Fields:
        said = dict(said)
        if "wrong_amount" in struck and "pg_amount" in said:
            said["pg_amount"] = decimal(minor(str(said["pg_amount"])) + struck["wrong_amount"])
        if "wrong_currency" in struck and "pg_currency" in said:
            said["pg_currency"] = struck["wrong_currency"]
        if "other_order" in struck and "pg_payment_id" in said:
            said["pg_payment_id"] = struck["other_order"]
        return said

    @staticmethod
    def _sent(said: Fields, struck: dict[str, Any]) -> Reply:
        return Reply(200, spoil(xml(said), struck), {"Content-Type": "text/xml; charset=utf-8"})

    def _init(self, fields: dict[str, str], _: dict[str, Any]) -> Fields:
        amount, number = minor(fields.get("pg_amount", "")), fields.get("pg_order_id", "")
        if amount <= 0 or not number or not fields.get("pg_description"):
            raise Refusal(BAD_REQUEST, "a field is missing")
        name = str(4567000 + len(self.orders))
        token = secrets.token_urlsafe(18)
        order: Order = {
            "payment": name,
            "order": number,
            "session": token,
            "amount": amount,
            "currency": fields.get("pg_currency", "KZT"),
            "description": fields["pg_description"],
            "language": fields.get("pg_language", "kk"),
            "result_url": fields.get("pg_result_url", ""),
            "check_url": fields.get("pg_check_url", ""),
            "return_url": fields.get("pg_success_url", ""),
            "expires_at": rfc3339(self.bank.clock() + int(fields.get("pg_lifetime", "86400"))),
            "two_step": fields.get("pg_postpone_payment") == "1",
            "testing": fields.get("pg_testing_mode", "0"),
            "status": "new",
            "captured": 0,
            "taken": 0,
            "refunds": [],
            "created": self._local(),
        }
        self.keep(name, order)
        said: Fields = {"pg_status": "ok", "pg_payment_id": name}
        said["pg_redirect_url"] = f"{self.url}/pay/{token}?from=init&language={order['language']}"
        said["pg_redirect_url_type"] = "need data"
        return said

    def _status(self, fields: dict[str, str], _: dict[str, Any]) -> Fields:
        order = self._find(fields)
        said: Fields = {
            "pg_status": "ok",
            "pg_payment_id": order["payment"],
            "pg_can_reject": "1" if self.settings["can_reject"] else "0",
            "pg_payment_method": "bankcard",
            "pg_amount": decimal(order["amount"]),
            "pg_currency": order["currency"],
            "pg_payment_status": order["status"],
            "pg_clearing_amount": decimal(order["taken"], 0 if order["taken"] % 100 == 0 else 2),
            "pg_captured": str(order["captured"]),
            "pg_testing_mode": order["testing"],
            "pg_create_date": order["created"],
        }
        if order["refunds"]:
            said["pg_refund_payments"] = [
                ("pg_refund_payment", {**refund, "pg_amount": decimal(-refund["pg_amount"], 2)})
                for refund in order["refunds"]
            ]
            said["pg_refund_amount"] = decimal(-self._refunded(order), 2)
        if "paid" in order:
            said["pg_payment_date"] = order["paid"]
        return said

    def _capture(self, fields: dict[str, str], struck: dict[str, Any]) -> Fields:
        order = self._find(fields)
        amount = minor(fields.get("pg_clearing_amount", decimal(order["amount"])))
        if not self._is_held(order):
            raise Refusal(WRONG_STATE, "nothing is held")
        if not 0 < amount <= order["amount"]:
            raise Refusal(LIMIT, "more than is held")
        order.update(captured=1, taken=amount)
        self.keep(order["payment"], order)
        return {"pg_status": "pending" if "pending" in struck else "ok"}

    def _cancel(self, fields: dict[str, str], _: dict[str, Any]) -> Fields:
        order = self._find(fields)
        if not self._is_held(order):
            raise Refusal(WRONG_STATE, "nothing is held")
        order["status"] = "revoked"
        self.keep(order["payment"], order)
        return {"pg_status": "ok"}

    def _revoke(self, fields: dict[str, str], struck: dict[str, Any]) -> Fields:
        """Without a key: asked twice, it gives back twice."""
        order = self._find(fields)
        rest = order["taken"] - self._refunded(order)
        amount = minor(fields.get("pg_refund_amount", "0")) or rest
        if not order["captured"]:
            raise Refusal(WRONG_STATE, "nothing was taken")
        if not 0 < amount <= rest:
            raise Refusal(LIMIT, "more than is left")
        self._refund(order, amount, "pending" if "pending" in struck else "success")
        return {"pg_status": "pending" if "pending" in struck else "ok"}

    # ---- what the payer does ----

    def pay(self, order: Order) -> Order:
        """Asks the merchant, debits or holds, and tells the result."""
        struck = self.bank.faults.take(switches.PAY, order["order"])
        if order["status"] not in ("new", "pending"):
            raise ValueError(f"the payment is {order['status']}")
        if order["check_url"] and not self._may(order):
            return self.decline(order)
        with self.lock:
            holds = order["two_step"] or "authorize" in struck
            order["amount"] += struck.get("amount", 0)
            order["currency"] = struck.get("currency", order["currency"])
            order.update(status="success", captured=0 if holds else 1, paid=self._local())
            order["taken"] = 0 if holds else order["amount"]
            self.keep(order["payment"], order)
        self._call(order, "1")
        return order

    def decline(self, order: Order) -> Order:
        with self.lock:
            order["status"] = "failed"
            self.keep(order["payment"], order)
        self._call(order, "0")
        return order

    def _page(self, request: Request, token: str) -> Reply:
        found = [order for order in self.orders.values() if order["session"] == token]
        if not found:
            return html(404, pages.missing_page("ru"))
        order = found[0]
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        language = pages.language_of(order["language"])
        if request.method == "POST" and order["status"] == "new":
            if form.get("action") in ("pay", "decline"):
                {"pay": self.pay, "decline": self.decline}[form["action"]](order)
                return see_other(order["return_url"] or f"{self.url}/pay/{token}")
            return html(400, pages.pay_page(self._shown(order), "demo", language))
        return html(200, pages.pay_page(self._shown(order), "demo", language))

    @staticmethod
    def _shown(order: Order) -> Order:
        words = {"new": "pending", "failed": "declined", "success": "paid", "revoked": "declined"}
        return dict(order, status=words[order["status"]])

    # ---- what the merchant is asked and told ----

    def _message(self, order: Order, **more: str) -> dict[str, str]:
        amount = decimal(order["amount"])
        return {
            "pg_order_id": order["order"],
            "pg_payment_id": order["payment"],
            "pg_amount": amount,
            "pg_currency": order["currency"],
            "pg_net_amount": decimal(order["amount"] * 97 // 100, 2),
            "pg_ps_amount": amount,
            "pg_ps_full_amount": amount,
            "pg_ps_currency": "KZT",
            "pg_description": order["description"],
            "pg_testing_mode": order["testing"],
            "pg_payment_method": "bankcard",
            **more,
        }

    def _request(
        self, url: str, message: dict[str, str], struck: dict[str, Any]
    ) -> WireRequest:
        said = self._falsified(dict(message), struck)
        if "other_merchant" in struck:
            said["pg_merchant_id"] = "999999"
        said = self._signed(script_of(url), said, struck)
        body = spoil(urlencode(said).encode(), struck)
        return WireRequest(url, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _heard(self, url: str, answer: Optional[Answer]) -> str:
        """pg_status of an answer that is signed; empty: that is none."""
        if answer is None or answer.status != 200:
            return ""
        try:
            fields = {e.tag: e.text or "" for e in ElementTree.fromstring(answer.body)}
        except ElementTree.ParseError:
            return ""
        want = signature(script_of(url), dict(fields), self.secret)
        signed = hmac.compare_digest(want, fields.get("pg_sig", "")) and "pg_salt" in fields
        word = fields.get("pg_status", "")
        return word if signed and re.fullmatch("ok|rejected|error", word) else ""

    def _may(self, order: Order) -> bool:
        """False when the merchant says so; of one that does not answer nothing is known."""
        url = order["check_url"]
        request = self._request(url, self._message(order), {})
        try:
            heard = self._heard(url, self.bank.wire.send(request))
        except OSError:
            heard = ""
        order["checked"] = heard
        return heard != "rejected"

    def _call(self, order: Order, result: str) -> None:
        message = self._message(
            order,
            pg_result=result,
            pg_payment_date=self._local(),
            pg_can_reject="1" if self.settings["can_reject"] else "0",
            pg_captured=str(order["captured"]),
            pg_user_phone="77000000000",
            pg_card_pan="4111-11XX-XXXX-1111",
            pg_card_owner="",
        )
        url = order["result_url"]

        def heard(answer: Answer) -> bool:
            word = self._heard(url, answer)
            if word == "rejected" and self.settings["can_reject"]:
                self._reject(order)
            return word != ""

        self.calls.call(
            order["order"], "payment", lambda s: self._request(url, message, s), heard
        )

    def _tell(self, wish: dict[str, Any]) -> dict[str, Any]:
        """A result made up: `order`, `fields` to change (null: left out), `secret`, `unsigned`."""
        order = self._by_number(wish["order"])
        message = self._message(order, pg_result="1", pg_can_reject="0", pg_captured="1")
        message.update(wish.get("fields", {}))
        said: Fields = {name: value for name, value in message.items() if value is not None}
        said["pg_salt"] = secrets.token_hex(8)
        url = order["result_url"]
        said["pg_sig"] = signature(script_of(url), said, wish.get("secret", self.secret))
        answer = self.bank.wire.send(WireRequest(url, urlencode(said).encode(), {}))
        assert answer is not None
        return {"status": answer.status, "heard": self._heard(url, answer)}

    # ---- inside ----

    def _find(self, fields: dict[str, str]) -> Order:
        """By the payment's id; the order's number counts without it only."""
        name = fields.get("pg_payment_id")
        if name is None:
            return self._by_number(fields.get("pg_order_id", ""))
        if name not in self.orders:
            raise Refusal(NOT_FOUND, "no such payment")
        return self.orders[name]

    def _by_number(self, number: str) -> Order:
        for order in reversed(self.orders.values()):
            if order["order"] == number:
                return order
        raise Refusal(NOT_FOUND, "no such payment")

    def _number(self, name: str) -> str:
        return self.orders[name]["order"] if name in self.orders else ""

    @staticmethod
    def _is_held(order: Order) -> bool:
        return order["status"] == "success" and not order["captured"]

    @staticmethod
    def _refunded(order: Order) -> int:
        return sum(refund["pg_amount"] for refund in order["refunds"])

    def _refund(self, order: Order, amount: int, status: str) -> None:
        number = f"{order['payment']}{len(order['refunds']) + 1}"
        refund = {"pg_payment_id": number, "pg_payment_status": status, "pg_amount": amount}
        order["refunds"].append(dict(refund, pg_payment_date=self._local()))
        self.keep(order["payment"], order)

    def _reject(self, order: Order) -> None:
        """The merchant does not want it: back to the payer."""
        with self.lock:
            if order["captured"] and self._refunded(order) < order["taken"]:
                self._refund(order, order["taken"] - self._refunded(order), "success")
            elif self._is_held(order):
                order["status"] = "revoked"
                self.keep(order["payment"], order)

    def _local(self) -> str:
        return datetime.fromtimestamp(self.bank.clock(), ALMATY).strftime("%Y-%m-%d %H:%M:%S")
