# SPDX-License-Identifier: Apache-2.0
"""Bank CenterCredit's e-Gateway: the browser's form, the page, the notification, TRTYPE 90, 21, 22, 14.

Where the bank's documents are silent the face has a setting: what each terminal is answered in
(`terminals`), which RC it has for an order that it never saw (`absent_rc`).
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import json
import re
import secrets
import time
from decimal import Decimal
from html import escape
from typing import Any, Callable, Optional
from urllib.parse import parse_qsl, urlencode, urlsplit

from bank import faults as switches
from bank import pages
from bank.callbacks import turned
from bank.faces.face import Face
from bank.http_types import Reply, Request, html, see_other
from bank.wire import Request as WireRequest

_ORDERED = "AMOUNT CURRENCY ORDER MERCHANT TERMINAL MERCH_GMT TIMESTAMP TRTYPE NONCE"
_BACK = "ORDER ORG_AMOUNT AMOUNT CURRENCY RRN INT_REF TERMINAL TIMESTAMP TRTYPE NONCE"
SIGNED = {
    "0": _ORDERED,
    "1": _ORDERED,
    "12": _ORDERED,
    "90": "ORDER TERMINAL TIMESTAMP TRTYPE NONCE",
    "14": _BACK,
    "22": _BACK,
    "21": "ORDER AMOUNT CURRENCY RRN INT_REF TRTYPE TERMINAL TIMESTAMP NONCE",
}
FORM = {
    "AMOUNT": r"[0-9]+\.[0-9]{2}",
    "CURRENCY": "398",
    "ORDER": "[0-9]{7,32}",
    "MERCH_RN_ID": "(?=.*[0-9])[A-Za-z0-9]{16}",
    "DESC": ".+",
    "MERCH_NAME": ".+",
    "MERCH_GMT": "0",
    "BACKREF": "https://.+",
    "LANG": "[a-z]{2}",
    "NONCE": "([0-9A-F]{2}){8,}",
    "NOTIFY_URL": r"https://[^/]+:[0-9]+/.*",
    "CLIENT_IP": "[0-9a-f.:]+",
}
ON = {"90": "status", "21": "capture", "22": "release", "14": "refund"}
GUARD_S = 900
STATUS_S = 86400

Fields = dict[str, str]
Order = dict[str, Any]


class Refusal(Exception):
    """(ACTION, RC) instead of what was asked for."""


class Bcc(Face):
    NAME = "bcc"
    SETTINGS = {
        "key": "6BB0AC02E47BDF73D98FEB777F3B5294",
        "merchant": "00000001",
        "terminals": {"88888881": "json", "88888882": "html"},
        "user": "",
        "password": "",
        "absent_rc": "-24",
    }

    def answer(self, request: Request) -> Reply:
        path = urlsplit(request.path).path
        if path.startswith("/bcc/page/"):
            return self._page(request, path.removeprefix("/bcc/page/"))
        if path != "/bcc/cgi-bin/cgi_link" or request.method != "POST":
            return html(404, pages.missing_page("ru"))
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            return html(400, pages.missing_page("ru"))
        if fields.get("TRTYPE") in ON:
            on = ON[fields["TRTYPE"]]
            work = getattr(self, f"_{on}")
            return self.misbehaving(
                on, _key(fields), lambda struck: self._asked(fields, work, struck)
            )
        return self._posted(fields)

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "pay": lambda wish: self._pay(self.orders[wish["key"]]),
            "decline": lambda wish: self._decline(self.orders[wish["key"]]),
            "notify": lambda wish: self._notify(self.orders[wish["key"]], wish.get("say", {})),
        }

    def money(self) -> dict[str, int]:
        with self.lock:
            return {
                name: sum(order[name] for order in self.orders.values())
                for name in ("taken", "refunded", "held")
            }

    # ---- the payer ----

    def _posted(self, fields: Fields) -> Reply:
        """The browser's form: the order begins here, once."""
        try:
            self._verify(fields)
            for name, pattern in FORM.items():
                if not re.fullmatch(pattern, fields.get(name, "")):
                    raise Refusal("3", "-17")
            json.loads(base64.b64decode(fields.get("M_INFO", ""), validate=True))
            order = self._begin(fields)
        except (Refusal, ValueError) as refusal:
            said = " ".join(str(word) for word in refusal.args)
            return html(400, f"<html><body><h1>e-Gateway</h1><p>{escape(said)}</p></body></html>")
        return see_other(f"/bcc/page/{order['session']}")

    def _begin(self, fields: Fields) -> Order:
        key = _key(fields)
        with self.lock:
            known = self.orders.get(key)
            if known is not None:
                if known["state"] != "open":
                    raise Refusal("1", "-21")
                return known
            order = {
                "key": key,
                "order": fields["ORDER"],
                "session": secrets.token_hex(16),
                "state": "open",
                "action": "4",
                "rc": "01",
                "form": fields,
                "made": time.time(),
                "rrn": f"{secrets.randbelow(10**12):012d}",
                "int_ref": secrets.token_hex(8).upper(),
                "taken": 0,
                "refunded": 0,
                "held": 0,
            }
            self.keep(key, order)
            return order

    def _page(self, request: Request, session: str) -> Reply:
        order = next((o for o in self.orders.values() if o["session"] == session), None)
        if order is None:
            return html(404, pages.missing_page("ru"))
        if request.method == "POST":
            action = dict(parse_qsl(request.body.decode())).get("action")
            if order["state"] == "open" and action in ("pay", "decline"):
                (self._pay if action == "pay" else self._decline)(order)
            return see_other(order["form"]["BACKREF"])
        form = order["form"]
        words = {"taken": "paid", "held": "authorized", "open": "pending"}
        shown = {
            "order": order["order"],
            "amount": _minor(form["AMOUNT"]),
            "currency": "KZT",
            "description": form["DESC"],
            "expires_at": time.strftime("%FT%TZ", time.gmtime(order["made"] + GUARD_S)),
            "status": words.get(order["state"], "declined"),
        }
        language = pages.language_of(form["LANG"])
        return html(200, pages.pay_page(shown, form["MERCH_NAME"], language, f"/bcc/page/{session}"))

    def _pay(self, order: Order) -> Any:
        struck = self.bank.faults.take(switches.PAY, order["key"])
        amount = _minor(order["form"]["AMOUNT"]) + struck.get("amount", 0)
        if order["form"]["TRTYPE"] == "1":
            self._change(order, state="taken", action="0", rc="00", taken=amount)
        else:
            self._change(order, state="held", action="0", rc="00", held=amount)
        return self._notify(order, {})

    def _decline(self, order: Order) -> Any:
        self._change(order, state="declined", action="2", rc="51")
        return self._notify(order, {})

    def _change(self, order: Order, **what: Any) -> Order:
        with self.lock:
            order.update(what)
            self.keep(order["key"], order)
            return order

    # ---- the notification: P_SIGN as of the form, over the order alone ----

    def _notify(self, order: Order, say: Fields) -> Any:
        form = order["form"]

        def make(struck: dict[str, Any]) -> WireRequest:
            fields = {
                "ACTION": order["action"],
                "RC": order["rc"],
                "RC_TEXT": "Завершено",
                "TERMINAL": form["TERMINAL"],
                "TRTYPE": form["TRTYPE"],
                "AMOUNT": form["AMOUNT"],
                "CURRENCY": form["CURRENCY"],
                "ORDER": order["order"],
                "RRN": order["rrn"],
                "MERCHANT": struck.get("other_merchant", self.settings["merchant"]),
                "INT_REF": order["int_ref"],
                "MERCH_GMT": "0",
                "MERCH_RN_ID": form["MERCH_RN_ID"],
                "TIMESTAMP": self._timestamp(),
                "NONCE": secrets.token_hex(16).upper(),
            }
            if "wrong_amount" in struck:
                fields["AMOUNT"] = _tenge(_minor(form["AMOUNT"]) + struck["wrong_amount"])
            fields["P_SIGN"] = self._sign(fields)
            fields.update(say)
            if "bad_signature" in struck:
                fields["P_SIGN"] = turned(fields["P_SIGN"])
            if "unsigned" in struck:
                del fields["P_SIGN"]
            body = urlencode(fields).encode()
            if "cut" in struck:
                body = body[: len(body) // 2]
            return WireRequest(form["NOTIFY_URL"], body, self._headers())

        return self.calls.call(order["key"], "payment", make)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.settings["user"]:
            word = f"{self.settings['user']}:{self.settings['password']}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(word).decode()
        return headers

    # ---- what Alym asks ----

    def _asked(
        self, fields: Fields, work: Callable[[Fields], Fields], struck: dict[str, Any]
    ) -> Reply:
        said: Fields = {"TRTYPE": fields["TRTYPE"], "RRN": "", "INT_REF": ""}
        try:
            self._verify(fields)
            said.update(ACTION="0", RC="00")
            said.update(work(fields))
        except Refusal as refusal:
            said["ACTION"], said["RC"] = refusal.args
        if "declined" in struck:
            said.update(ACTION="2", RC="05")
        said.update(ORDER=struck.get("other_order", fields["ORDER"]), CURRENCY="398")
        said.update(TERMINAL=fields["TERMINAL"], RC_TEXT="Завершено <успешно>")
        if "wrong_amount" in struck and "AMOUNT" in said:
            said["AMOUNT"] = _tenge(_minor(said["AMOUNT"]) + struck["wrong_amount"])
        if "wrong_currency" in struck:
            said["CURRENCY"] = "840"
        return self._said(said, struck)

    def _said(self, said: Fields, struck: dict[str, Any]) -> Reply:
        body, kind = json.dumps(said).encode(), "application/json"
        if self.settings["terminals"].get(said["TERMINAL"]) == "html":
            kind = "text/html; charset=utf-8"
            inputs = "".join(
                f'<input type="hidden" name="{name}" value="{escape(value)}">\n'
                for name, value in said.items()
            )
            body = f"<html><body><form>\n{inputs}</form></body></html>\n".encode()
        if "garbage" in struck:
            body = secrets.token_bytes(200)
        if "cut" in struck:
            body = body[: len(body) // 2]
        if "oversized" in struck:
            body += b" " * struck["oversized"]
        return Reply(200, body, {"Content-Type": kind})

    def _status(self, fields: Fields) -> Fields:
        order = self.orders.get(_key(fields))
        about = fields.get("TRAN_TRTYPE", "")
        if not fields.get("NOTIFY_URL") or fields.get("MERCH_GMT") != "0":
            raise Refusal("3", "-17")
        if order is None or time.time() - order["made"] > STATUS_S:
            raise Refusal("3", self.settings["absent_rc"])
        form = order["form"]
        said = {"RRN": order["rrn"], "INT_REF": order["int_ref"], "AMOUNT": form["AMOUNT"]}
        if about == form["TRTYPE"]:
            if order["action"] != "0":
                raise Refusal(order["action"], order["rc"])
            moved = order["taken"] or order["held"] or _minor(form["AMOUNT"])
            return {**said, "TRTYPE": about, "AMOUNT": _tenge(moved)}
        if about == "21" and order["state"] == "taken" and form["TRTYPE"] != "1":
            return {**said, "TRTYPE": "21", "AMOUNT": _tenge(order["taken"])}
        if about == "22" and order["state"] == "released":
            return {**said, "TRTYPE": "22"}
        raise Refusal("3", self.settings["absent_rc"])

    def _capture(self, fields: Fields) -> Fields:
        order = self._referred(fields, "held")
        amount = _minor(fields["AMOUNT"])
        if amount > order["held"]:
            raise Refusal("2", "57")
        self._change(order, state="taken", taken=amount, held=0)
        return {"RRN": order["rrn"], "INT_REF": order["int_ref"], "AMOUNT": fields["AMOUNT"]}

    def _release(self, fields: Fields) -> Fields:
        order = self._referred(fields, "held")
        self._change(order, state="released", held=0)
        return {"RRN": order["rrn"], "INT_REF": order["int_ref"], "AMOUNT": fields["AMOUNT"]}

    def _refund(self, fields: Fields) -> Fields:
        order = self._referred(fields, "taken")
        amount = _minor(fields["AMOUNT"])
        if _minor(fields["ORG_AMOUNT"]) != order["taken"]:
            raise Refusal("3", "-17")
        if not 0 < amount <= order["taken"] - order["refunded"]:
            raise Refusal("2", "57")
        self._change(order, refunded=order["refunded"] + amount)
        return {"RRN": order["rrn"], "INT_REF": order["int_ref"], "AMOUNT": fields["AMOUNT"]}

    def _referred(self, fields: Fields, state: str) -> Order:
        order = self.orders.get(_key(fields))
        wanted = (fields.get("RRN"), fields.get("INT_REF"))
        if order is None or (order["rrn"], order["int_ref"]) != wanted:
            raise Refusal("3", "-17")
        if order["state"] != state:
            raise Refusal("1", "-21")
        return order

    # ---- P_SIGN ----

    def _verify(self, fields: Fields) -> None:
        ours = self.settings["merchant"]
        sign = fields.get("P_SIGN", "")
        if fields.get("TERMINAL") not in self.settings["terminals"]:
            raise Refusal("3", "-17")
        if fields.get("TRTYPE") not in SIGNED or fields.get("MERCHANT", ours) != ours:
            raise Refusal("3", "-17")
        if not hmac.compare_digest(self._sign(fields).encode(), sign.encode()):
            raise Refusal("3", "-17")
        stamp = _moment(fields["TIMESTAMP"])
        if stamp is None:
            raise Refusal("3", "-2")
        if abs(stamp - self.bank.clock()) > GUARD_S:
            raise Refusal("3", "-20")

    def _sign(self, fields: Fields) -> str:
        values = [fields.get(name, "") for name in SIGNED[fields["TRTYPE"]].split()]
        source = "".join(f"{len(value)}{value}" for value in values)
        key = bytes.fromhex(self.settings["key"])
        return hmac.new(key, source.encode(), hashlib.sha1).hexdigest().upper()

    def _timestamp(self) -> str:
        return time.strftime("%Y%m%d%H%M%S", time.gmtime(self.bank.clock()))


def _moment(stamp: str) -> Optional[float]:
    try:
        return calendar.timegm(time.strptime(stamp, "%Y%m%d%H%M%S"))
    except ValueError:
        return None


def _key(fields: Fields) -> str:
    """Each terminal has its own orders."""
    return f"{fields.get('TERMINAL')}/{fields.get('ORDER')}"


def _minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def _tenge(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
