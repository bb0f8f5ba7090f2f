# SPDX-License-Identifier: Apache-2.0
"""The export read by the programs it is for: hledger, ledger, beancount and Python's csv.

What they make of it, account by account and currency by currency, is what the book says it has.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Iterator
from zoneinfo import ZoneInfo

import pytest

from daemon import Alym, wait_until
from portal import EXIT_VISA, INVESTOR, Portal

DUE = 216250
FORMATS = ("hledger", "ledger", "beancount", "csv")
ROOTS = ("Assets", "Liabilities", "Income", "Expenses", "Equity")
HOSTILE = 'x" \\ ; , date:2020-01-01, [2020-01-01] %41 жоқ'

Balances = dict[tuple[str, str], int]


def almaty(when: datetime) -> str:
    return when.astimezone(ZoneInfo("Asia/Almaty")).date().isoformat()


@pytest.fixture(scope="module")
def book(shared: Alym) -> Iterator[Portal]:
    """Parts and excess, two currencies, an exemption, money without a home, late value dates."""
    shared.bank.control.mode(callback_url=shared.callback_url)
    with Portal(shared) as portal:
        fill(portal)
        yield portal


def fill(portal: Portal) -> None:
    cash = portal.alym.bank.control.cash
    yesterday = (datetime.now(timezone.utc) - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    cash(portal.create()["code"], DUE)
    cash(portal.create()["code"], DUE + 12345)
    parts = portal.create()
    cash(parts["code"], 100000)
    cash(parts["code"], DUE - 100000 + 1)
    cash(portal.create()["code"], DUE - 7)
    cash(portal.create()["code"], DUE, currency="USD")
    cash(portal.create()["code"], DUE, paid_at=yesterday)
    cash("000000000000", 2**53 - 1)
    portal.create(quote={**EXIT_VISA, "claims": INVESTOR})
    portal.create(quote={"service": "visa.entry-exit", "claims": INVESTOR})
    wrong = portal.entries(portal.create(quote={"service": "visa.multiple", "claims": INVESTOR}))
    portal.post(f"/v1/ledger/entries/{wrong[0]['number']}/reverse", {"reason": "a test"})
    odd = {
        "kind": "payment", "merchant": "demo", "order": "424242", "status": "paid",
        "amount": 5, "currency": "EUR", "operation": HOSTILE,
        "paid_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    said = portal.alym.bank.control.send(body=odd, url=f"{portal.alym.url}/callbacks/sandbox")
    assert said["answer"]["accepted"], said


def covered(portal: Portal) -> int:
    """The size of the newest checkpoint, once it covers all entries there are."""
    last = max((entry["record"] for entry in entries(portal)), default=0)

    def size() -> int:
        newest = int(portal.client.get("/v1/ledger/checkpoint").json.splitlines()[1])
        return newest if newest >= last else 0

    return wait_until(size, 30, "a checkpoint")


def export(portal: Portal, form: str, **more: str) -> str:
    covered(portal)
    query = "".join(f"&{name}={value}" for name, value in more.items())
    answer = portal.client.get(f"/v1/ledger/export?format={form}{query}")
    assert answer.status == 200, answer.json
    assert answer.headers["Transfer-Encoding"] == "chunked"
    return answer.bytes.decode()


def entries(portal: Portal) -> list[dict[str, Any]]:
    return portal.get("/v1/ledger/entries?limit=500")["items"]


def ours(portal: Portal) -> Balances:
    items = portal.get("/v1/ledger/balances?limit=500")["items"]
    found = {(i["account"], i["balance"]["currency"]): int(i["balance"]["amount"]) for i in items}
    return {account: minor for account, minor in found.items() if minor != 0}


def types(portal: Portal) -> dict[str, str]:
    items = portal.get("/v1/ledger/accounts?limit=500")["items"]
    return {item["account"]: item["type"] for item in items}


def run(*command: Any) -> str:
    """What it prints; it must not complain."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def minor(amount: str) -> int:
    return int(Decimal(amount.replace(",", "")) * 100)


def by_hledger(path: Path) -> Balances:
    run("hledger", "-f", path, "check", "--strict", "ordereddates", "payees")
    table = run("hledger", "-f", path, "balance", "--flat", "-O", "csv", "--layout", "bare")
    rows = list(csv.DictReader(io.StringIO(table)))
    return {
        (row["account"], row["commodity"]): minor(row["balance"])
        for row in rows
        if row["account"] != "total" and minor(row["balance"]) != 0
    }


def by_ledger(path: Path) -> Balances:
    ledger = ("ledger", "--pedantic", "--strict", "--explicit", "--check-payees", "--args-only")
    line = "%(account)\\t%(commodity(amount))\\t%(quantity(amount))\\n"
    table = run(*ledger, "-f", path, "register", "--format", line)
    sums: Balances = {}
    for account, currency, amount in (row.split("\t") for row in table.splitlines()):
        sums[account, currency] = sums.get((account, currency), 0) + minor(amount)
    return {account: value for account, value in sums.items() if value != 0}


