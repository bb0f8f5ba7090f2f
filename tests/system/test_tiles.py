# SPDX-License-Identifier: Apache-2.0
"""The log as tiles: anybody can mirror it, and prove it from the mirror alone."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from client import Client
from daemon import Alym
from merkle import Verifier
from tiles import number_path, paths_of, tile_path, tiles_of, verify

RECORDS_MIN = 520  # two whole tiles and a piece


def add(client: Client, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        made = {"reference": f"T{number}", "quote": {"service": "eta"}}
        assert client.post("/v1/payments", made).status == 201


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    alym = Alym(tmp_path_factory.mktemp("tiles"), certificates)
    try:
        alym.open()
        with alym.client() as client:
            add(client, RECORDS_MIN)
        yield alym
    finally:
        alym.close()


def test_paths_are_those_of_the_specification() -> None:
    """Its own examples: number 1234067, and the tree of 70,000."""
    assert number_path(1234067) == "x001/x234/067"
    assert tile_path("entries", 7, 5) == "tile/entries/007.p/5"
    by_level = [list(tiles_of(70000, level)) for level in range(4)]
    assert [len(tiles) for tiles in by_level] == [274, 2, 1, 0]
    assert [tiles[-1] for tiles in by_level[:3]] == [(273, 112), (1, 17), (0, 1)]
    assert list(tiles_of(256, 0)) == [(0, 256)]
    assert list(tiles_of(256, 1)) == [(0, 1)]


def test_the_log_is_proved_from_its_tiles_alone(logged: Alym) -> None:
    with logged.client() as client:

        def read(path: str) -> bytes:
            answer = client.get(f"/v1/ledger/tlog/{path}")
            assert answer.status == 200, (path, answer.json)
            assert answer.headers["Content-Type"] == "application/octet-stream"
            return answer.bytes

        verifier = Verifier(client.get("/v1/ledger/key").json)
        answer = client.get("/v1/ledger/tlog/checkpoint")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        checkpoint = verifier.open(answer.json)
        assert checkpoint.size > 2 * 256
        entries = verify(read, checkpoint)
        for number in (1, 256, 257, checkpoint.size):
            leaf = client.get(f"/v1/ledger/records/{number}?form=leaf").bytes
            assert entries[number - 1] == leaf
        # Any width up to the head, also of what is whole by now: checkpoints were made there.
        for level, number, whole in ((0, 0, 256), (0, 2, 5), (1, 0, 2), ("entries", 1, 256)):
            tile = read(tile_path(level, number, whole))
            for width in (1, whole - 1):
                part = read(tile_path(level, number, width))
                assert tile.startswith(part) and 0 < len(part) < len(tile)


def test_what_is_no_tile_is_not_found(logged: Alym) -> None:
    wrong = [
        "tile/0", "tile/0/", "tile/0/1", "tile/0/0000", "tile/00/000", "tile/0/003", "tile/0/000/",
        "tile/0/x000/001", "tile/0/x000/000", "tile/0/001/000", "tile/0/000.p", "tile/0/000.p/",
        "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/1/", "tile/0/000.q/1",
        "tile/0/000.p/-1", "tile/0/002", "tile/1/000", "tile/1/000.p/3", "tile/2/000.p/1",
        "tile/8/000.p/1", "tile/63/000.p/1", "tile/64/000", "tile/data/000", "tile/entries/002",
        "tile/entries", "tile/0/x999/x999/x999/x999/x999/999", "tile/0/x001/" * 9 + "000",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/%30%30%30", "tile/0/000%2Ep/999",
    ]  # fmt: skip
    with logged.client() as client:
        for path in wrong:
            answer = client.get(f"/v1/ledger/tlog/{path}")
            found = path == "tile/0/%30%30%30"  # percent-encoded, and so the same path
            assert answer.status == (200 if found else 404), (path, answer.status)
        assert client.get("/v1/ledger/tlog/tile/0/000?x=1").status == 400


def test_every_file_of_a_log_has_its_path() -> None:
    assert paths_of(257) == [
        "tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1",
        "tile/1/000.p/1",
    ]  # fmt: skip
