# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system tests.

    def test_it(alym):                       # alymd and a bank, ready; ended cleanly afterwards
        with alym.client() as client:
            assert client.get("/livez").status == 200

`make_alym(settings)` gives one that is configured but not started.  ALYM_BUILD names the build to
test (build/debug).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from auditor import Book  # noqa: E402
from daemon import Alym  # noqa: E402


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([ROOT / "scripts/certificates", folder], check=True)
    return folder


@pytest.fixture
def make_alym(tmp_path: Path, certificates: Path) -> Iterator[Callable[..., Alym]]:
    made: list[Alym] = []

    def make(settings: Optional[dict[str, Any]] = None) -> Alym:
        folder = tmp_path / f"alym{len(made)}"
        folder.mkdir()
        made.append(Alym(folder, certificates, settings))
        return made[-1]

    yield make
    faults = []
    for alym in made:
        try:
            alym.close()
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, "\n".join(faults)


@pytest.fixture
def alym(make_alym: Callable[..., Alym]) -> Alym:
    made = make_alym()
    made.open()
    return made


@pytest.fixture
def audited(alym: Alym) -> Iterator[Alym]:
    """As `alym`; afterwards its book is read from the file and derived again."""
    yield alym
    if alym.running:
        with alym.client() as client:
            verifier = client.get("/v1/ledger/key").json
            client.get("/v1/ledger/checkpoint")
        alym.stop_cleanly()
        with Book(alym.folder / "state/book.db") as book:
            book.audit(verifier)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    """One for all tests of a file: they write nothing, but for what a fixture began it with."""
    made = Alym(tmp_path_factory.mktemp("shared"), certificates)
    try:
        made.open()
        yield made
    finally:
        made.close()
