# SPDX-License-Identifier: Apache-2.0
"""What a person sees: the pay page, the cash desk.  Plain HTML in Kazakh, Russian and English."""

from __future__ import annotations

from html import escape
from typing import Any, Optional
from urllib.parse import urlencode

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}

# Minor digits where they are not two.
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}

TEXTS: dict[str, dict[str, str]] = {
    "kk": {
        "bank": "Сынақ банкі",
        "notice": "Бұл — сынақ банкі: нағыз ақша алынбайды.",
        "pay_title": "Төлем",
        "merchant": "Алушы",
        "purpose": "Мақсаты",
        "order": "Тапсырыс нөмірі",
        "amount": "Төлем сомасы",
        "until": "Төлеу мерзімі",
        "pay": "Төлеу",
        "decline": "Бас тарту",
        "paid": "Төлем қабылданды.",
        "authorized": "Сома шотта ұсталды.",
        "declined": "Төлемнен бас тартылды.",
        "expired": "Төлеу мерзімі өтті.",
        "unknown": "Мұндай төлем беті жоқ.",
        "cash_title": "Касса",
        "code": "Төлем коды",
        "find": "Табу",
        "service": "Қызмет",
        "operation": "Операция",
        "not_payable": "Бұл код бойынша төлеу мүмкін емес",
        "no_answer": "Алушы жауап бермей тұр. Кейінірек қайталап көріңіз.",
        "refused": "Алушы төлемнен бас тартты; ақша алынған жоқ",
        "waiting": "Төлем өңделуде.",
        "another": "Басқа код",
    },
    "ru": {
        "bank": "Учебный банк",
        "notice": "Это учебный банк: настоящие деньги не списываются.",
        "pay_title": "Оплата",
        "merchant": "Получатель",
        "purpose": "Назначение",
        "order": "Номер заказа",
        "amount": "Сумма к оплате",
        "until": "Оплатить до",
        "pay": "Оплатить",
        "decline": "Отказаться",
        "paid": "Оплата принята.",
        "authorized": "Сумма удержана на счёте.",
        "declined": "В оплате отказано.",
        "expired": "Срок оплаты истёк.",
        "unknown": "Такой страницы оплаты нет.",
        "cash_title": "Касса",
        "code": "Код платежа",
        "find": "Найти",
        "service": "Услуга",
        "operation": "Операция",
        "not_payable": "По этому коду оплатить нельзя",
        "no_answer": "Получатель не отвечает. Попробуйте позже.",
        "refused": "Получатель отказался от платежа; деньги не списаны",
        "waiting": "Платёж обрабатывается.",
        "another": "Другой код",
    },
    "en": {
        "bank": "Practice bank",
        "notice": "This is a practice bank: no real money is taken.",
        "pay_title": "Payment",
        "merchant": "Payee",
        "purpose": "For",
        "order": "Order number",
        "amount": "Amount to pay",
        "until": "Pay before",
        "pay": "Pay",
        "decline": "Decline",
        "paid": "The payment was accepted.",
        "authorized": "The amount is held on your account.",
        "declined": "The payment was declined.",
        "expired": "The time to pay is over.",
        "unknown": "There is no such payment page.",
        "cash_title": "Cash desk",
        "code": "Payment code",
        "find": "Find",
        "service": "Service",
        "operation": "Operation",
        "not_payable": "Nothing can be paid by this code",
        "no_answer": "The payee does not answer. Please try again later.",
        "refused": "The payee refused the payment; no money was taken",
        "waiting": "The payment is being processed.",
        "another": "Another code",
    },
}

STYLE = """
body{margin:0;font:18px/1.5 system-ui,sans-serif;color:#1b2430;background:#eef2f6}
header{background:#0b5c6b;color:#fff;padding:.7rem 1.2rem;display:flex;flex-wrap:wrap;gap:1rem}
header b{flex:1}header a{color:#fff}header a[aria-current]{text-decoration:none;font-weight:bold}
main{max-width:34rem;margin:2rem auto;padding:1.2rem 1.6rem;background:#fff;border-radius:.5rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1.2rem}dt{color:#5a6675}dd{margin:0}
dd.sum{font-size:1.5rem;font-weight:bold}p.state{font-size:1.2rem;font-weight:bold}
button,input{font:inherit;padding:.5rem 1.2rem;border-radius:.3rem;border:1px solid #0b5c6b}
button{background:#0b5c6b;color:#fff;cursor:pointer}button.no{background:#fff;color:#0b5c6b}
form{display:flex;flex-wrap:wrap;gap:.8rem;align-items:end;margin-top:1.2rem}
small{color:#5a6675}
"""