def of_beancount(name: str) -> str:
    """Our name for beancount's, by what docs/EXPORT.md says of the spelling."""
    root, *parts = name.split(":")
    assert root in ROOTS

    def back(part: str) -> str:
        out, at = "", 0
        while at < len(part):
            here, two = part[at], part[at : at + 2]
            if here == "Q" and re.match("Q[0-9a-f]{2}", part[at:]):
                out, at = out + chr(int(part[at + 1 : at + 3], 16)), at + 3
            elif re.match("-[A-Z]", two):
                out, at = out + "." + two[1].lower(), at + 2
            else:
                out, at = out + here.lower(), at + 1
        return out

    return ":".join(back(part) for part in parts)


def by_beancount(path: Path) -> Balances:
    assert run("bean-check", "--no-cache", path) == ""
    table = run(
        "bean-query", "-q", "-f", "csv", path,
        "SELECT account, currency, sum(number) AS total GROUP BY account, currency",
    )  # fmt: skip
    rows = [{k: v.strip() for k, v in row.items()} for row in csv.DictReader(io.StringIO(table))]
    return {
        (of_beancount(row["account"]), row["currency"]): minor(row["total"])
        for row in rows
        if minor(row["total"]) != 0
    }


def by_csv(path: Path) -> Balances:
    sums: Balances = {}
    for row in read_csv(path.read_bytes().decode()):
        if row["row"] == "posting":
            key = row["account"], row["currency"]
            sums[key] = sums.get(key, 0) + minor(row["amount"])
    return {account: value for account, value in sums.items() if value != 0}


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


READERS = {"hledger": by_hledger, "ledger": by_ledger, "beancount": by_beancount, "csv": by_csv}


