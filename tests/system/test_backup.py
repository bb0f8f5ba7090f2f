# SPDX-License-Identifier: Apache-2.0
"""A backup, what it is worth, and how a book that was restored goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from daemon import BUILD, Alym, wait_until
from merkle import Verifier, check_consistency
from portal import Portal

READ_ONLY = (503, "book_restored")


def metrics(portal: Portal) -> str:
    text: str = portal.client.get("/metrics").json
    return text


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


def test_a_backup_writes_to_no_file_that_was_there(alym: Alym) -> None:
    Portal(alym).create()
    others, planted = alym.folder / "others", alym.folder / "one.db.part"
    others.write_text("theirs")
    planted.symlink_to(others)
    assert not backup(alym, "one.db").is_symlink()
    assert others.read_text() == "theirs"
    (alym.folder / "two.db.part").touch(0o666)
    (alym.folder / "two.db.part").chmod(0o666)
    assert backup(alym, "two.db").stat().st_mode & 0o777 == 0o600
    assert not list(alym.folder.glob("*.part"))


def test_a_restored_book_answers_and_writes_nothing(make_alym: Any) -> None:
    alym = make_alym({"gateway echo": {"plugin": BUILD / "gateways/echo.so"}})
    alym.open()
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
    # The echo can not list what it took: somebody must ask for it.
    said = resume(alym)
    assert (said["generation"], said["unlisted"]) == (2, ["echo"])
    with Portal(alym) as portal:
        wait_until(lambda: 'alym_warning{code="gateway_unlisted"} 1' in metrics(portal), 30, "it")
        assert "ask the bank for a register" in alym.alymctl("status").stdout
        assert portal.metric("alym_book_restored") == 0
        assert portal.create()["id"].startswith("p2-")


# ---- the whole story ----


def numbers_of(portal: Portal) -> set[str]:
    """Every number that left the house with a payment, an order or an event."""
    out = {event["id"] for event in portal.events()}
    for made in portal.get("/v1/payments?limit=500")["items"]:
        out |= {made["id"], made["code"], made["pay_url"] or ""}
        for attempt in made["attempts"]:
            out |= {attempt["id"], attempt["order"]}
    return out - {""}


def taken(alym: Alym, order: str) -> dict[str, Any]:
    """The bank's movement of an order."""
    found = [o for o in alym.bank.control.operations() if o["order"] == order]
    assert len(found) == 1, found
    return found[0]


def checkpoint(portal: Portal) -> str:
    """One over all that is in the book now; the daemon makes one a second."""
    records = portal.metric("alym_records")

    def made() -> str:
        note: str = portal.client.get("/v1/ledger/checkpoint").json
        return note if int(note.split("\n")[1]) >= records else ""

    return wait_until(made, 30, f"a checkpoint over {records} records")


def another_checkpoint(portal: Portal) -> str:
    """One that is signed now, over a payment that was not there."""

    def newest() -> str:
        note: str = portal.client.get("/v1/ledger/checkpoint").json
        return note

    head = int(newest().split("\n")[1])
    portal.create()
    return wait_until(lambda: note if int((note := newest()).split("\n")[1]) > head + 1 else "", 30, "a note")


def entries_of(portal: Portal, operation: str) -> list[dict[str, Any]]:
    return [e for e in portal.entries() if e["operation"] == operation]


