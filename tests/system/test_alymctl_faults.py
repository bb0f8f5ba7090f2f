# SPDX-License-Identifier: Apache-2.0
"""alymctl where something is wrong: a daemon that lies or is not there, misuse, closed pipes."""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Optional

import pytest

# The fixtures of ctl, by their names.
from ctl import alym, ctl, paid  # noqa: F401
from ctl import (
    ALYMCTL,
    DISPROVED,
    DONE,
    MISUSED,
    REFUSED,
    UNREACHED,
    UNWRITTEN,
    Ctl,
    create,
    environment,
    run,
    value,
)
from daemon import wait_until
from law import YEAR
from meddler import Meddler


# ---- proofs ----


def test_a_record_is_proved(ctl: Ctl, paid: dict[str, Any]) -> None:
    record = str(ctl.json("entries", "--payment", paid["id"])["items"][0]["record"])
    said = ctl.run("proof", record)
    assert said.endswith("\nThe proof holds.\n")
    report = ctl.json("proof", record)
    assert report["holds"] is True
    assert report["computed_root"] == report["root"]
    assert report["leaf_hash"] in said and report["root"] in said
    assert value(said, "Signature") == "Ed25519, holds"


def grown(ctl: Ctl, size: int) -> dict[str, Any]:
    """A proof under a checkpoint of more records; the daemon signs one a second at most."""

    def found() -> Optional[dict[str, Any]]:
        report = ctl.json("proof", "1")
        return report if report["size"] > size else None

    return wait_until(found, 10, "a checkpoint")


def test_a_checkpoint_kept_holds_the_book_to_it(ctl: Ctl, tmp_path: Path) -> None:
    kept = ctl.json("proof", "1")
    note = tmp_path / "kept.note"
    note.write_text(kept["checkpoint"])
    create(ctl, "GROWN")
    now = grown(ctl, kept["size"])
    words = ("--checkpoint", str(note), "--verifier", kept["key"])
    assert ctl.json("proof", "2", *words)["size"] == kept["size"]
    sizes = [str(kept["size"]), str(now["size"])]
    assert "The proof holds." in ctl.run("proof", "--consistency", *sizes, *words)
    report = ctl.json("proof", "--consistency", *sizes, *words)
    assert report["first_checkpoint"] == kept["checkpoint"] != report["checkpoint"]
    assert report["first_root"] == kept["root"]
    assert "The proof holds." in ctl.run("proof", "--consistency", "1", sizes[0])
    assert "The proof holds." in ctl.run("proof", "--consistency", sizes[0], sizes[0])
    assert "beyond" in ctl.run("proof", sizes[1], *words, code=REFUSED)
    assert "not of 1" in ctl.run("proof", "--consistency", "1", sizes[0], *words, code=MISUSED)


def swapped(body: bytes, old: bytes, new: bytes) -> bytes:
    assert old in body
    return body.replace(old, new, 1)


def other_digit(match: re.Match[bytes]) -> bytes:
    return b'"' + (b"0" if match[1] != b"0" else b"1")


LIES = {
    "the leaf": ("/records/", lambda body: swapped(body, b'"', b'" ')),
    "the path": ("/inclusion", lambda body: re.sub(rb'"([0-9a-f])(?=[0-9a-f]{63})', other_digit, body)),
    "a step left out": ("/inclusion", lambda body: re.sub(rb'\["[0-9a-f]{64}",?', b"[", body)),
    "the checkpoint's size": ("/checkpoint", lambda body: re.sub(rb"\n(\d+)\n", rb"\n1\1\n", body)),
    "the signature": ("/checkpoint", lambda body: body[:-10] + body[-10:].swapcase()),
    "the key": ("/key", lambda body: body[:-10] + body[-10:].swapcase()),
}


@pytest.mark.parametrize("what", LIES)
def test_a_daemon_that_lies_is_found_out(ctl: Ctl, paid: dict[str, Any], what: str) -> None:
    where, lie = LIES[what]
    record = str(ctl.json("entries", "--payment", paid["id"])["items"][0]["record"])
    with Meddler(ctl.socket, where, lie) as meddler:
        done = run(meddler.socket, "proof", record)
        assert done.returncode == DISPROVED, done.stdout + done.stderr
        assert done.stderr.startswith("alymctl: the proof does not hold: ")
        assert "The proof holds" not in done.stdout
        done = run(meddler.socket, "proof", record, "--json")
        assert done.returncode == DISPROVED
        assert json.loads(done.stdout)["holds"] is False


