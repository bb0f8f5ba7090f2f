# SPDX-License-Identifier: Apache-2.0
"""A backup, what it is worth, and how a book that was restored goes on."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from daemon import BUILD, Alym, wait_until
from portal import Portal

READ_ONLY = (503, "book_restored")


def backup(alym: Alym, name: str) -> Path:
    path = alym.folder / name
    alym.alymctl("backup", str(path))
    return path


def restore(alym: Alym, path: Path, *words: str, code: int = 0) -> str:
    """What was said: on stdout when it was done, on stderr when it was refused."""
    command = [str(BUILD / "tools/alymctl"), "restore", str(path), "--config", str(alym.config)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def start_restored(alym: Alym) -> None:
    """Restored books are never ready: they answer, and that is all."""
    alym.begin(wait=False)

    def answers() -> bool:
        try:
            with alym.client() as client:
                return client.get("/readyz").json.get("code") == "book_restored"
        except OSError:
            return False

    wait_until(answers, 60, "a restored book that answers")


def resume(alym: Alym, *words: str) -> Any:
    said = alym.alymctl("--json", "book", "resume", "--reason", "the disk died", *words).stdout
    alym.wait_ready()
    return json.loads(said)


def test_a_backup_is_the_book_and_says_that_it_is_a_copy(alym: Alym) -> None:
    with Portal(alym) as portal:
        made = portal.create_at_bank()
        portal.pay_by_page(made)
        portal.reach(made, "paid")
        path = backup(alym, "one.db")
        records = portal.metric("alym_records")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in alym.folder.glob("one.db*")) == ["one.db"]
    assert not list((alym.folder / "state").glob("backup.db*"))
    with sqlite3.connect(path) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM record").fetchone() == (records,)
        assert copy.execute("SELECT count(*) FROM standing").fetchone() == (1,)
    with sqlite3.connect(alym.folder / "state/book.db") as book:
        assert book.execute("SELECT count(*) FROM standing").fetchone() == (0,)


def test_a_restored_book_answers_and_writes_nothing(alym: Alym) -> None:
    with Portal(alym) as portal:
        made = portal.create_at_bank()
        path = backup(alym, "one.db")
    alym.stop_cleanly()
    assert "--replace" in restore(alym, path, code=70)
    assert "records, verified by" in restore(alym, path, "--replace")
    start_restored(alym)
    with Portal(alym) as portal:
        records = portal.metric("alym_records")
        assert portal.payment(made)["state"] == "open"
        assert portal.quote(service="visa.exit")["due"]["amount"] > 0
        portal.refused(*READ_ONLY, "POST", "/v1/payments", {"reference": "x", "quote": {}})
        portal.refused(*READ_ONLY, "POST", f"/v1/payments/{made['id']}/cancel", {})
        assert portal.metric("alym_book_restored") == 1
        assert portal.metric("alym_records") == records
    assert resume(alym)["generation"] == 2
    with Portal(alym) as portal:
        assert portal.metric("alym_book_restored") == 0
        assert portal.create()["id"].startswith("p2-")
