# SPDX-License-Identifier: Apache-2.0
"""A long export: what it costs, who may be slow, and that a broken one is taken for no whole."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, Iterator

import pytest

from ctl import ALYMCTL, DONE, MISUSED, REFUSED, UNREACHED, UNWRITTEN, environment, run
from daemon import BUILD, Alym, wait_until
from portal import EXIT_VISA, INVESTOR, Portal
from raw import PATIENCE_S, Raw

IS_SANITIZED = re.search("asan|tsan", str(BUILD)) is not None
ENTRIES = 2000 if IS_SANITIZED else 10000
SLACK_KIB = 2 * 1024
STREAMS_MAX = 4
ASK = b"GET /v1/ledger/export?format=beancount HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def alym(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    made = Alym(tmp_path_factory.mktemp("stream"), certificates)
    try:
        made.open()
        with Portal(made) as portal:
            for _ in range(10):
                portal.create(quote={**EXIT_VISA, "claims": INVESTOR})
            covered(portal)
        yield made
    finally:
        made.close()


def last_entry(portal: Portal) -> int:
    return int(portal.metric("alym_entries"))


def covered(portal: Portal) -> None:
    """Until a checkpoint covers all there is."""

    def is_covered() -> bool:
        note = portal.client.get("/v1/ledger/checkpoint").json.splitlines()
        answer = portal.client.get(f"/v1/ledger/records/{int(note[1]) + 2}")
        return answer.status == 404

    wait_until(is_covered, 30, "a checkpoint")


def grow(alym: Alym, portal: Portal) -> None:
    """Exempt payments, each with its entry, until there are enough."""
    for seed in range(1, 60):
        if last_entry(portal) >= ENTRIES:
            break
        load = [BUILD / "tests/bench/alym_load", "--mode", "exempt", "--socket", alym.socket]
        load += ["--clients", "8", "--depth", "16", "--seconds", "1", "--warm-ms", "0"]
        subprocess.run([*map(str, load), "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
    assert last_entry(portal) >= ENTRIES
    covered(portal)


def memory(alym: Alym, what: str) -> int:
    assert alym.process is not None
    status = Path(f"/proc/{alym.process.pid}/status").read_text()
    found = re.search(rf"^{what}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found
    return int(found[1])


def measured(alym: Alym, path: Path) -> tuple[int, int, int]:
    """An export by alymctl: bytes, what the daemon's peak is above where it was, alymctl's peak."""
    assert alym.process is not None
    Path(f"/proc/{alym.process.pid}/clear_refs").write_text("5")  # the peak begins anew
    before = memory(alym, "VmRSS")
    command = [ALYMCTL, "--socket", alym.socket, "export", "--format", "csv", "--output", path]
    child = subprocess.Popen([str(word) for word in command], env=environment())
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == DONE
    return path.stat().st_size, memory(alym, "VmHWM") - before, usage.ru_maxrss


def test_memory_does_not_grow_with_the_book(alym: Alym, tmp_path: Path) -> None:
    with Portal(alym) as portal:
        small = measured(alym, tmp_path / "small.csv")
        grow(alym, portal)
        measured(alym, tmp_path / "warm.csv")  # what the loading left behind is used again
        large = measured(alym, tmp_path / "large.csv")
        assert large[0] > 50 * small[0]
        if not IS_SANITIZED:
            assert large[0] > 1.5 * 1024 * SLACK_KIB
            assert large[1] < SLACK_KIB
            assert large[2] < small[2] + SLACK_KIB
        rows = (tmp_path / "large.csv").read_text().splitlines()
        assert rows[-1].startswith(f"end,{last_entry(portal)},")
        assert sum(row.startswith("posting,") for row in rows) == 2 * last_entry(portal)


def test_who_reads_slowly_is_waited_for_and_holds_up_nobody(alym: Alym) -> None:
    with Portal(alym) as portal:
        grow(alym, portal)
        slow = [Raw.unix(alym.socket) for _ in range(STREAMS_MAX)]
        try:
            for raw in slow:
                raw.say(ASK)
                assert raw.socket.recv(1) == b"H"
            refused = portal.refused(503, "overloaded", "GET", "/v1/ledger/export?format=csv")
            assert str(STREAMS_MAX) in refused["detail"]
            assert portal.client.get("/v1/ledger/export?format=csv").headers["Retry-After"]
            # Reports and payments go on meanwhile: no thread is held, nor the log of the book.
            made = portal.create(quote={**EXIT_VISA, "claims": INVESTOR})
            assert portal.get("/v1/reports/trial-balance")["totals"][0]["balanced"]
            assert portal.entries(made)
            text = b"H"
            while not text.endswith(b"\r\n0\r\n\r\n"):
                more = slow[0].socket.recv(1 << 20)
                assert more, "it broke off"
                text += more
            assert re.search(rb"\n; end of \d+ entries, ", text)
        finally:
            for raw in slow:
                raw.socket.close()
        wait_until(
            lambda: portal.client.get("/v1/ledger/export?format=csv").status == 200, 30, "room"
        )


def test_a_daemon_that_stops_breaks_it_off(alym: Alym, tmp_path: Path) -> None:
    path = tmp_path / "book"
    with Portal(alym) as portal:
        grow(alym, portal)
    command = [str(ALYMCTL), "--socket", str(alym.socket), "export", "--format", "ledger"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.read(1) == b";"
        alym.stop_cleanly()
        said, complaint = child.communicate(timeout=60)
    assert child.returncode == UNREACHED
    assert b"no whole answer" in complaint
    assert b"; end of" not in said
    alym.begin()
    assert run(alym.socket, "export", "--format", "ledger", "--output", str(path)).returncode == DONE
    assert re.search(r"^; end of \d+ entries, ", path.read_text().splitlines()[-1])


# ---- alymctl ----


class Canned:
    """Somebody who answers every request with the same bytes and hangs up."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        self._listener.settimeout(PATIENCE_S)  # nobody comes when the caller has died
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return
        with connection:
            heard = b""
            while b"\r\n\r\n" not in heard:
                heard += connection.recv(65536)
            connection.sendall(self._answer)

    def close(self) -> None:
        self._thread.join()
        self._listener.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
