# SPDX-License-Identifier: Apache-2.0
"""alymctl mirror: the log in a folder, proved from its files alone by another's arithmetic."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Iterator

import pytest

from client import Client
from ctl import DISPROVED, DONE, UNWRITTEN, run, value
from daemon import Alym, wait_until
from merkle import Checkpoint, Verifier
from tiles import paths_of, verify


def add(client: Client, count: int, name: str) -> None:
    for number in range(count):
        made = {"reference": f"{name}{number}", "quote": {"service": "eta"}}
        assert client.post("/v1/payments", made).status == 201


def keys_of(alym: Alym) -> str:
    with alym.client() as client:
        return client.get("/v1/ledger/key").json


def grow(alym: Alym, count: int, name: str) -> None:
    """More records, and a checkpoint of them; at most one a second is made on demand."""
    with alym.client() as client:
        add(client, count, name)
        head = client.get("/v1/ledger/balances").json["as_of_record"]

        def covered() -> bool:
            return int(client.get("/v1/ledger/checkpoint").json.splitlines()[1]) >= head

        wait_until(covered, 30, "a checkpoint")


def mirror(alym: Alym, folder: Path, *words: str, code: int = DONE) -> str:
    done = run(alym.socket, "mirror", str(folder), *words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == DONE else done.stderr


def proved(folder: Path, keys: str) -> Checkpoint:
    """From the files alone: the checkpoint is signed, and every entry and tile hashes up to it."""
    checkpoint = Verifier(keys).open((folder / "checkpoint").read_text())
    verify(lambda path: (folder / path).read_bytes(), checkpoint)
    return checkpoint


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    alym = Alym(tmp_path_factory.mktemp("mirror"), certificates)
    try:
        alym.open()
        grow(alym, 300, "M")
        yield alym
    finally:
        alym.close()


@pytest.fixture(scope="module")
def mirrored(grown: Alym, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirrored") / "log"
    mirror(grown, folder)
    return folder


@pytest.fixture
def copy(mirrored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mirrored, tmp_path / "log"))


def test_a_mirror_is_proved_from_its_files(grown: Alym, mirrored: Path) -> None:
    checkpoint = proved(mirrored, keys_of(grown))
    assert checkpoint.size > 256
    assert files_of(mirrored) == {"checkpoint", *paths_of(checkpoint.size)}


def test_a_mirror_grows_and_leaves_what_is_whole_alone(grown: Alym, copy: Path) -> None:
    before = proved(copy, keys_of(grown))
    times = {name: (copy / name).stat().st_mtime_ns for name in files_of(copy)}
    grow(grown, 512 - before.size + 20, "G")  # the second tile becomes whole
    said = json.loads(run(grown.socket, "mirror", str(copy), "--json").stdout)
    after = proved(copy, keys_of(grown))
    assert after.size >= 512 > before.size
    assert (said["size_before"], said["size"]) == (before.size, after.size)
    assert said["added"] == after.size - before.size and said["holds"] is True
    for name in ("tile/0/000", "tile/entries/000"):
        assert (copy / name).stat().st_mtime_ns == times[name]
    # Pieces of what is whole by now are gone; the piece of level 1 may still be asked for.
    left = files_of(copy) - {"checkpoint", *paths_of(after.size)}
    assert left == {"tile/1/000.p/1"}
    assert value(mirror(grown, copy), "Added") == "0"


def test_an_interrupted_mirror_goes_on(grown: Alym, copy: Path) -> None:
    """What is there and right is kept, what is missing or broken is fetched."""
    (copy / "checkpoint").unlink()
    (copy / "tile/1/000.p").rename(copy / "gone")
    shutil.rmtree(copy / "gone")
    (copy / "tile/0/000").write_bytes(b"")
    bundle = copy / "tile/entries/000"
    inode = bundle.stat().st_ino
    (copy / ".incomplete").write_bytes(b"half")
    mirror(grown, copy)
    assert bundle.stat().st_ino == inode
    broken = bytearray(bundle.read_bytes())
    broken[100] ^= 1
    bundle.write_bytes(broken)
    (copy / "checkpoint").unlink()
    mirror(grown, copy)
    proved(copy, keys_of(grown))
    assert not (copy / ".incomplete").exists()


def test_a_log_that_was_another_is_no_continuation(grown: Alym, copy: Path, tmp_path: Path) -> None:
    """The checkpoint that was here is signed by the book's key, and of other records."""
    other = Alym(tmp_path, grown.certificates)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    try:
        # The same book and key, gone another way since: nobody but who owns both can do it.
        grown.stop_cleanly()
        shutil.copytree(grown.folder / "state", state, dirs_exist_ok=True)
        other.open()
        grown.begin()
        grow(other, 30, "O")
        grow(grown, 20, "P")
        mirror(other, copy)
        kept = (copy / "checkpoint").read_bytes()
        complaint = mirror(grown, copy, code=DISPROVED)
        assert "records are here" in complaint
        grow(grown, 20, "Q")
        files = files_of(copy)
        assert "are not what they were" in mirror(grown, copy, code=DISPROVED)
        assert (copy / "checkpoint").read_bytes() == kept and files_of(copy) == files
        proved(copy, keys_of(other))
    finally:
        other.close()
        if not grown.running:
            grown.begin()


def test_a_stranger_is_not_believed(grown: Alym, tmp_path: Path) -> None:
    stranger = "alym/00000000/1+44c38b81+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    mirror(grown, tmp_path / "log", "--verifier", stranger, code=DISPROVED)
    own = keys_of(grown).splitlines()[0]
    blob = own.rpartition("+")[2]
    mirror(grown, tmp_path / "log", "--verifier", own.replace(blob[:8], "AQAAAAAA"), code=DISPROVED)
    assert not files_of(tmp_path / "log")


def test_what_can_not_be_written_is_told(grown: Alym, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert str(file) in mirror(grown, file, code=UNWRITTEN)
    assert "No such file" in mirror(grown, tmp_path / "a/b", code=UNWRITTEN)


def test_a_change_of_key_does_not_stop_a_mirror(grown: Alym, copy: Path) -> None:
    old = keys_of(grown).splitlines()[0]
    grown.alymctl("book", "rotate-key", "--reason", "x", "--days", "0")
    grow(grown, 3, "K")
    assert "give the key it was signed by" in mirror(grown, copy, code=DISPROVED)
    new = keys_of(grown).splitlines()[0]
    mirror(grown, copy, "--verifier", old, "--verifier", new)
    assert proved(copy, new).size > 256
    mirror(grown, copy)