def test_a_book_rewritten_is_found_out(ctl: Ctl, tmp_path: Path) -> None:
    kept = ctl.json("proof", "1")
    note = tmp_path / "kept.note"
    note.write_text(kept["checkpoint"])
    create(ctl, "REWRITTEN")
    now = grown(ctl, kept["size"])
    sizes = [str(kept["size"]), str(now["size"])]
    lie = LIES["the path"][1]
    with Meddler(ctl.socket, "/consistency", lie) as meddler:
        words = ("proof", "--consistency", *sizes, "--checkpoint", str(note))
        assert run(meddler.socket, *words).returncode == DISPROVED
    note.write_text(kept["checkpoint"].replace("\n" + sizes[0] + "\n", "\n" + sizes[1] + "\n"))
    words = ("proof", "--consistency", sizes[1], sizes[1], "--checkpoint", str(note))
    assert run(ctl.socket, *words).returncode == DISPROVED


# ---- what goes wrong ----


def test_a_daemon_that_is_not_there(tmp_path: Path) -> None:
    for words in (("status",), ("services",), ("pay", "eta", "--reference", "R"), ("proof", "1")):
        done = run(tmp_path / "none.sock", *words)
        assert done.returncode == UNREACHED
        assert done.stdout == ""
        assert f"{tmp_path}/none.sock: No such file or directory" in done.stderr
    done = subprocess.run(
        [ALYMCTL, "status"], capture_output=True, env=environment(ALYM_SOCKET="/none/of/them")
    )
    assert done.returncode == UNREACHED and b"/none/of/them" in done.stderr
    assert run("/" + "x" * 200, "status").returncode == UNREACHED


def test_an_answer_lost_names_the_key_to_repeat_with(ctl: Ctl) -> None:
    with Meddler(ctl.socket, "/v1/payments", lambda body: None) as meddler:
        lost = run(meddler.socket, "pay", "visa.exit", "--reference", "LOST")
    assert lost.returncode == UNREACHED
    key = re.search(r"repeat the command with --key ([0-9a-f]{32})$", lost.stderr, re.MULTILINE)
    assert key
    said = run(ctl.socket, "pay", "visa.exit", "--reference", "LOST", "--key", key[1])
    assert said.returncode == DONE and "used before" in said.stderr


def test_an_answer_that_is_no_json_is_no_answer(ctl: Ctl) -> None:
    with Meddler(ctl.socket, "/v1/", lambda body: b"<html>") as meddler:
        for words in (("services",), ("payment",), ("events",), ("balance", "x")):
            assert run(meddler.socket, *words).returncode == UNREACHED


MISUSE = [
    (),
    ("none",),
    ("quote",),
    ("quote", "eta", "--quantity", "x"),
    ("quote", "eta", "--quantity", "-1"),
    ("quote", "eta", "more"),
    ("quote", "eta", "--lang", "de"),
    ("pay", "eta"),
    ("pay", "eta", "--reference", "R", "--expect", "lots"),
    ("pay", "eta", "--reference", "R", "--expect", "1.00 XXX"),
    ("pay", "eta", "--reference", "R", "--payer", "somebody"),
    ("pay", "eta", "--reference", "R", "--key", "a b"),
    ("pay", "eta", "--reference", "R", "--key", "a\r\nX: y"),
    ("fulfil", "p1-1", "perhaps"),
    ("payment", "p1-1", "--state", "paid"),
    ("payment", "x" * 5000),
    ("proof", "x"),
    ("proof", "0"),
    ("proof", "1", "2"),
    ("proof", "--consistency", "2", "1"),
    ("proof", "1", "--checkpoint", "/none"),
    ("proof", "1", "--verifier"),
    ("report", "profit"),
    ("balance", "x", "--limit", "1"),
    ("help", "none"),
]


@pytest.mark.parametrize("words", MISUSE, ids=" ".join)
def test_misuse_is_told_and_asks_for_nothing(ctl: Ctl, words: tuple[str, ...]) -> None:
    with Meddler(ctl.socket) as meddler:
        done = run(meddler.socket, *words)
    assert done.returncode == MISUSED
    assert done.stdout == "" or words[0] == "proof"
    assert done.stderr
    assert all(request.method == "GET" for request in meddler.requests)