BEGIN = "; the book a/b/1, for ledger\n; as of record 9\n; entries 2\n\n"
FIRST = "2026-03-01 * (1) hold\n    a  1.00 KZT\n    b  -1.00 KZT\n\n"
SECOND = FIRST.replace("(1)", "(2)")
END = "; end of 2 entries, as of record 9, checkpoint\n"
ROWS = "row,entry,record\r\nbegin,2,9,,\r\n"


def chunked(text: str, last: bool = True) -> bytes:
    data = text.encode()
    return HEAD + b"%x\r\n%s\r\n" % (len(data), data) + (b"0\r\n\r\n" if last else b"")


@pytest.mark.parametrize(
    "answer, code",
    [
        (chunked(BEGIN + FIRST + SECOND + END), DONE),
        (chunked(BEGIN + FIRST + SECOND + END, last=False), UNREACHED),
        (chunked(BEGIN + FIRST + SECOND), UNREACHED),
        (chunked(BEGIN + FIRST + END), UNREACHED),
        (chunked(BEGIN + FIRST + SECOND + FIRST + END), UNREACHED),
        (chunked(BEGIN + FIRST + SECOND + END.replace("2", "3", 1)), UNREACHED),
        (chunked(BEGIN + END + FIRST + SECOND), UNREACHED),
        (chunked(BEGIN + FIRST + SECOND + END.rstrip()), UNREACHED),
        (chunked(FIRST + SECOND + END), UNREACHED),
        (chunked(""), UNREACHED),
        (HEAD, UNREACHED),
        (chunked(ROWS + 'posting,1,"a"\r\nposting,1,x\r\nposting,2,y\r\nend,2,9\r\n'), DONE),
        (chunked(ROWS + 'posting,1,"\r\nend,2,9\r\n"\r\nposting,2,y\r\nend,2,9\r\n'), DONE),
        (chunked(ROWS + 'posting,1,"\r\nposting,2,9"\r\nend,2,9\r\n'), UNREACHED),
        (chunked(ROWS + "posting,1,x\r\nposting,1,y\r\nend,2,9\r\n"), UNREACHED),
    ],
    ids=range(15),
)
def test_what_is_not_whole_gets_no_name(tmp_path: Path, answer: bytes, code: int) -> None:
    path, out = tmp_path / "s", tmp_path / "book"
    out.write_text("the one before")
    canned = Canned(path, answer)
    try:
        done = run(path, "export", "--format", "ledger", "--output", str(out))
    finally:
        canned.close()
    assert done.returncode == code, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["book", "s"]
    assert (out.read_text() == "the one before") == (code != DONE)


def test_the_file_is_what_the_daemon_says(alym: Alym, tmp_path: Path) -> None:
    path = tmp_path / "book"
    with Portal(alym) as portal:
        covered(portal)
        for form in ("hledger", "ledger", "beancount", "csv"):
            words = ("export", "--format", form, "--as-of-record", "9")
            asked = portal.client.get(f"/v1/ledger/export?format={form}&as_of_record=9").bytes
            assert run(alym.socket, *words, "--output", str(path)).returncode == DONE
            assert path.read_bytes() == asked
            plain = subprocess.run(
                [str(ALYMCTL), "--socket", str(alym.socket), *words], capture_output=True
            )
            assert (plain.returncode, plain.stdout) == (DONE, asked)


def test_one_export_at_a_time_writes_a_file(alym: Alym, tmp_path: Path) -> None:
    words = ("export", "--format", "csv", "--output", str(tmp_path / "book"))
    draft = tmp_path / "book.incomplete"
    with open(draft, "w") as other:
        other.write("half of one")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        done = run(alym.socket, *words)
        assert done.returncode == UNWRITTEN and "another export" in done.stderr
        assert draft.read_text() == "half of one"
    # What somebody left who was killed is in nobody's way.
    assert run(alym.socket, *words).returncode == DONE
    assert [p.name for p in tmp_path.iterdir()] == ["book"]
    # A name that leads elsewhere is not followed.
    (tmp_path / "others").write_text("theirs")
    draft.symlink_to(tmp_path / "others")
    assert run(alym.socket, *words).returncode == UNWRITTEN
    assert (tmp_path / "others").read_text() == "theirs"


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("--format", "xml"), REFUSED, "format must be hledger, ledger, beancount or csv"),
        ((), MISUSED, "--format"),
        (("--format", "csv", "--from", "soon"), REFUSED, "invalid_field: from"),
        (("--format", "csv", "--output", "/nowhere/book"), UNWRITTEN, "/nowhere/book.incomplete"),
        (("--json", "--format", "csv"), MISUSED, "no JSON"),
    ],
)
def test_what_can_not_be(alym: Alym, words: tuple[str, ...], code: int, said: str) -> None:
    done = run(alym.socket, "export", *words)
    assert done.returncode == code
    assert said in done.stderr and done.stdout == ""


def test_progress_is_shown_on_a_terminal(alym: Alym, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    command = [ALYMCTL, "--socket", alym.socket, "export", "--format", "csv"]
    command += ["--output", tmp_path / "book", "--as-of-record", "9"]
    try:
        done = subprocess.run([str(word) for word in command], stderr=theirs, timeout=60)
        assert done.returncode == DONE
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert re.search(r"\[#+ *\] +\d+ %  \d+ of \d+ entries", shown)