def language_of(wish: Optional[str]) -> str:
    return wish if wish in TEXTS else "ru"


def money(amount: int, currency: str, language: str) -> str:
    """129750.00 as each language writes it."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, minor = divmod(abs(amount), 10**digits)
    grouped = f"{whole:,}"
    point = "."
    if language != "en":
        grouped, point = grouped.replace(",", "\u00a0"), ","
    tail = f"{point}{minor:0{digits}d}" if digits else ""
    return f"{'−' if amount < 0 else ''}{grouped}{tail}\u00a0{currency}"


def pay_page(order: dict[str, Any], merchant: str, language: str, path: str = "") -> str:
    """At `path`; that of the sandbox's own orders needs not be said."""
    texts = TEXTS[language]
    rows = [
        (texts["merchant"], merchant, ""),
        (texts["purpose"], order.get("description", ""), ""),
        (texts["order"], order["order"], ""),
        (texts["until"], order["expires_at"].replace("T", " ").replace("Z", " UTC"), ""),
        (texts["amount"], money(order["amount"], order["currency"], language), "sum"),
    ]
    if order["status"] == "pending":
        rest = (
            '<form method="post">'
            f'<button name="action" value="pay">{texts["pay"]}</button>'
            f'<button name="action" value="decline" class="no">{texts["decline"]}</button>'
            "</form>"
        )
    else:
        rest = f'<p class="state" role="status">{texts[order["status"]]}</p>'
    path = path or f"/pay/{order['session']}"
    return _page(texts["pay_title"], _rows(rows) + rest, language, path)


def missing_page(language: str) -> str:
    texts = TEXTS[language]
    return _page(texts["pay_title"], f'<p class="state">{texts["unknown"]}</p>', language, "/cash")


def cash_page(language: str, code: str = "", problem: str = "") -> str:
    texts = TEXTS[language]
    trouble = f'<p class="state" role="alert">{escape(problem)}</p>' if problem else ""
    form = (
        f'<form method="post" action="/cash?language={language}">'
        f'<label>{texts["code"]}<br><input name="code" inputmode="numeric" autofocus required '
        f'maxlength="20" value="{escape(code)}"></label>'
        f'<button name="action" value="find">{texts["find"]}</button></form>'
    )
    return _page(texts["cash_title"], trouble + form, language, "/cash")


def cash_due_page(language: str, code: str, service: str, due: dict[str, Any]) -> str:
    texts = TEXTS[language]
    rows = [
        (texts["code"], code, ""),
        (texts["service"], service, ""),
        (texts["amount"], money(due["amount"], due["currency"], language), "sum"),
    ]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in (("code", code), *sorted(due.items()))
    )
    form = (
        f'<form method="post" action="/cash?language={language}">{hidden}'
        f'<button name="action" value="pay">{texts["pay"]}</button>'
        f'<a href="/cash?language={language}">{texts["another"]}</a></form>'
    )
    return _page(texts["cash_title"], _rows(rows) + form, language, "/cash")


def cash_done_page(language: str, state: str, code: str, operation: dict[str, Any]) -> str:
    texts = TEXTS[language]
    word = {"delivered": texts["paid"], "refused": texts["refused"]}.get(state, texts["waiting"])
    rows = [
        (texts["code"], code, ""),
        (texts["operation"], operation["operation"], ""),
        (texts["amount"], money(operation["amount"], operation["currency"], language), "sum"),
    ]
    link = f'<p><a href="/cash?language={language}">{texts["another"]}</a></p>'
    body = f'<p class="state" role="status">{word}</p>{_rows(rows)}{link}'
    return _page(texts["cash_title"], body, language, "/cash")


def _rows(rows: list[tuple[str, str, str]]) -> str:
    cells = "".join(
        f'<dt>{escape(name)}</dt><dd class="{kind}">{escape(value)}</dd>'
        for name, value, kind in rows
        if value
    )
    return f"<dl>{cells}</dl>"


def _page(title: str, body: str, language: str, path: str) -> str:
    texts = TEXTS[language]
    links = "".join(
        f'<a href="{path}?{urlencode({"language": code})}" lang="{code}"'
        f'{" aria-current=true" if code == language else ""}>{name}</a>'
        for code, name in LANGUAGES.items()
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{texts["bank"]} · {escape(title)}</title><style>{STYLE}</style></head>'
        f'<body><header><b>{texts["bank"]}</b>{links}</header>'
        f'<main><h1>{escape(title)}</h1>{body}<p><small>{texts["notice"]}</small></p></main>'
        "</body></html>\n"
    )
