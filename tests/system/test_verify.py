# SPDX-License-Identifier: Apache-2.0
"""A book in a file is derived again from its journal: alymctl book verify."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

from daemon import BUILD, Alym, wait_until
from portal import INVESTOR, Portal

SOUND, UNSOUND, UNREADABLE, TAKEN, MISUSED = 0, 65, 70, 75, 2


def verify(alym: Alym, path: Path, *words: str, code: int = SOUND, verb: str = "verify") -> str:
    command = [str(BUILD / "tools/alymctl"), "book", verb, str(path)]
    done = subprocess.run(
        [*command, "--config", str(alym.config), *words],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def live(alym: Alym) -> Path:
    """A backup of a book in which most things happened."""
    with Portal(alym) as portal:
        paid = portal.create_at_bank()
        portal.pay_by_page(paid)
        portal.reach(paid, "paid")
        portal.act(paid, "fulfilment", {"outcome": "performed", "document": "visa 17"})
        refused = portal.create_at_bank()
        portal.pay_by_page(refused, "decline")
        portal.reach(refused, attempt="declined")
        portal.act(refused, "attempts", {"gateway": "sandbox", "return_url": "https://localhost/"})
        portal.create(quote={"service": "visa.multiple", "claims": INVESTOR})
        portal.act(portal.create(), "cancel", {"reason": "changed their mind"})
    path = alym.folder / "copy.db"
    alym.alymctl("backup", str(path))
    return path


def tamper(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(sql)
    db.close()


def test_a_live_book_is_sound_and_a_changed_one_is_not(alym: Alym) -> None:
    path = live(alym)
    note = alym.folder / "kept.note"
    with alym.client() as client:
        note.write_bytes(client.get("/v1/ledger/checkpoint").bytes)
    book = alym.folder / "state/book.db"
    verify(alym, book, code=TAKEN)
    assert " 0 faults." in verify(alym, path)
    alym.stop_cleanly()
    assert "It goes on from the checkpoint" in verify(alym, book, "--checkpoint", str(note))

    said = verify(alym, book, "--checkpoint", str(note), "--quick")
    assert " 0 faults." in said and "It goes on from the checkpoint" in said

    tamper(path, "UPDATE balance SET debit = debit + 100 WHERE account = 1")
    said = verify(alym, path, code=UNSOUND)
    assert "table balance, row 1: column debit: found 2163.50 KZT, expected 2162.50 KZT" in said
    assert "row trigger entry_seals: it is missing" in said
    said = verify(alym, path, "--quick", code=UNSOUND)
    assert "table balance, row 1: column debit: found 2163.50 KZT, expected 2162.50 KZT" in said
    assert "Not looked at: whether rows say what their records say" in said
    assert "--quick is no option of book rebuild" in verify(alym, path, "--quick", code=MISUSED, verb="rebuild")
    alymd = [str(BUILD / "daemon/alymd"), "--config", str(alym.config), "--quick"]
    for words in ([], ["--rebuild-book", str(path)]):
        assert subprocess.run([*alymd, *words], capture_output=True, timeout=60).returncode == 64
    said = verify(alym, path, "--checkpoint", str(note), verb="rebuild")
    assert "faults are mended" in said
    assert " 0 faults." in verify(alym, path)
    assert "Nothing is to be mended" in verify(alym, path, verb="rebuild")
    kept = [p for p in alym.folder.glob("copy.db.*Z")]
    assert len(kept) == 1 and "found 2163.50 KZT" in verify(alym, kept[0], code=UNSOUND)

    (alym.folder / "no.db").write_text("no book")
    assert "not a database" in verify(alym, alym.folder / "no.db", code=UNREADABLE)
    verify(alym, alym.folder / "missing.db", code=UNREADABLE)


def test_a_book_is_sound_however_many_keys_have_signed_it(alym: Alym) -> None:
    with Portal(alym) as portal, alym.client() as client:
        for number in range(4):
            portal.create()
            alym.alymctl("backup", str(alym.folder / f"{number}.db"))  # a checkpoint comes first
            done = client.post("/v1/ledger/key/rotate", {"reason": f"it is the {number}th", "days": 0})
            assert done.status == 200
    alym.stop_cleanly()
    assert " 0 faults." in verify(alym, alym.folder / "state/book.db")


def stranger(like: str) -> str:
    """The verifier key of somebody else, under the book's name."""
    name, typed = like.split("+")[0], bytes([1]) + bytes(range(32))
    digits = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
    return f"{name}+{digits}+{base64.b64encode(typed).decode()}"


