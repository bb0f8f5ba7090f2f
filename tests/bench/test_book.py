# SPDX-License-Identifier: Apache-2.0
"""Whether alym_book does what it says; how fast is nobody's business here.

    test_book.py ALYM_BOOK
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path


def said(*words: object) -> list[dict[str, object]]:
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(book: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(book) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def main(program: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("exempt", "paid"):
            book, bare = Path(folder, f"{kind}.db"), Path(folder, f"{kind}-bare.db")
            filled = said(program, "fill", "--book", book, "--payments", 500, "--kind", kind)
            assert [line["payments"] for line in filled] == list(range(50, 501, 50)), filled
            said(program, "fill", "--book", book, "--payments", 100, "--kind", kind)
            (opened,) = said(program, "open", "--book", book)
            assert opened["open_ms"] > 0
            reads = said(program, "read", "--book", book)
            assert len(reads) == 3 and all(read["sum"] == 0 for read in reads), reads
            (raw,) = said(program, "raw", "--from", book, "--book", bare)
            found = rows(book)
            assert raw["payments"] == len(found["payment"]) == 600
            assert len(found["entry"]) == 600
            assert rows(bare) == found
        # In turn, so many into each: one goes on where it ended, the other begins, with accounts of its own.
        many = Path(folder, "many.db")
        beside = ["--beside", many, "--accounts-beside", 30, "--payments", 60, "--turns", 2]
        turns = said(program, "turns", "--book", Path(folder, "exempt.db"), *beside)
        assert [line["payments"] for line in turns] == [660, 60, 720, 120], turns
        assert len(rows(many)["account"]) == 31  # and one of reliefs
        assert len(rows(Path(folder, "exempt.db"))["account"]) == 2
        assert subprocess.run([program, "turns", "--book", many], capture_output=True).returncode == 64
        wrong = subprocess.run([program, "fill"], capture_output=True)
        assert wrong.returncode == 64 and wrong.stderr.startswith(b"usage: ")


if __name__ == "__main__":
    main(sys.argv[1])
