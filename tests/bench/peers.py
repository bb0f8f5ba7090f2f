# SPDX-License-Identifier: Apache-2.0
"""The same postings in programs that a user would pick instead: PostgreSQL, ledger, hledger."""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from postgres import Postgres
from program import BenchError, kib

DAY_S = 86400
TRIES = 3
LOOK_S = 0.005  # between looks at a program that runs


@dataclass(frozen=True)
class Took:
    """What a command that had to succeed has used."""

    seconds: float
    cpu_s: float
    peak_mib: float


def _high_water_kib(process: int) -> int:
    """Its own, which getrusage() would not tell: that begins with what its parent had."""
    try:
        return kib(Path("/proc", str(process), "status").read_text(), "VmHWM")
    except OSError:
        return 0


def took(command: list[Any]) -> Took:
    words = [str(word) for word in command]
    before = time.perf_counter()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak_kib = 0
    ended = 0
    while ended == 0:
        time.sleep(LOOK_S)
        peak_kib = max(peak_kib, _high_water_kib(process.pid))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{' '.join(words)}: ended with {process.returncode}")
    return Took(seconds, usage.ru_utime + usage.ru_stime, peak_kib / 1024)


def text_of(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY_S))


class Postings:
    """All postings of a book, as COPY reads them and as a journal; `middle` is a day to ask for."""

    def __init__(self, book: Path, middle: int, folder: Path) -> None:
        self.middle = middle
        self.rows = folder / "postings.tsv"
        self.journal = folder / "book.journal"
        with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as db:
            self._write(db)
        self.rows.chmod(0o644)

    def _write(self, db: sqlite3.Connection) -> None:
        found = db.execute(
            "SELECT entry, booked_day, value_date, name, amount FROM posting"
            " JOIN entry ON entry.number = posting.entry"
            " JOIN account ON account.number = posting.account ORDER BY entry, line"
        )
        last = 0
        with open(self.rows, "w") as rows, open(self.journal, "w") as journal:
            for entry, day, value_date, account, amount in found:
                rows.write(f"{entry}\t{day}\t{value_date}\t{account}\t{amount}\n")
                if entry != last:
                    journal.write(f"\n{text_of(day)} ({entry}) alym\n")
                    last = entry
                sign, minor = "-" if amount < 0 else "", abs(amount)
                journal.write(f"    {account}  {sign}{minor // 100}.{minor % 100:02} KZT\n")

    def balances(self, program: str, as_of: bool) -> Optional[Took]:
        """All balances, now or until the middle day; none when the program is not there."""
        if shutil.which(program) is None:
            return None
        until = ["-e", text_of(self.middle + 1)] if as_of else []
        return took([program, "-f", self.journal, "balance", *until])

    def load(self, postgres: Postgres) -> None:
        postgres.ask(
            "CREATE TABLE line (entry bigint, day int, value_date int, account text, amount bigint)",
            f"COPY line FROM '{self.rows}'",
            "VACUUM ANALYZE line",
        )

    def sums(self, postgres: Postgres, axis: Optional[str] = None) -> float:
        """Seconds, the median of some: all balances, now or until the middle day."""
        where = f"WHERE {axis} <= {self.middle}" if axis else ""
        query = f"SELECT account, sum(amount) FROM line {where} GROUP BY account"
        return statistics.median(postgres.timed(query) for _ in range(TRIES))