def test_an_auditor_needs_none_of_the_daemons_files(alym: Alym) -> None:
    early, late = alym.folder / "early.db", alym.folder / "late.db"
    with Portal(alym) as portal, alym.client() as client:
        portal.create()
        alym.alymctl("backup", str(early))
        first = client.get("/v1/ledger/key").json.strip()
        assert client.post("/v1/ledger/key/rotate", {"reason": "a year is over", "days": 0}).status == 200
        second = client.get("/v1/ledger/key").json.strip()
        portal.create()
        alym.alymctl("backup", str(late))
    for path in (alym.folder / "state").glob("checkpoint*.key"):
        path.unlink()
    other = stranger(first)
    for level in ([], ["--quick"]):
        said = verify(alym, late, "--verifier", first, "--verifier", second, *level)
        assert " 0 faults." in said and "Not checked" not in said
        said = verify(alym, late, "--verifier", second, *level)
        assert " 0 faults." in said and "Not checked: the signatures of" in said
        # What follows may be anybody's who wrote a key of his own into it.
        said = verify(alym, late, "--verifier", first, *level, code=UNSOUND)
        assert "no key that was given signed it, nor more than the first" in said
        # Whoever took the book over with another key signed all of it anew.
        said = verify(alym, early, "--verifier", other, *level, code=UNSOUND)
        assert "table checkpoint, row" in said and "none of the keys signed it" in said
        said = verify(alym, late, "--verifier", other, *level, code=UNSOUND)
        assert "column note: not one is signed by a key that was given" in said
    assert "signatures are not looked at. With --verifier KEY they are" in verify(alym, late)
    assert "is no Ed25519 verifier key" in verify(alym, late, "--verifier", first[:-1], code=UNREADABLE)
    said = verify(alym, late, "--verifier", first, code=MISUSED, verb="rebuild")
    assert "--verifier is no option of book rebuild" in said


# ---- the book of a daemon that runs ----


def verify_running(alym: Alym, *words: str, code: int = SOUND) -> str:
    done = alym.alymctl("book", "verify", *words, check=False)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}{done.stderr}"
    return str(done.stdout + done.stderr)


def test_a_running_book_is_verified_while_payments_go_on(make_alym: Any) -> None:
    alym = make_alym()
    alym.open()
    path = live(alym)
    going, made = threading.Event(), []

    def pay() -> None:
        with Portal(alym) as portal:
            while not going.is_set():
                made.append(portal.create(quote={"service": "visa.multiple", "claims": INVESTOR}))

    payer = threading.Thread(target=pay)
    payer.start()
    try:
        wait_until(lambda: len(made) > 3, 30, "payments")
        for level in ([], ["--quick"]):
            before = len(made)
            said = verify_running(alym, *level)
            assert said.startswith("The book: ") and " 0 faults." in said
            assert ("looked at quickly" in said) == (level != [])
            wait_until(lambda: len(made) > before, 30, "payments beside it")
    finally:
        going.set()
        payer.join()
    (last,) = alym.alymctl("--json", "book", "verify").stdout.splitlines()[-1:]
    said = json.loads(last)
    assert (said["state"], said["level"], said["faults"]) == ("verified", "full", 0)
    assert said["signatures"]["unchecked"] == 0 < said["signatures"]["checked"]
    assert said["records"] > 3 + len(made)
    for option in ("--config", "--checkpoint", "--verifier"):
        assert "is of book verify FILE" in verify_running(alym, option, str(path), code=MISUSED)
    assert not list((alym.folder / "state").glob("backup.db*"))


def test_a_running_book_that_was_changed_is_told_as_a_file_is(alym: Alym) -> None:
    live(alym)
    alym.stop_cleanly()
    tamper(alym.folder / "state/book.db", "UPDATE fulfilment SET performed = 0")
    of_file = verify(alym, alym.folder / "state/book.db", code=UNSOUND).splitlines()
    alym.begin()
    of_daemon = verify_running(alym, code=UNSOUND).splitlines()
    # What a start writes is no fault, and neither is anything else.
    assert of_daemon[:-1] == of_file[:-1] and len(of_file) > 2
    assert any("table fulfilment, row" in line and "column performed: found 0, expected 1" in line for line in of_file)
    assert of_daemon[-1].split(": ")[-1] == of_file[-1].split(": ")[-1]
    assert "event=verification.done" in alym.said()


def ask(alym: Alym) -> socket.socket:
    """A verification that is begun, and that nobody reads."""
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(str(alym.socket))
    peer.sendall(b"GET /v1/ledger/verification HTTP/1.1\r\nHost: alymd\r\n\r\n")
    assert peer.recv(64).startswith(b"HTTP/1.1 200")
    return peer


def test_a_verification_ends_with_who_asked(make_alym: Any) -> None:
    alym = make_alym({"client test": {"uid": os.getuid(), "roles": "auditor service"}})
    alym.open()
    with Portal(alym) as portal, alym.client() as client:
        for _ in range(3):
            portal.create()
        assert client.get("/v1/ledger/verification?level=x").json["field"] == "level"
        peer = ask(alym)
        peer.close()

        def is_free() -> bool:
            return not list((alym.folder / "state").glob("backup.db*"))

        wait_until(is_free, 30, "the end of it")
        wait_until(lambda: alym.alymctl("book", "verify", check=False).returncode == 0, 30, "another")
    # It does not hold up a stop, and what was not ended is no verdict.
    peer = ask(alym)
    alym.stop_cleanly()
    said = b"".join(iter(lambda: peer.recv(65536), b""))
    peer.close()
    assert b"verified" not in said


def test_only_auditors_and_operators_verify(make_alym: Any) -> None:
    alym = make_alym({"client test": {"uid": os.getuid(), "roles": "service"}})
    alym.open()
    assert "not_permitted" in verify_running(alym, code=1)
