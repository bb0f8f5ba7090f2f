# SPDX-License-Identifier: Apache-2.0
"""Bank CenterCredit: the payer's browser posts the form, the notification is a hint, the status counts.

Alym asks about an order every five seconds at most, so the payers of all tests come at once (`told`)
and each test reads what became of its own.
"""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path
from typing import Any, Iterator

import pytest

from auditor import Book
from bank.faces.bcc import Bcc
from bank.payer import Page, Payer, Visit
from daemon import BUILD, Alym, wait_until
from portal import EXIT_VISA, PATIENCE_S, Payment, Portal

DUE = 216250
BACK = "https://localhost/thanks"
USER, PASSWORD = "alym", "a password of the bank's"


def secret(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(content + "\n")
    return file


def bank(alym: Alym, what: str = "", **wish: Any) -> Any:
    return alym.bank.control.face("bcc", what, **wish)


@pytest.fixture(scope="module")
def alym(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    """One that takes at once and one that holds first; the book is audited in the end."""
    folder = tmp_path_factory.mktemp("bcc")
    made = Alym(folder, certificates)
    common = {
        "plugin": BUILD / "gateways/bcc.so",
        "endpoint": f"{made.bank.url}/bcc/cgi-bin/cgi_link",
        "ca": made.ca,
        "merchant": Bcc.SETTINGS["merchant"],
        "merchant_name": "Practice",
        "terminal": "88888881",
        "key_part1_file": secret(folder, "part1", "690B5589573ACB3608DB7395A319B175"),
        "key_part2_file": secret(folder, "part2", "02BBF98BB3411445D15498E2DC22E3E1"),
        "notify_user": USER,
        "notify_password_file": secret(folder, "password", PASSWORD),
    }
    held = {**common, "terminal": "88888882", "trtype": "12"}
    made.configure({"gateway bcc": common, "gateway held": held})
    try:
        made.open()
        made.bank.control.mode(retry={"first_ms": 20, "max_ms": 100})
        bank(made, "settings", user=USER, password=PASSWORD)
        yield made
        with made.client() as client:
            verifier = client.get("/v1/ledger/key").json
            client.get("/v1/ledger/checkpoint")
        made.stop_cleanly()
        with Book(made.folder / "state/book.db") as book:
            book.audit(verifier)
    finally:
        made.close()


LANGUAGES = {
    "kk": ("Банк бетіне өту", "Төлем қабылданды"),
    "ru": ("Переход на страницу банка", "Платёж принят"),
    "en": ("Going to the bank", "The payment was received"),
}
FALSE = ("bad_signature", "unsigned", "other_merchant", "cut")


class Told:
    """Payments by name, and what was seen of them on the way."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.control = portal.alym.bank.control
        self.made: dict[str, Payment] = {}
        self.seen: dict[str, Any] = {}

    def create(self, name: str, gateway: str = "bcc", language: str = "ru") -> None:
        body = {"reference": name, "quote": EXIT_VISA, "gateway": gateway, "return_url": BACK}
        headers = {"Accept-Language": language}
        self.made[name] = self.portal.client.post("/v1/payments", body, None, headers).json

    def key(self, name: str) -> str:
        """The order's at the bank; at each terminal the numbers are counted anew."""
        terminal = "88888882" if name.startswith("held") else "88888881"
        return f"{terminal}/{self.portal.order(self.made[name])}"

    def order(self, name: str) -> dict[str, Any]:
        """As the bank knows it."""
        return [o for o in bank(self.portal.alym)["orders"] if o["key"] == self.key(name)][0]

    def statuses(self, name: str) -> list[list[int]]:
        """What each notification was answered."""
        calls = [c for c in bank(self.portal.alym)["calls"] if c["about"] == self.key(name)]
        return [[attempt["status"] for attempt in call["attempts"]] for call in calls]

    def notify(self, name: str, **say: str) -> None:
        bank(self.portal.alym, "notify", key=self.key(name), say=say)

    def pay(self, name: str, action: str = "pay") -> None:
        self.seen[f"{name} left for"] = self.portal.pay_by_page(self.made[name], action).url

    def look(self, name: str) -> tuple[Page, str]:
        """The page at /pay now, and its policy."""
        url = self.made[name]["pay_url"]
        context = ssl.create_default_context(cafile=self.portal.alym.ca)
        with urllib.request.urlopen(url, context=context, timeout=30) as answer:
            return Page(answer.read().decode()), answer.headers["Content-Security-Policy"]

    def post_form(self, name: str) -> Visit:
        """The browser as far as the bank's page: from then on the order is the bank's."""
        payer = Payer(self.portal.alym.ca)
        visit = payer.open(self.made[name]["pay_url"])
        assert visit.page.action is not None
        return payer.open(visit.page.action, visit.page.fields)

    def entries(self, name: str) -> int:
        return len(self.portal.entries(self.made[name]))

    def reach(self, name: str, state: str = "", attempt: str = "") -> Payment:
        return self.portal.reach(self.made[name], state, attempt)


@pytest.fixture(scope="module")
def told(alym: Alym) -> Iterator[Told]:
    with Portal(alym) as portal:
        told = Told(portal)
        for name in ("paid", "declined", "refused", "early", "lost", "late"):
            told.create(name)
        for language in LANGUAGES:
            told.create(language, language=language)
        for name in ("held", "held less"):
            told.create(name, gateway="held")
        for name in told.made:
            told.reach(name, attempt="pending")
        come(told)
        yield told


def come(told: Told) -> None:
    control = told.control
    told.post_form("early")
    told.notify("early", ACTION="0", RC="00")

    control.fault("answer.close_after", order=told.key("lost"), on="status")
    told.pay("lost")

    control.fault("callback.duplicate", value=5, order=told.key("paid"))
    control.fault("callback.replay", value=20, order=told.key("paid"))
    told.pay("paid")

    control.fault("pay.amount", value=-100, order=told.key("held less"))
    told.pay("held less")
    told.pay("held")
    told.pay("declined", "decline")
    told.notify("declined", ACTION="0", RC="00")
    for language in LANGUAGES:
        told.seen[language] = told.look(language)
        told.pay(language)

    control.mode(clock_offset_s=3600)
    told.seen["late"] = told.post_form("late").page.text[-1]
    control.mode(clock_offset_s=0)
    told.pay("late")
    assert control.idle()
    forge(told)


def forge(told: Told) -> None:
    told.post_form("refused")
    told.control.mode(retry={"attempts": 1})
    for fault in FALSE:
        told.control.fault(f"callback.{fault}", order=told.key("refused"))
        told.notify("refused")
    told.notify("refused", ORDER="1234567890123")
    assert told.control.idle()
    bank(told.portal.alym, "settings", password="guessed")
    told.notify("refused")
    assert told.control.idle()
    bank(told.portal.alym, "settings", password=PASSWORD)
    told.control.mode(retry={"attempts": 60})


def test_a_form_is_paid_and_booked_once(told: Told) -> None:
    told.reach("paid", "paid")
    assert told.seen["paid left for"] == BACK
    assert told.entries("paid") == 1 and told.order("paid")["taken"] == DUE
    [statuses] = told.statuses("paid")
    assert statuses == [200] * 6


def test_an_edited_notification_of_a_decline_moves_no_money(told: Told) -> None:
    """Its P_SIGN still verifies: what it says of the outcome is not covered by it."""
    now = told.reach("declined", attempt="declined")
    assert told.statuses("declined") == [[200], [200]]
    assert now["state"] == "open" and told.entries("declined") == 0


def test_what_is_not_the_bank_s_is_refused(told: Told) -> None:
    assert told.statuses("refused") == [[403]] * 5 + [[401]]
    assert told.entries("refused") == 0
    told.reach("refused", "open", attempt="pending")


def test_what_came_early_or_was_lost_is_found_by_the_status(told: Told) -> None:
    wait_until(lambda: not told.control.faults(), PATIENCE_S, "the lost answer")
    assert told.entries("early") == told.entries("lost") == 0
    told.reach("early", "open", attempt="pending")
    bank(told.portal.alym, "pay", key=told.key("early"))
    told.notify("lost")
    for name in ("early", "lost"):
        told.reach(name, "paid")
        assert told.entries(name) == 1


def test_held_money_is_taken(told: Told) -> None:
    told.reach("held", "paid")
    known = told.order("held")
    assert (known["state"], known["taken"], known["held"]) == ("taken", DUE, 0)
    assert told.entries("held") == 1


def test_a_hold_of_less_is_given_up(told: Told) -> None:
    told.reach("held less", attempt="released")
    assert told.order("held less")["state"] == "released"
    assert told.entries("held less") == 0


def test_a_form_is_fresh_whenever_it_is_opened(told: Told) -> None:
    """A browser whose form was too old for the bank finds a good one at /pay."""
    assert "-20" in told.seen["late"]
    told.reach("late", "paid")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_payer_reads_his_language_before_and_after(told: Told, language: str) -> None:
    going, paid = LANGUAGES[language]
    page, policy = told.seen[language]
    assert page.title == going
    assert page.fields["LANG"] == language and page.fields["CLIENT_IP"] == "127.0.0.1"
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["form-action"] == "https:"
    assert rules["script-src"].startswith("'nonce-")
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"

    told.reach(language, "paid")
    page, policy = told.look(language)
    assert page.title == paid and page.action is None
    assert "script-src" not in policy and "form-action 'none'" in policy


def test_the_bank_and_the_book_agree(told: Told) -> None:
    wait_until(
        lambda: told.portal.balance("clearing:bcc") + told.portal.balance("clearing:held")
        == bank(told.portal.alym)["money"]["taken"],
        PATIENCE_S,
        "all money to be booked",
    )
    assert bank(told.portal.alym)["money"]["held"] == 0
