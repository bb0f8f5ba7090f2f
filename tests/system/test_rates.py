# SPDX-License-Identifier: Apache-2.0
"""Official exchange rates: imported, charged by, replaced; a fee in dollars paid in tenge."""

from __future__ import annotations

import hashlib
import re
import ssl
import threading
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator, Optional
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from auditor import Book
from ctl import DONE, MISUSED, REFUSED, Ctl, value
from daemon import Alym, wait_until
from portal import Payment, Portal, money

ALMATY = ZoneInfo("Asia/Almaty")
IN_TENGE = {"service": "eresidency", "currency": "KZT"}
DUE = 23632141  # 499 x 473.59 = 500 x 473.59 - 473.59 = 236795.00 - 473.59
EURO = "<item><title>EUR</title><description>540.5</description><quant>1</quant></item>\n"
FEE = "fee:eresidency:unassigned KZT"


def today() -> date:
    return datetime.now(ALMATY).date()


def feed(day: date, usd: str = "473.59", more: str = "") -> str:
    """As get_rates.cfm answers."""
    head = "Official exchange rates of National Bank of Republic Kazakhstan"
    item = "<fullname>ДОЛЛАР США</fullname><title>USD</title><description>%s</description>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rates>\n<title>{head}</title>\n'
        f"<description>{head}</description>\n<date>{day:%d.%m.%Y}</date>\n"
        f"<item>{item % usd}<quant>1</quant><index>DOWN</index><change>-1.04</change></item>\n"
        f"{more}</rates>\n"
    )


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    with Portal(audited) as opened:
        yield opened


@pytest.fixture
def ctl(portal: Portal) -> Ctl:
    return Ctl(portal.alym.socket)


@pytest.fixture
def lists(portal: Portal, tmp_path: Path) -> Path:
    """Lists of yesterday, today and tomorrow, lest the day turns while a test runs."""
    folder = tmp_path / "lists"
    folder.mkdir()
    for i in (-1, 0, 1):
        day = today() + timedelta(i)
        (folder / f"{day.isoformat()}.xml").write_text(feed(day))
    return folder


def paid_in_tenge(portal: Portal, due: int = DUE) -> Payment:
    made = portal.create(quote=IN_TENGE)
    assert made["due"] == money(due)
    portal.alym.bank.control.cash(made["code"], due)
    paid = portal.payment(made)
    assert (paid["state"], paid["paid"]) == ("paid", money(due))
    return paid


def test_a_fee_in_dollars_is_paid_in_tenge(portal: Portal, ctl: Ctl, lists: Path) -> None:
    portal.refused(422, "rate_missing", "POST", "/v1/quotes", IN_TENGE)
    ctl.run("rates", "import", str(lists), "--reason", "for the test")
    paid = paid_in_tenge(portal)
    line = paid["quote"]["lines"][0]
    told = line["exchange"]
    listed = (lists / f"{told['date']}.xml").read_bytes()
    assert told["sha256"] == hashlib.sha256(listed).hexdigest()
    assert (told["rate"], told["quant"], told["currency"]) == ("473.59", 1, "USD")
    assert told["gross"] == told["unit_amount"] == money(49900, "USD")
    for language, words in {"kk": "473.59 теңге", "ru": "473.59 тенге", "en": "473.59 tenge"}.items():
        assert words in paid["quote"]["explanation"][language]
    assert portal.postings() == [("capture", {"clearing:sandbox KZT": DUE, FEE: -DUE})]
    report = portal.get("/v1/reports/trial-balance")
    (total,) = report["totals"]
    assert (total["balanced"], total["debit"], total["credit"]) == (True, money(DUE), money(DUE))
    said = ctl.run("quote", "eresidency", "--currency", "KZT")
    assert (value(said, "Fee"), value(said, "Tenge for it")) == ("499.00 USD", "473.59")
    assert (value(said, "Quant"), value(said, "Each")) == ("1 USD", "236 321.41 KZT")
    assert value(said, "Rate of") == value(said, "Day")