def test_what_was_paid_since_the_backup_is_found_at_the_bank_once(alym: Alym) -> None:
    control = alym.bank.control
    control.mode(list_page=1)  # so that the list goes on
    with Portal(alym) as portal:
        before = portal.create_at_bank()
        portal.pay_by_page(before)
        portal.reach(before, "paid")
        opened = portal.create_at_bank()  # open in the backup, paid after it
        signed = checkpoint(portal)
        path = backup(alym, "one.db")
        control.mode(hold=True)  # the bank keeps its callbacks for later
        control.pay(portal.order(opened))
        lost = portal.create_at_bank()  # the backup never heard of it
        lost_order = portal.order(lost)
        control.pay(lost_order)
        note = checkpoint(portal)
        key = portal.client.get("/v1/ledger/key").json.strip()
        issued = numbers_of(portal)
        cursor = portal.get("/v1/events?limit=500")["next"]
        due = lost["due"]["amount"]
    alym.stop_cleanly()
    kept = alym.folder / "note"
    kept.write_text(note)
    said = restore(alym, path, "--replace", "--checkpoint", str(kept))
    assert "at least, are lost" in said
    start_restored(alym)
    with Portal(alym) as portal:
        known = numbers_of(portal)  # what the copy has: known by the numbers it had
        assert known < issued
    said = resume(alym, "--checkpoint", str(kept))
    assert said["unlisted"] == [] and said["lost"] > 0
    assert said["known"] == int(note.split("\n")[1])
    with Portal(alym) as portal:
        # Paid meanwhile: the order that the book knew by its status, the other by the list.
        portal.reach(opened, "paid")
        operation = taken(alym, lost_order)["operation"]
        wait_until(lambda: entries_of(portal, operation), 30, "the lost payment's money")
        wait_until(lambda: "event=recall.listed" in alym.said(), 30, "the end of the list")
        # The bank's callbacks come late, and add nothing.
        control.mode(hold=False)
        control.release()
        assert control.idle()
        found = entries_of(portal, operation)
        assert len(found) == 1 and found[0]["cause"] == "suspend" and found[0]["payment"] is None
        assert len(entries_of(portal, taken(alym, portal.order(opened))["operation"])) == 1
        assert portal.balance("suspense:sandbox") == -due
        assert portal.balance("clearing:sandbox") == control.money()["KZT"]["total"]
        # The client comes again with what was lost, and nothing has a number that was known.
        again = portal.create_at_bank()
        fresh = numbers_of(portal) - known
        assert not fresh & issued, fresh & issued
        assert again["id"].split("-")[1] == lost["id"].split("-")[1]
        portal.refused(409, "position_unknown", "GET", f"/v1/events?after={cursor}")
        portal.refused(409, "position_unknown", "GET", "/v1/events?after=1")
        assert portal.client.get(f"/v1/payments/{lost['id']}").status == 404
        assert portal.get(f"/v1/payments?code={lost['code']}")["items"] == []
        # Auditors: another origin, and what was signed before the backup still holds.
        now = Verifier(portal.client.get("/v1/ledger/key").json).open(checkpoint(portal))
        old = Verifier(key).open(signed)
        assert now.origin == old.origin[:-1] + "2"
        path = f"/v1/ledger/proofs/consistency?first={old.size}&second={now.size}"
        proof = [bytes.fromhex(step) for step in portal.get(path)["proof"]]
        check_consistency(old.size, now.size, old.root, proof, now.root)


def test_a_book_put_back_by_hand_is_noticed(alym: Alym) -> None:
    state = alym.folder / "state"
    alym.stop_cleanly()
    shutil.copy(state / "book.db", alym.folder / "old.db")
    alym.begin()
    with Portal(alym) as portal:
        portal.create()
        checkpoint(portal)
    alym.stop_cleanly()
    shutil.copy(alym.folder / "old.db", state / "book.db")
    start_restored(alym)
    with Portal(alym) as portal:
        answer = portal.client.get("/readyz").json
        assert "was signed here" in answer["detail"], answer
        ready = alym.alymctl("status", check=False)
        assert ready.returncode == 1 and "book resume" in ready.stdout
        portal.refused(*READ_ONLY, "POST", "/v1/book/backup", {})
    assert alym.bank.running


# ---- killed in the middle ----


def test_a_killed_backup_leaves_nothing(alym: Alym) -> None:
    state = alym.folder / "state"
    with Portal(alym) as portal:
        portal.create()
        begun = portal.post("/v1/book/backup", {}, key="")
        portal.refused(409, "illegal_state", "POST", "/v1/book/backup", {})
        portal.refused(404, "not_found", "GET", "/v1/book/backup?id=0123")
        wait_until(
            lambda: portal.get(f"/v1/book/backup?id={begun['id']}")["state"] == "ready",
            30,
            "the backup",
        )
    assert list(state.glob("backup.db*"))
    alym.kill()
    (state / "backup.db.part").touch()  # as if it had been killed a moment before
    alym.begin()
    assert not list(state.glob("backup.db*"))
    with Portal(alym) as portal:
        portal.refused(404, "not_found", "GET", f"/v1/book/backup?id={begun['id']}")
        path = backup(alym, "one.db")
        assert path.exists()
        assert "replaces nothing" in alym.alymctl("backup", str(path), check=False).stderr


def test_a_backup_needs_room_for_itself_and_the_reserve(make_alym: Any) -> None:
    alym = make_alym({"daemon": {"disk_reserve_mb": 1 << 20}})
    alym.open()
    path = alym.folder / "one.db"
    refused = alym.alymctl("backup", str(path), check=False)
    assert refused.returncode == 1 and "make room" in refused.stderr
    assert not list(alym.folder.glob("one.db*"))


