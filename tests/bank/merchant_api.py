# SPDX-License-Identifier: Apache-2.0
"""What Alym may ask the bank: gateways/sandbox/README.md, section 4, with misbehaviour on request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Callable, Optional
from urllib.parse import parse_qs, urlsplit

from bank import faults as switches
from bank.callbacks import json_bytes, spoil, turned
from bank.http_types import Reply, Request
from bank.mishaps import misbehave
from bank.orders import AMOUNT_MAX, Refused, seconds
from bank.signing import SIGNATURE

if TYPE_CHECKING:
    from bank.server import Bank

CURRENCIES = ("KZT", "USD", "EUR", "GBP", "CHF")
ORDER = re.compile(r"[0-9]{1,15}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_PATH = re.compile(r"/v1/orders/([0-9]{1,15})(?:/(capture|release|refunds))?", re.ASCII)
_MALFORMED = {"reason": "malformed"}

Check = Callable[[Any], bool]


def _is_text(value: Any, size_max: int = 2048) -> bool:
    return isinstance(value, str) and 0 < len(value) <= size_max and not CONTROL.search(value)


def _is_amount(value: Any) -> bool:
    return type(value) is int and 1 <= value <= AMOUNT_MAX


def _is_https(value: Any) -> bool:
    return _is_text(value) and value.startswith("https://") and bool(urlsplit(value).hostname)


def _is_moment(value: Any) -> bool:
    try:
        seconds(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


_MONEY: dict[str, Check] = {"amount": _is_amount, "currency": lambda v: v in CURRENCIES}
_REGISTER: dict[str, Check] = {
    **_MONEY,
    "callback_url": _is_https,
    "description": _is_text,
    "expires_at": _is_moment,
    "language": lambda v: v in ("kk", "ru", "en"),
    "merchant": _is_text,
    "order": lambda v: isinstance(v, str) and bool(ORDER.fullmatch(v)),
    "return_url": _is_text,
}
_REGISTER_OPTIONAL = {"description", "return_url"}
_MOVE: dict[str, Check] = {**_MONEY, "merchant": _is_text}
_REFUND: dict[str, Check] = {**_MOVE, "refund_id": lambda v: _is_text(v, 64)}


def strict_object(body: bytes, members: dict[str, Check], optional: set[str]) -> dict[str, Any]:
    """One JSON object with these members and no other; Refused when it is not."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused(400, _MALFORMED) from None
    if not isinstance(value, dict) or set(value) - set(members):
        raise Refused(400, _MALFORMED)
    if set(members) - set(value) - optional:
        raise Refused(400, _MALFORMED)
    if not all(members[name](content) for name, content in value.items()):
        raise Refused(400, _MALFORMED)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member twice")
    return dict(pairs)


class MerchantApi:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def answer(self, request: Request) -> Reply:
        """Raises CloseConnection where no answer is to be given."""
        bank = self._bank
        fault = bank.signer.request_fault(
            request.headers, request.method, request.path, request.body
        )
        if fault == "signature":
            bank.refused_strangers += 1
            return Reply(401, json_bytes({"reason": "signature"}), {})
        signature = request.headers[SIGNATURE]
        if fault:
            return self._signed(401, {"reason": fault}, signature, {})
        on, number = self._route(request)
        struck = bank.faults.take(switches.ANSWER, number, on)
        return misbehave(bank, struck, lambda: self._work(request, on, number, struck))

    def _work(self, request: Request, on: str, number: str, struck: dict[str, Any]) -> Reply:
        try:
            status, body = self._perform(request, on, number, struck)
        except Refused as refused:
            status, body = refused.status, refused.body
        self._bank.note(f"{on} {number} -> {status} {body.get('status', body.get('reason', ''))}")
        return self._signed(status, body, request.headers[SIGNATURE], struck)

    def _route(self, request: Request) -> tuple[str, str]:
        if request.method == "POST" and request.path == "/v1/orders":
            number = ""
            try:
                number = str(json.loads(request.body)["order"])
            except (ValueError, KeyError, TypeError, RecursionError):
                pass
            return "register", number
        if request.method == "GET" and urlsplit(request.path).path == "/v1/operations":
            return "list", ""
        found = _PATH.fullmatch(urlsplit(request.path).path)
        if not found:
            return "nothing", ""
        if request.method == "GET" and not found[2]:
            return "status", found[1]
        if request.method == "POST" and found[2]:
            return {"refunds": "refund"}.get(found[2], found[2]), found[1]
        return "nothing", found[1]

    # ---- the work ----

    def _perform(
        self, request: Request, on: str, number: str, struck: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if on == "register":
            return self._register(request)
        if on == "status":
            self._require_merchant(parse_qs(urlsplit(request.path).query).get("merchant"))
            return 200, self._bank.orders.status(number)
        if on == "list":
            return self._list(request)
        if on == "nothing":
            raise Refused(404, {"reason": "unknown"})
        return 200, self._move(request, on, number, struck)

    def _list(self, request: Request) -> tuple[int, dict[str, Any]]:
        query = parse_qs(urlsplit(request.path).query)
        self._require_merchant(query.get("merchant"))
        since = query.get("since", [""])[0]
        if not _is_moment(since):
            raise Refused(400, _MALFORMED)
        items, more = self._bank.orders.taken_since(
            since, query.get("after", [""])[0], self._bank.mode["list_page"]
        )
        return 200, {"items": items, **({"next": more} if more else {})}

    def _register(self, request: Request) -> tuple[int, dict[str, Any]]:
        wish = strict_object(request.body, _REGISTER, _REGISTER_OPTIONAL)
        self._require_merchant([wish["merchant"]])
        order = self._bank.register(wish)
        names = ("order", "pay_url", "session", "status")
        return 201, {name: order[name] for name in names}

    def _move(
        self, request: Request, on: str, number: str, struck: dict[str, Any]
    ) -> dict[str, Any]:
        wish = strict_object(request.body, _REFUND if on == "refund" else _MOVE, set())
        self._require_merchant([wish["merchant"]])
        status = "declined" if "declined" in struck else "pending" if "pending" in struck else "done"
        orders = self._bank.orders
        if on == "refund":
            done = orders.refund(
                number, wish["refund_id"], wish["amount"], wish["currency"], status
            )
        else:
            work = orders.capture if on == "capture" else orders.release
            done = work(number, wish["amount"], wish["currency"], status)
        if done["status"] == "pending" and "pending" in struck:
            name = done["operation"]
            self._bank.timetable.after(struck["pending"] / 1000, lambda: orders.finish(name))
        return {"operation": done["operation"], "status": done["status"]}

    def _require_merchant(self, names: Optional[list[str]]) -> None:
        if names != [self._bank.merchant]:
            raise Refused(403, {"reason": "merchant"})

    # ---- the misbehaviour ----

    def _signed(
        self, status: int, body: dict[str, Any], signature: str, struck: dict[str, Any]
    ) -> Reply:
        body = dict(body)
        if "wrong_amount" in struck and "amount" in body:
            body["amount"] += struck["wrong_amount"]
        if "wrong_currency" in struck and "currency" in body:
            body["currency"] = struck["wrong_currency"]
        if "other_order" in struck and "order" in body:
            body["order"] = struck["other_order"]
        data = spoil(json_bytes(body), struck)
        headers = self._bank.signer.sign_answer(status, data, signature, struck.get("stale", 0))
        if "bad_signature" in struck:
            headers[SIGNATURE] = turned(headers[SIGNATURE])
        if "unsigned" in struck:
            headers = {}
        return Reply(status, data, headers)