@pytest.mark.parametrize("form", FORMATS)
def test_all_balances_are_ours(book: Portal, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"book.{form}"
    path.write_bytes(export(book, form).encode())
    expected = ours(book)
    assert {currency for _, currency in expected} == {"KZT", "USD", "EUR"}
    assert expected["suspense:sandbox", "KZT"] < -(2**53 - 1)
    assert expected["relief:investor", "KZT"] > 0
    assert READERS[form](path) == expected


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_book_is_read_too(alym: Alym, tmp_path: Path, form: str) -> None:
    with Portal(alym) as portal:
        path = tmp_path / f"book.{form}"
        path.write_bytes(export(portal, form).encode())
        assert READERS[form](path) == {}


def test_types_and_directives(book: Portal, tmp_path: Path) -> None:
    expected = types(book)
    letters = {"asset": "A", "liability": "L", "income": "R", "contra_income": "R"}
    roots = {"asset": "Assets", "liability": "Liabilities", "income": "Income"}
    hledger = re.findall(r"^account (\S+)  ; type:(.)$", export(book, "hledger"), re.M)
    assert dict(hledger) == {name: letters[kind] for name, kind in expected.items()}
    noted = re.findall(r"^account (\S+)\n    note (\S+)$", export(book, "ledger"), re.M)
    assert dict(noted) == expected
    opened = re.findall(r"^\S+ open ((\w+):\S+) (\S+)$", export(book, "beancount"), re.M)
    assert {of_beancount(name): root for name, root, _ in opened} == {
        name: roots.get(kind, "Income") for name, kind in expected.items()
    }
    assert {of_beancount(name): currencies for name, _, currencies in opened}[
        "clearing:sandbox"
    ] == "EUR,KZT,USD"


def test_two_dates_and_what_finds_an_entry_again(book: Portal, tmp_path: Path) -> None:
    days = {
        e["number"]: almaty(datetime.fromisoformat(e["booked_at"].replace("Z", "+00:00")))
        for e in entries(book)
    }
    late = next(e for e in entries(book) if e["value_date"] != days[e["number"]])
    booked = days[late["number"]]
    leaf = book.get(f"/v1/ledger/records/{late['record']}")["leaf_hash"]
    path = tmp_path / "book"
    path.write_text(export(book, "hledger"))
    found = run("hledger", "-f", path, "print", f"code:^{late['number']}$")
    assert found.startswith(f"{booked}={late['value_date']} * ({late['number']}) capture")
    by_value = run("hledger", "-f", path, "print", f"date2:{late['value_date']}")
    assert f"({late['number']})" in by_value
    for tag in (
        f"record={late['record']}",
        f"leaf={leaf}",
        f"payment={late['payment']}",
        f"operation={late['operation']}",
    ):
        assert f"({late['number']})" in run("hledger", "-f", path, "print", f"tag:{tag}"), tag
    path.write_text(export(book, "ledger"))
    shown = run("ledger", "--args-only", "-f", path, "print", f"%leaf={leaf}")
    assert f"{booked.replace('-', '/')}={late['value_date'].replace('-', '/')}" in shown
    path.write_text(export(book, "beancount"))
    row = run(
        "bean-query", "-q", "-f", "csv", path,
        "SELECT date, entry_meta('value') AS value, entry_meta('record') AS record "
        f"WHERE entry_meta('leaf') = '{leaf}' LIMIT 1",
    )  # fmt: skip
    assert [cell.strip() for cell in row.splitlines()[1].split(",")] == [
        booked,
        late["value_date"],
        str(late["record"]),
    ]


def test_a_row_has_all_of_its_entry(book: Portal) -> None:
    rows = [row for row in read_csv(export(book, "csv")) if row["row"] == "posting"]
    expected = []
    for entry in entries(book):
        leaf = book.get(f"/v1/ledger/records/{entry['record']}")["leaf_hash"]
        booked = datetime.fromisoformat(entry["booked_at"].replace("Z", "+00:00"))
        for posting in entry["postings"]:
            amount = posting["amount"]
            expected.append(
                {
                    "row": "posting", "entry": str(entry["number"]),
                    "record": str(entry["record"]), "leaf": leaf,
                    "booked_at": entry["booked_at"], "booked_on": almaty(booked),
                    "value_date": entry["value_date"], "paid_on": entry["paid_on"],
                    "cause": entry["cause"],
                    "reverses": str((entry["reversal"] or {"reverses": ""})["reverses"])
                    if entry["cause"] == "reversal"
                    else "",
                    "payment": entry["payment"] or "",
                    "gateway": entry["gateway"] or "", "operation": entry["operation"] or "",
                    "account": posting["account"], "type": types(book)[posting["account"]],
                    "currency": amount["currency"],
                    "amount": str(Decimal(amount["amount"]) / 100),
                }
            )  # fmt: skip
    for row in rows:
        row["amount"] = str(Decimal(row["amount"]).normalize() + 0)
    for row in expected:
        row["amount"] = str(Decimal(row["amount"]).normalize() + 0)
    assert rows == expected
    assert HOSTILE in {row["operation"] for row in rows}


def read_notes(portal: Portal) -> dict[int, str]:
    """The root of each checkpoint, as a reader of the journal finds it."""
    notes = {}
    for number in range(1, covered(portal) + 2):
        answer = portal.client.get(f"/v1/ledger/records/{number}")
        leaf = answer.json["leaf"] if answer.status == 200 else {"kind": ""}
        if leaf["kind"] == "checkpoint":
            size, root = leaf["body"]["note"].splitlines()[1:3]
            notes[int(size)] = root
    return notes


@pytest.mark.parametrize("form", FORMATS)
def test_it_begins_and_ends_with_what_it_is(book: Portal, form: str) -> None:
    text = export(book, form)
    origin = book.client.get("/v1/ledger/checkpoint").json.splitlines()[0]
    as_of = re.search(r"as of record (\d+)|^begin,\d+,(\d+),", text, re.M)
    assert as_of
    record = next(filter(None, as_of.groups()))
    notes = read_notes(book)
    words = f"checkpoint of {record} records, root {notes[int(record)]}, of {origin}"
    count = len(entries(book))
    first, last = text.splitlines()[:4], text.splitlines()[-1]
    assert words in "\n".join(first)
    if form == "csv":
        assert last.startswith(f"end,{count},{record},")
        assert words in last
    else:
        assert last == f"; end of {count} entries, as of record {record}, {words}"
    # What was written then is written again, whatever came since.
    book.alym.bank.control.cash(book.create()["code"], DUE)
    assert export(book, form, as_of_record=record) == text
    assert export(book, form) != text


def test_days_bound_it(book: Portal) -> None:
    today = almaty(datetime.now(timezone.utc))
    tomorrow = almaty(datetime.now(timezone.utc) + timedelta(days=1))
    count = len(entries(book))
    assert f"; entries {count}\n" in export(book, "hledger", **{"from": today, "to": today})
    none = export(book, "hledger", **{"from": tomorrow})
    assert "; entries 0\n" in none and "what was on the accounts before is not in it" in none
    assert "; entries 0\n" in export(book, "hledger", to="2020-01-01")


def test_what_makes_no_sense_is_refused(book: Portal) -> None:
    path = "/v1/ledger/export"
    assert book.refused(400, "invalid_field", "GET", path)["field"] == "format"
    for query, field in (
        ("format=xml", "format"),
        ("format=csv&from=yesterday", "from"),
        ("format=csv&from=2026-02-01&to=2026-01-01", "to"),
        ("format=csv&as_of_record=0", "as_of_record"),
        ("format=csv&as_of_record=999999", "as_of_record"),
    ):
        assert book.refused(400, "invalid_field", "GET", f"{path}?{query}")["field"] == field
    refused = book.refused(400, "unknown_field", "GET", f"{path}?format=csv&colour=red")
    assert refused["field"] == "colour"