def test_a_payment_keeps_its_rates_when_the_day_gets_others(
    portal: Portal, ctl: Ctl, lists: Path
) -> None:
    ctl.run("rates", "import", str(lists), "--reason", "for the test")
    first = paid_in_tenge(portal)
    for path in lists.iterdir():
        path.write_text(feed(date.fromisoformat(path.stem), "474"))
    said = ctl.run("rates", "import", str(lists), "--reason", "again", code=REFUSED)
    assert said.count("rates_differ") == 3
    said = ctl.run("rates", "import", str(lists), "--reason", "corrected", "--replace")
    assert said.count("replaced") == 3 and "USD 474" in said and "USD 473.59" in said
    paid_in_tenge(portal, 23652600)  # 499 x 474
    portal.alym.restart()
    with Portal(portal.alym) as again:
        assert again.payment(first) == first
        assert again.create(quote=IN_TENGE)["due"] == money(23652600)
    assert ctl.run("payment", "recompute", first["id"], code=DONE)
    assert value(ctl.run("payment", "recompute", "--all"), "Differ") == "0"


def test_the_bad_list_is_named_and_the_others_go_in(
    portal: Portal, ctl: Ctl, lists: Path, tmp_path: Path
) -> None:
    comma, empty, latin = (tmp_path / name for name in ("comma.xml", "empty.xml", "latin.xml"))
    comma.write_text(feed(today(), "473,59"))
    empty.write_text("<rates><date>03.05.2026</date><info>нет</info></rates>")
    latin.write_bytes("<rates><title>доллар</title></rates>".encode("cp1251"))
    good = [str(path) for path in sorted(lists.iterdir())]
    words = ["rates", "import", str(comma), good[0], str(empty), good[1], good[2]]
    said = ctl.run(*words, "--reason", "for the test", code=REFUSED)
    assert "alymctl: comma.xml was not taken into use" in said
    assert 'feed:6: <description>: "473,59" is not a rate' in said
    assert "alymctl: empty.xml was not taken into use" in said
    assert "there are no rates for 03.05.2026" in said
    assert ctl.json("rates", "show")["rates"] == [{"currency": "USD", "quant": "1", "rate": "473.59"}]
    said = ctl.run("rates", "import", str(latin), good[0], "--reason", "again", code=MISUSED)
    assert f"{latin}:1: is not UTF-8" in said
    assert "repeated" in ctl.run("rates", "import", good[0], "--reason", "again")