def test_bytes_that_are_no_utf8_are_misuse(ctl: Ctl) -> None:
    for words in ([b"quote", b"\xff"], [b"quote", b"eta", b"--place", b"\xff"]):
        command = [bytes(ALYMCTL), b"--socket", bytes(ctl.socket), *words]
        assert subprocess.run(command, capture_output=True).returncode == MISUSED


def test_refusals_name_code_field_and_detail(ctl: Ctl) -> None:
    said = ctl.run("quote", "none", code=REFUSED)
    assert said.splitlines() == [
        "alymctl: unknown_service: service: There is no such service",
        "alymctl:   is not a service of this tariff",
    ]
    assert "alymctl: invalid_field: date" in ctl.run("quote", "eta", "--date", "2026-02-30", code=1)
    next_year = f"{YEAR + 1}-01-01"
    assert "alymctl: tariff_missing" in ctl.run("quote", "visa.exit", "--date", next_year, code=1)
    assert "alymctl: not_found" in ctl.run("payment", "p1-99999", code=REFUSED)
    assert "alymctl: not_found" in ctl.run("payment", "../../livez?", code=REFUSED)
    assert "alymctl: invalid_field: state" in ctl.run("payment", "--state", "lost", code=REFUSED)


def test_a_terminal_is_told_that_long_work_goes_on(tmp_path: Path) -> None:
    """The daemon's part is played here: it answers once the terminal was told that it is at work."""
    told = threading.Event()
    report = b'{"as_of_record":1,"axis":"booked","from":null,"items":[],"to":null,"totals":[]}'

    def play(listening: socket.socket) -> None:
        with listening.accept()[0] as connection:
            connection.recv(4096)
            assert told.wait(60)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(report)}\r\n\r\n"
            connection.sendall(head.encode() + report)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen(1)
        player = threading.Thread(target=play, args=(listening,))
        player.start()
        ours, theirs = pty.openpty()
        words = [str(ALYMCTL), "--socket", str(tmp_path / "s"), "report", "relief"]
        asked = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, env=environment())
        os.close(theirs)
        said = b""
        while b"the book is being read" not in said:
            said += os.read(ours, 1024)
        told.set()
        out, _ = asked.communicate(timeout=60)
        player.join()
        os.close(ours)
    assert asked.returncode == DONE
    assert out.startswith(b"Ground ")


def test_a_closed_pipe_ends_it(ctl: Ctl, paid: dict[str, Any]) -> None:
    started = time.monotonic()
    command = f"'{ALYMCTL}' --socket '{ctl.socket}' events --follow | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert done.stdout.startswith(b"Event") and done.stderr == b""
    assert time.monotonic() - started < 15  # long before its poll runs out
    with subprocess.Popen(
        ["bash", "-c", f"trap '' PIPE; sleep 0.3; '{ALYMCTL}' --socket '{ctl.socket}' services"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as closed:
        assert closed.stdout is not None and closed.stderr is not None
        closed.stdout.close()
        assert closed.stderr.read() == b""
        assert closed.wait() == UNWRITTEN


def test_a_full_disk_is_told(ctl: Ctl) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [ALYMCTL, "--socket", ctl.socket, "services"], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == UNWRITTEN
    assert b"No space left on device" in done.stderr


def test_what_a_bank_says_does_not_drive_the_terminal(ctl: Ctl) -> None:
    nasty = json.dumps({"items": [{"code": "\u001b]0;owned\u0007\u202e", "name": "x"}]}).encode()
    with Meddler(ctl.socket, "/v1/services", lambda body: nasty) as meddler:
        said = run(meddler.socket, "services").stdout
    assert "\x1b" not in said and "\u202e" not in said and "\ufffd" in said


def test_help_stands_everywhere(tmp_path: Path) -> None:
    none = tmp_path / "none.sock"
    every = run(none, "help").stdout
    assert every == run(none, "--help").stdout
    for command in ("quote", "pay", "proof", "status"):
        said = run(none, "help", command).stdout
        assert said.startswith(f"Usage: alymctl {command}")
        assert said == run(none, command, "--help").stdout == run(none, "-h", command).stdout
        assert f"  {command}" in every
    assert re.fullmatch(r"alymctl \d+\.\d+\.\d+\n", run(none, "--version").stdout)
