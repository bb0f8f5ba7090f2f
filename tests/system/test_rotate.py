# SPDX-License-Identifier: Apache-2.0
"""Another key signs checkpoints: by command, with a reason, and whenever the daemon dies."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from auditor import Book
from client import Client
from daemon import Alym, wait_until
from merkle import Disproved, Verifier

ROTATE = "/v1/ledger/key/rotate"


def add(client: Client, reference: str) -> None:
    made = {"reference": reference, "quote": {"service": "eta"}}
    assert client.post("/v1/payments", made).status == 201


def keys_of(client: Client) -> list[str]:
    return client.get("/v1/ledger/key").json.splitlines()


def note_of(client: Client) -> str:
    return client.get("/v1/ledger/checkpoint").json


def size_of(note: str) -> int:
    return int(note.splitlines()[1])


def next_note(client: Client, reference: str) -> str:
    """One that covers another record; at most one a second is made on demand."""
    head = size_of(note_of(client))
    add(client, reference)
    return wait_until(lambda: note if size_of(note := note_of(client)) > head + 1 else None, 30, "a note")


def audit(alym: Alym) -> None:
    """From the file, and by the keys told last."""
    with alym.client() as client:
        told = client.get("/v1/ledger/key").json
        note_of(client)
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        book.audit(told)


def test_both_keys_sign_until_the_old_one_has_had_its_time(make_alym: Any) -> None:
    alym = make_alym({"daemon": {"checkpoint_s": 1}})
    alym.open()
    with alym.client() as client:
        (first,) = keys_of(client)
        add(client, "A")
        old = note_of(client)
        unquoted = ["--reason", "yearly", "rotation"]
        assert alym.alymctl("book", "rotate-key", *unquoted, check=False).returncode == 2
        assert keys_of(client) == [first]
    said = alym.alymctl("book", "rotate-key", "--reason", "a year has passed").stdout
    with alym.client() as client:
        newest, before = keys_of(client)
        assert before == first != newest
        assert newest in said and first in said
        note = next_note(client, "B")
        for keys in (newest, first, f"{newest}\n{first}"):
            assert Verifier(keys).open(note).size > Verifier(first).open(old).size
        with pytest.raises(Disproved):
            Verifier(newest).open(old)
        # Who trusts the old key alone finds the new one in a tree that the old one signed.
        leaf = [
            said for n in range(1, Verifier(first).open(note).size + 1)
            if (said := client.get(f"/v1/ledger/records/{n}").json["leaf"])["kind"] == "key"
        ]  # fmt: skip
        assert [said["body"]["verifier"] for said in leaf] == [newest]
        assert leaf[0]["body"]["before"] == first
        assert leaf[0]["body"]["reason"] == "a year has passed"
        assert leaf[0]["body"]["rotated_by"] == {"client": "1", "uid": str(os.getuid())}
        for words in (("1",), ("1", "--verifier", first), ("1", "--verifier", newest)):
            assert "The proof holds." in alym.alymctl("proof", *words).stdout
        # Not again while that lasts, but in need.
        refused = client.post(ROTATE, {"reason": "again"})
        assert (refused.status, refused.json["code"]) == (409, "keys_overlap")
        assert refused.json["field"] == "days"
        done = client.post(ROTATE, {"reason": "it was stolen", "days": 0})
        assert done.status == 200 and done.json["until"] is None
        (last,) = keys_of(client)
        assert done.json["keys"] == [last] and last not in (newest, first)
        note = next_note(client, "C")
        for key in (newest, first):
            with pytest.raises(Disproved):
                Verifier(key).open(note)
        assert alym.alymctl("proof", "1", "--verifier", first, check=False).returncode == 4
    alym.stop_cleanly()
    alym.begin()
    with alym.client() as client:
        assert keys_of(client) == [last]
        Verifier(last).open(next_note(client, "D"))
    names = sorted(p.name for p in (alym.folder / "state").glob("checkpoint*.key"))
    assert len(names) == 3 and all(
        (alym.folder / "state" / name).stat().st_mode & 0o777 == 0o600 for name in names
    )
    audit(alym)


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"reason": "x", "days": -1}, "days"),
        ({"reason": "x", "days": 367}, "days"),
        ({"reason": "x", "days": "1"}, "days"),
        ({"reason": "x", "key": "y"}, "key"),
    ],
)
def test_what_is_no_rotation_makes_no_key(shared: Alym, body: dict[str, Any], field: str) -> None:
    with shared.client() as client:
        before = keys_of(client)
        refused = client.post(ROTATE, body)
        assert (refused.status, refused.json["field"]) == (400, field)
        assert keys_of(client) == before
    assert len(list((shared.folder / "state").glob("checkpoint*.key"))) == 1


def test_only_operators_rotate(make_alym: Any) -> None:
    alym = make_alym({"client test": {"uid": os.getuid(), "roles": "service auditor"}})
    alym.open()
    with alym.client() as client:
        assert client.post(ROTATE, {"reason": "x"}).status == 403
        assert len(keys_of(client)) == 1


def test_a_death_leaves_one_truth(make_alym: Any) -> None:
    """Killed while it rotates: afterwards the old key signs or the new one, and never a third."""
    alym = make_alym()
    alym.open()
    for turn in range(4):
        with alym.client() as client:
            add(client, f"T{turn}")
            before = keys_of(client)
            seen = Verifier(before[0]).open(note_of(client))
        answers: list[Any] = []

        def rotate() -> None:
            try:
                with alym.client() as client:
                    answers.append(client.post(ROTATE, {"reason": f"turn {turn}", "days": 0}))
            except (OSError, ValueError):
                pass

        thread = threading.Thread(target=rotate)
        thread.start()
        thread.join(0.002 * turn)  # any moment will do
        alym.kill()
        thread.join()
        alym.begin()
        with alym.client() as client:
            now = keys_of(client)
            assert len(now) == 1
            if answers:
                assert now == answers[0].json["keys"]
            note = next_note(client, f"U{turn}")
            assert Verifier(now[0]).open(note).size > seen.size
            if now != before:
                with pytest.raises(Disproved):
                    Verifier(before[0]).open(note)
    audit(alym)


def test_a_lost_key_is_named(make_alym: Any) -> None:
    alym = make_alym()
    alym.open()
    with alym.client() as client:
        assert client.post(ROTATE, {"reason": "x"}).status == 200
    alym.stop_cleanly()
    first = alym.folder / "state/checkpoint.key"
    (later,) = (alym.folder / "state").glob("checkpoint-*.key")
    for path in (later, first):
        kept = path.read_bytes()
        path.unlink()
        alym.begin(wait=False)
        assert alym.process.wait(30) != 0
        assert path.name in alym.said() and "restore it" in alym.said()
        path.touch(mode=0o600)
        path.write_bytes(kept)
    alym.begin()
    audit(alym)