def test_a_folder_of_any_number_of_lists_goes_in(
    portal: Portal, ctl: Ctl, lists: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    days = [date(2026, 1, 1) + timedelta(i) for i in range(100)]
    for day in days:
        (many / f"{day.isoformat()}.xml").write_text(feed(day))
    bad = many / f"{days[49].isoformat()}.xml"
    bad.write_bytes("<rates><title>доллар</title></rates>".encode("cp1251"))
    said = ctl.run("rates", "import", str(many), "--reason", "for the test", code=MISUSED)
    assert said.splitlines() == [f"alymctl: {bad}:1: is not UTF-8: save it as UTF-8"]
    for day in days:
        status = portal.client.get(f"/v1/rates?date={day.isoformat()}").status
        assert status == (404 if day == days[49] else 200), day
    bad.write_text(feed(days[49], "473,59"))
    words = [str(path) for path in sorted(many.iterdir())]
    said = ctl.run("rates", "import", *words, "--reason", "again", code=REFUSED)
    assert f"alymctl: {bad.name} was not taken into use" in said
    bad.write_text(feed(days[49]))
    said = ctl.run("rates", "import", str(many), "--reason", "again")
    assert (said.count("repeated"), said.count("taken")) == (99, 1)


def test_what_is_in_use_is_shown(portal: Portal, ctl: Ctl, lists: Path) -> None:
    day = (today() - timedelta(1)).isoformat()
    said = ctl.run("rates", "show", "--date", day, code=REFUSED)
    assert f"there are no rates for {day}" in said
    ctl.run("rates", "import", str(lists), "--reason", "for the test")
    said = ctl.run("rates", "show", "--date", day)
    assert value(said, "Day") == day
    assert value(said, "Source") == "imported"
    assert value(said, "Reason") == "for the test"
    assert "USD" in said and "473.59" in said
    digest = hashlib.sha256((lists / f"{day}.xml").read_bytes()).hexdigest()
    logged = f"event=rates.in_use day={day} sha256={digest} source=imported"
    assert len(digest) == 64 and logged in portal.alym.said()


@pytest.mark.parametrize(
    "words",
    [
        ["rates", "import", "--reason", "x"],
        ["rates", "import", "list.xml"],
        ["rates", "import", "list.xml", "--reason", "x", "--date", "2026-03-02"],
        ["rates", "show", "today"],
        ["rates", "show", "--reason", "x"],
        ["rates", "forget"],
        ["rates"],
    ],
)
def test_what_makes_no_sense_is_said(shared: Alym, words: list[str]) -> None:
    assert "alymctl: " in Ctl(shared.socket).run(*words, code=MISUSED)


# ---- fetched ----


class NationalBank:
    """Answers get_rates.cfm over TLS; `rate` None: no list yet."""

    def __init__(self, certificates: Path) -> None:
        self.asked: list[str] = []
        self.rate: Optional[str] = "473.59"
        bank = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802
                (day,) = parse_qs(urlsplit(self.path).query)["fdate"]
                body = bank.answer(day).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificates / "bank.pem", certificates / "bank.key")
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}/get_rates.cfm?fdate={{date}}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, day: str) -> str:
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", day)
        self.asked.append(day)
        if self.rate is None:
            return f"<rates><date>{day}</date><info>нет</info></rates>"
        return feed(datetime.strptime(day, "%d.%m.%Y").date(), self.rate, EURO)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def national_bank(certificates: Path) -> Iterator[NationalBank]:
    bank = NationalBank(certificates)
    yield bank
    bank.close()


def test_todays_list_is_fetched_where_it_is_missing(
    make_alym: Callable[..., Alym], national_bank: NationalBank
) -> None:
    alym = make_alym({"rates": {"url": national_bank.url}})
    alym.configure({"rates": {"ca": alym.ca}})
    alym.open()
    with Portal(alym) as portal:
        wait_until(lambda: portal.client.get("/v1/rates").status == 200, 30, "the list")
        told = portal.get("/v1/rates")
        day = date.fromisoformat(told["day"])
        assert told["source"] == national_bank.url.replace("{date}", f"{day:%d.%m.%Y}")
        assert told["reason"] == "fetched"
        assert told["sha256"] == hashlib.sha256(feed(day, more=EURO).encode()).hexdigest()
        assert portal.create(quote=IN_TENGE)["due"] == money(DUE)
        assert portal.metric("alym_rates_last_day_timestamp_seconds") > 0
    asked = list(national_bank.asked)
    alym.restart()  # what is in the book is not asked for again
    with Portal(alym) as portal:
        assert portal.get("/v1/rates") == told
    assert national_bank.asked[: len(asked)] == asked
    assert f"{day:%d.%m.%Y}" not in national_bank.asked[len(asked) :]
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        book.audit()


def test_a_list_that_is_not_there_is_missed(
    make_alym: Callable[..., Alym], national_bank: NationalBank
) -> None:
    national_bank.rate = None
    alym = make_alym({"rates": {"url": national_bank.url}})
    alym.configure({"rates": {"ca": alym.ca}})
    alym.open()
    with Portal(alym) as portal:
        wait_until(lambda: "rates_missing" in str(portal.get("/readyz")), 30, "the warning")
        assert "event=rates.not_yet" in alym.said()
        portal.refused(422, "rate_missing", "POST", "/v1/quotes", IN_TENGE)
        ctl = Ctl(alym.socket)
        assert "the exchange rates of" in value(ctl.run("status"), "Warning")


def test_a_stranger_is_not_believed(
    make_alym: Callable[..., Alym], national_bank: NationalBank
) -> None:
    alym = make_alym({"rates": {"url": national_bank.url}})  # the system's CAs do not know it
    alym.open()
    wait_until(lambda: "event=rates.not_fetched" in alym.said(), 30, "the warning")
    assert not national_bank.asked