def test_a_killed_restore_is_done_again(alym: Alym) -> None:
    state = alym.folder / "state"
    with Portal(alym) as portal:
        made = portal.create()
        path = backup(alym, "one.db")
        later = portal.create()
    alym.stop_cleanly()
    # Killed before the change: the old book is as it was.
    command = [BUILD / "daemon/alymd", "--config", alym.config, "--restore", path, "--replace"]
    restoring = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fresh = state / "book.db.restore"
    while restoring.poll() is None and not fresh.exists():
        pass
    restoring.kill()
    restoring.wait()
    kept = list(state.glob("book.db.2*"))
    if not kept:  # it was not so quick as to be done
        alym.begin()
        with Portal(alym) as portal:
            assert portal.payment(later)["state"] == "open"
        alym.stop_cleanly()
        # Killed in the middle of it: there is no book, and none is begun in its place.
        (state / "book.db").rename(state / "book.db.aside")
        alym.begin(wait=False)
        assert alym.process is not None and alym.process.wait(60) != 0
        assert "restore it" in alym.said()
        restore(alym, path)
    start_restored(alym)
    assert not fresh.exists()
    with Portal(alym) as portal:
        assert portal.payment(made)["state"] == "open"
        assert portal.client.get(f"/v1/payments/{later['id']}").status == 404


def test_a_killed_resumption_is_done_or_not(alym: Alym) -> None:
    path = backup(alym, "one.db")
    alym.stop_cleanly()
    restore(alym, path, "--replace")
    start_restored(alym)
    command = [BUILD / "tools/alymctl", "--socket", alym.socket]
    command += ["book", "resume", "--reason", "again"]
    resuming = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    alym.kill()
    resuming.wait()
    alym.begin(wait=False)

    def generation() -> int:
        """0: not resumed."""
        try:
            with Portal(alym) as portal:
                ready = portal.client.get("/readyz")
                if ready.status != 200 and ready.json["code"] != "book_restored":
                    return -1
                return portal.metric("alym_book_generation") if ready.status == 200 else 0
        except OSError:
            return -1

    found = wait_until(lambda: str(generation()) if generation() >= 0 else "", 60, "the book")
    if found == "0":
        assert resume(alym)["generation"] == 2
    else:
        assert found == "2"
    with Portal(alym) as portal:
        assert portal.create()["id"] == "p2-1"


def test_a_checkpoint_by_any_key_the_book_ever_had_restores_it(alym: Alym) -> None:
    kept = []
    with Portal(alym) as portal:
        for turn in range(5):
            kept.append(alym.folder / f"note.{turn}")
            kept[-1].write_text(another_checkpoint(portal))
            done = portal.client.post("/v1/ledger/key/rotate", {"reason": f"turn {turn}", "days": 0})
            assert done.status == 200
            if turn == 3:
                path = backup(alym, "one.db")
        kept.append(alym.folder / "note.since")  # by a key that the backup never heard of
        kept[-1].write_text(another_checkpoint(portal))
    alym.stop_cleanly()
    # Old secrets are better destroyed: the book's records have what was public of them.
    files = sorted((alym.folder / "state").glob("checkpoint-*.key"), key=lambda p: p.stat().st_mtime_ns)
    assert len(files) == 5
    for file in files[:3]:
        file.unlink()
    for note in kept:
        for file in (alym.folder / "state").glob("book.db*"):
            file.unlink()
        assert "verified by the checkpoint" in restore(alym, path, "--checkpoint", str(note))
    files[4].unlink()
    said = restore(alym, path, "--replace", "--checkpoint", str(kept[-1]), code=70)
    assert "not signed by this key; tried were the 5 keys that the backup names" in said
    files[3].unlink()
    assert f"{files[3].name} is gone" in restore(alym, path, "--replace", code=70)


def test_a_file_that_is_no_backup_is_not_restored(alym: Alym) -> None:
    path = backup(alym, "one.db")
    alym.stop_cleanly()
    with sqlite3.connect(path) as copy:
        copy.execute("DROP TRIGGER record_stays")
        copy.execute(
            "UPDATE record SET leaf = CAST(replace(CAST(leaf AS TEXT), 'sandbox', 'sandbux')"
            " AS BLOB) WHERE CAST(leaf AS TEXT) LIKE '%sandbox%'"
        )
    assert "is not what the checkpoint" in restore(alym, path, "--replace", code=70)
    (alym.folder / "noise").write_bytes(b"noise" * 10000)
    assert "restore" in restore(alym, alym.folder / "noise", "--replace", code=70)
    assert not list((alym.folder / "state").glob("book.db.*"))
    alym.begin()
    assert "another alymd" in restore(alym, path, "--replace", code=75)
