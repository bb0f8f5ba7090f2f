# SPDX-License-Identifier: Apache-2.0
"""What browsers ask the bank for: the pay page and the cash desk."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bank import pages
from bank.http_types import Reply, Request, html, see_other
from bank.orders import Refused

if TYPE_CHECKING:
    from bank.server import Bank

CASH_WAIT_S = 15.0


class PageApi:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def answer(self, request: Request) -> Reply:
        target = urlsplit(request.path)
        wish = parse_qs(target.query).get("language", [None])[-1]
        if request.method not in ("GET", "POST"):
            return html(405, pages.missing_page(pages.language_of(wish)))
        if target.path == "/":
            return see_other("/cash")
        if target.path.startswith("/pay/"):
            return self._pay(request, target.path.removeprefix("/pay/"), wish)
        if target.path == "/cash":
            return self._cash(request, pages.language_of(wish))
        return html(404, pages.missing_page(pages.language_of(wish)))

    def _pay(self, request: Request, token: str, wish: str | None) -> Reply:
        bank = self._bank
        try:
            order = bank.orders.session(token)
        except Refused:
            return html(404, pages.missing_page(pages.language_of(wish)))
        language = pages.language_of(wish or order["language"])
        if request.method == "GET":
            return html(200, pages.pay_page(order, bank.merchant, language))
        action = self._form(request).get("action")
        try:
            if action == "pay":
                bank.pay(order["order"])
            elif action == "decline":
                bank.decline(order["order"])
        except Refused:
            return html(409, pages.pay_page(order, bank.merchant, language))
        if action not in ("pay", "decline"):
            return html(400, pages.pay_page(order, bank.merchant, language))
        return see_other(order.get("return_url") or f"/pay/{token}?language={language}")

    def _cash(self, request: Request, language: str) -> Reply:
        if request.method == "GET":
            return html(200, pages.cash_page(language))
        form = self._form(request)
        code = form.get("code", "").strip()[:20]
        if form.get("action") == "pay":
            return self._cash_pay(form, code, language)
        answer = self._bank.check(code, None, None)
        content = answer["answer"] if answer["status"] == 200 and not answer["problem"] else None
        texts = pages.TEXTS[language]
        if content is None:
            return html(200, pages.cash_page(language, code, texts["no_answer"]))
        if not content.get("payable"):
            problem = f"{texts['not_payable']} ({content.get('reason', '?')})."
            return html(200, pages.cash_page(language, code, problem))
        page = pages.cash_due_page(language, code, content.get("service", ""), content["due"])
        return html(200, page)

    def _cash_pay(self, form: dict[str, str], code: str, language: str) -> Reply:
        try:
            amount, currency = int(form["amount"]), form["currency"]
        except (KeyError, ValueError):
            return html(400, pages.cash_page(language, code))
        operation, callback = self._bank.pay_code(code, amount, currency, None, refusable=True)
        callback = self._bank.callbacks.wait(callback["id"], CASH_WAIT_S)
        return html(200, pages.cash_done_page(language, callback["state"], code, operation))

    @staticmethod
    def _form(request: Request) -> dict[str, str]:
        fields = parse_qs(request.body.decode("utf-8", "replace"))
        return {name: values[-1] for name, values in fields.items()}
