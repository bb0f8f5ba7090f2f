# SPDX-License-Identifier: Apache-2.0
"""Months: closed by alymctl; and what the schema refuses to whoever opens the file by hand."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Iterator

import pytest

from aged import ALMATY, age, month_of_aged
from ctl import MISUSED, REFUSED, Ctl, value
from daemon import Alym
from portal import Portal

EXIT_VISA = 216250  # 0.5 MRP of 2026


@pytest.fixture
def old(alym: Alym) -> Alym:
    """Two payments of a month that is over, one of them fulfilled; nothing since."""
    with Portal(alym) as portal:
        for _ in range(2):
            made = portal.create()
            alym.bank.control.cash(made["code"], EXIT_VISA)
        portal.act(made, "fulfilment", {"outcome": "performed"})
    alym.stop_cleanly()
    age(alym.folder / "state/book.db")
    alym.begin()
    return alym


def balances_sha256(ctl: Ctl, month: str) -> str:
    """Of the list as docs/LEDGER.md says it is written."""
    rows = ctl.json("period", "show", month, "--all")["items"]
    said = [
        {
            "account": row["account"],
            "credit": str(row["credit"]["amount"]),
            "currency": row["credit"]["currency"],
            "debit": str(row["debit"]["amount"]),
        }
        for row in rows
    ]
    said.sort(key=lambda row: (row["account"].encode(), row["currency"].encode()))
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def test_a_month_is_closed_by_alymctl(old: Alym) -> None:
    ctl, month = Ctl(old.socket), month_of_aged()
    this_month = datetime.now(ALMATY).date().isoformat()[:7]
    said = ctl.run("period", "close", this_month, "--reason", "too early", code=REFUSED)
    assert "period_open" in said and "is not over in Almaty" in said
    said = ctl.run("period", "close", month, "--reason", "statement of the 3rd", "--key", "k1")
    assert (value(said, "Month"), value(said, "Last entry"), value(said, "Accounts")) == (month, "2", "2")
    assert "not_settled" in said and "clearing:sandbox" in said and "4 325.00 KZT" in said
    assert ctl.run("period", "close", month, "--reason", "statement of the 3rd", "--key", "k1") == said
    assert "period_closed" in ctl.run("period", "close", month, "--reason", "again", code=REFUSED)
    assert value(said, "SHA-256") == balances_sha256(ctl, month)
    proof = ctl.run("proof", value(said, "Record"))
    assert "close" in proof and value(said, "SHA-256") in proof
    assert month in ctl.run("period", "list") and "clearing:sandbox" in ctl.run("period", "show", month)
    for words in (("close", month), ("close", "--reason", "no month"), ("show",), ("list", month), ("open",)):
        ctl.run("period", *words, code=MISUSED)
    assert "invalid_field" in ctl.run("period", "close", "2026-1", "--reason", "r", code=REFUSED)


def test_a_closed_month_stays_as_it_is(old: Alym) -> None:
    ctl, month = Ctl(old.socket), month_of_aged()
    ctl.run("period", "close", month, "--reason", "statement of the 3rd")
    before = ctl.run("--json", "period", "show", month)
    with Portal(old) as portal:
        old.bank.control.cash(portal.create()["code"], EXIT_VISA)
        assert len(portal.get("/v1/ledger/entries")["items"]) == 3
    old.restart()
    assert ctl.run("--json", "period", "show", month) == before


def test_an_entry_is_reversed_by_alymctl(audited: Alym) -> None:
    """Money of an order at a bank, and a part of it by code; the auditor derives it all again."""
    ctl = Ctl(audited.socket)
    with Portal(audited) as portal:
        made = portal.create_at_bank()
        audited.bank.control.cash(made["code"], 16250)
        portal.reach(made, "partly_paid")
        audited.bank.control.pay(made["attempts"][0]["order"])
        paid = portal.reach(made, "paid")
        assert "reverse that one first" in ctl.run("reverse", "1", "--reason", "a mistake", code=REFUSED)
        said = ctl.run("reverse", "2", "--reason", "another's money", "--key", "k1")
        assert (value(said, "Cause"), value(said, "Reverses"), value(said, "Entry")) == ("reversal", "2", "3")
        assert ctl.run("reverse", "2", "--reason", "another's money", "--key", "k1") == said
        assert value(ctl.run("entries", "2"), "Reversed by") == "3"
        again = portal.payment(made)
        assert (again["state"], again["paid"]["amount"], again["held"]["amount"]) == ("partly_paid", 0, 16250)
        assert (again["attempts"][0]["state"], again["attempts"][0]["captured"]["amount"]) == ("released", 0)
        assert paid["attempts"][0]["captured"]["amount"] > 0
        assert portal.event_types(made)[-1] == "payment.reversed"
        ctl.run("reverse", "1", "--reason", "a mistake")
        assert (portal.payment(made)["state"], portal.payment(made)["held"]["amount"]) == ("open", 0)
        assert "not_reversible" in ctl.run("reverse", "3", "--reason", "back", code=REFUSED)
        for account in portal.get("/v1/ledger/balances")["items"]:
            assert account["balance"]["amount"] == 0
        audited.bank.control.cash(made["code"], EXIT_VISA)
        portal.reach(made, "paid")
    ctl.run("reverse", "1", code=MISUSED)


# ---- the sqlite3 shell ----

# What may be made again from the journal, what the law may have erased, and what is no part of it.
NOT_OF_THE_JOURNAL = {
    "book", "attempt_open", "payment_open", "balance", "day_sum", "suspense", "event", "tile", "keyset",
    "keyset_segment", "private", "evidence", "inbox", "standing",
}  # fmt: skip
NEXT = "(SELECT max(number) + 1 FROM entry)"


class Shell:
    """The sqlite3 program on a book that nobody else has open."""

    def __init__(self, book: Path) -> None:
        self._book = book
        db = sqlite3.connect(f"file:{book}?mode=ro", uri=True)
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.tables = {
            name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
            for (name,) in names.fetchall()
            if not name.startswith("sqlite_")
        }
        self.filled = {n for n in self.tables if db.execute(f"SELECT count(*) FROM {n}").fetchone()[0]}
        db.close()

    def run(self, sql: str) -> str:
        """What it complains of; empty when it did it."""
        done = subprocess.run(
            ["sqlite3", "-bail", str(self._book), sql], capture_output=True, text=True, timeout=60
        )
        return done.stderr if done.returncode != 0 else ""

    def copy(self, table: str, where: str, **changes: object) -> str:
        """A statement that inserts a row of the table again, with these columns changed."""
        columns = (str(changes.get(column, column)) for column in self.tables[table])
        return f"INSERT INTO {table} SELECT {', '.join(columns)} FROM {table} WHERE {where};"

    def entry(self, amounts: tuple[int, ...] = (100, -100), **changes: object) -> str:
        """A transaction that posts to accounts 1, 2 ... and seals it like entry 1."""
        posted = "".join(
            f"INSERT INTO posting VALUES ({NEXT}, {i}, {i}, {amount}, 0);"
            for i, amount in enumerate(amounts, start=1)
        )
        return "BEGIN;" + posted + self.copy("entry", "number = 1", **{"number": NEXT, **changes}) + "COMMIT;"


@pytest.fixture
def shell(old: Alym) -> Iterator[Shell]:
    """On a stopped book with a closed month; nothing of the file changes."""
    Ctl(old.socket).run("period", "close", month_of_aged(), "--reason", "statement of the 3rd")
    with old.client() as client:
        client.get("/v1/ledger/checkpoint")
    old.stop_cleanly()
    book = old.folder / "state/book.db"
    before = book.read_bytes()
    yield Shell(book)
    # A shell that gave up leaves its log: it is moved into the file, were there anything in it.
    subprocess.run(["sqlite3", str(book), "PRAGMA wal_checkpoint"], check=True, capture_output=True)
    assert book.read_bytes() == before


def test_the_shell_changes_no_row_of_the_journal(shell: Shell) -> None:
    journal = set(shell.tables) - NOT_OF_THE_JOURNAL
    tried = journal & shell.filled
    assert {"record", "payment", "entry", "posting", "account", "period", "period_balance", "act"} <= tried
    for table in sorted(tried):
        column = shell.tables[table][-1]
        assert "rows never change" in shell.run(f"UPDATE {table} SET {column} = {column}"), table
        assert "rows are never deleted" in shell.run(f"DELETE FROM {table}"), table
        if table != "tariff_file":  # which takes the same file again
            assert f"{table}: " in shell.run(f"REPLACE INTO {table} SELECT * FROM {table}"), table
    for table in sorted(journal - shell.filled):
        triggers = shell.run(f"SELECT CASE count(*) WHEN 0 THEN json('bad') END FROM sqlite_master"
                             f" WHERE tbl_name = '{table}' AND sql LIKE '%BEFORE DELETE%'")
        assert not triggers, f"{table}: rows can be deleted"


def test_the_shell_books_nothing_that_the_book_would_not(shell: Shell) -> None:
    last_day = "(SELECT last_day FROM period)"
    today = f"booked_day + {40}"
    dollars = "INSERT INTO account SELECT 3, 'clearing:sandbox', 0, 'USD';"
    in_dollars = shell.entry((-50, -50, 100), booked_day=today, lines=3)
    in_dollars = in_dollars.replace("BEGIN;", "BEGIN;" + dollars)
    later = {"month": "month + 400", "last_day": "last_day + 1461"}
    cases = [
        ("does not balance", shell.entry((100, -99), booked_day=today)),
        ("lines are missing", shell.entry((100, -100), booked_day=today, lines=3)),
        ("lines are missing", shell.entry((100,), booked_day=today)),
        ("the period is closed", shell.entry()),
        ("the period is closed", shell.entry(booked_day=last_day)),
        ("the period is closed", shell.entry(booked_day=last_day, booked_at="booked_at + 40 * 86400")),
        ("runs backwards", shell.entry(booked_day="booked_day - 1")),
        ("runs backwards", shell.entry(booked_day=today, booked_at="booked_at - 1")),
        ("not the next", shell.entry(number=f"{NEXT} + 1", booked_day=today)),
        ("not the next", shell.copy("entry", "number = 1")),
        ("sealed", "INSERT INTO posting VALUES (1, 3, 1, 100, 0)"),
        ("sealed", "INSERT INTO posting VALUES (99, 1, 1, 100, 0)"),
        ("CHECK constraint", f"INSERT INTO posting VALUES ({NEXT}, 1, 1, 0, 0)"),
        # A currency that is not the account's: only another account has it, and each balances.
        ("does not balance", in_dollars),
        ("rows never change", "UPDATE account SET currency = 'USD' WHERE number = 1"),
        ("rows are never replaced", "REPLACE INTO account SELECT number, name, type, 'USD' FROM account"),
        ("rows are never replaced", "INSERT INTO account SELECT 99, name, type, currency FROM account"),
        ("CHECK constraint", "INSERT INTO account VALUES (99, 'clearing:x', 0, 'TENGE')"),
        ("not the next", shell.copy("record", "number = 1", number="(SELECT max(number) + 2 FROM record)")),
        ("runs backwards", shell.copy("record", "number = 1", number="(SELECT max(number) + 1 FROM record)")),
        ("not the next", shell.copy("payment", "number = 1", number="(SELECT max(number) + 2 FROM payment)")),
        ("closed in order", shell.copy("period", "1")),
        ("closed in order", shell.copy("period", "1", month="month - 100")),
        ("last_day is not", shell.copy("period", "1", month="month + 400")),
        ("balances are missing", shell.copy("period", "1", **later)),
        ("its month is closed", shell.copy("period_balance", "line = 1", line="9")),
        ("rows are never replaced", shell.copy("act", "1")),
        ("reverses nothing", shell.entry(booked_day=today, cause="5")),
        ("do not cancel out", "BEGIN;" + f"INSERT INTO reversal VALUES ({NEXT}, 1, 0, 0, 'r')"),
        ("sealed or not the next", "INSERT INTO reversal VALUES (2, 1, 0, 0, 'r')"),
    ]
    for why, sql in cases:
        said = shell.run(sql)
        assert why in said, f"{sql}\nsaid: {said or 'nothing, and did it'}"
