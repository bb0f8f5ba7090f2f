# SPDX-License-Identifier: Apache-2.0
"""Fixtures for the bank's own tests: certificates, a stand-in for Alym, a bank between them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from bank.server import Bank
from bank.stub import SECRET, AlymStub

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([ROOT / "scripts/certificates", folder], check=True)
    return folder


@pytest.fixture
def alym(certificates: Path) -> Iterator[AlymStub]:
    with AlymStub(certificates) as stub:
        yield stub


@pytest.fixture
def bank(certificates: Path, alym: AlymStub) -> Iterator[Bank]:
    with open_bank(certificates) as opened:
        opened.set_mode({"retry": {"first_ms": 20, "max_ms": 50}})
        alym.bank_url = opened.url
        yield opened


def open_bank(certificates: Path, **more: object) -> Bank:
    return Bank(
        cert=str(certificates / "bank.pem"),
        key=str(certificates / "bank.key"),
        ca=str(certificates / "ca.pem"),
        secret=SECRET,
        **more,
    )
