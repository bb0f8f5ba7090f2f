# SPDX-License-Identifier: Apache-2.0
"""alymctl as the tests use it, and fixtures of a daemon that is shared by a whole file of tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Iterator, Optional

import pytest

from daemon import BUILD, Alym, wait_until

ALYMCTL = BUILD / "tools/alymctl"
DONE, REFUSED, MISUSED, UNREACHED, DISPROVED, UNWRITTEN = range(6)
AT_A_BANK = ("--gateway", "sandbox", "--return-url", "https://example.kz/back")


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "COLUMNS"))}
    return {**kept, **changes}


def run(socket: Path | str, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [str(ALYMCTL), "--socket", str(socket), *words]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, env=environment(**changes)
    )


class Ctl:
    """alymctl on one socket; what it says for people, or as JSON."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def run(self, *words: str, code: int = DONE, **changes: str) -> str:
        done = run(self.socket, *words, **changes)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code in (DONE, DISPROVED) else done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.run("--json", *words))


@pytest.fixture(scope="module")
def alym(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    made = Alym(tmp_path_factory.mktemp("alymctl"), certificates)
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def ctl(alym: Alym) -> Ctl:
    return Ctl(alym.socket)


@pytest.fixture(scope="module")
def paid(alym: Alym, ctl: Ctl) -> dict[str, Any]:
    """A payment that went through a bank."""
    made = ctl.json("pay", "visa.multiple", "--reference", "PAID", *AT_A_BANK)
    control = alym.bank.control
    order = made["attempts"][-1]["order"]
    wait_until(lambda: any(o["order"] == order for o in control.orders()), 30, "the order")
    control.pay(order)

    def found() -> Optional[dict[str, Any]]:
        payment = ctl.json("payment", made["id"])
        return payment if payment["state"] == "paid" else None

    return wait_until(found, 30, "the money")


def create(ctl: Ctl, reference: str, *words: str) -> dict[str, Any]:
    return ctl.json("pay", "visa.exit", "--reference", reference, *words)


def words_of(money: dict[str, Any]) -> str:
    """129 750.00 KZT"""
    return f"{money['amount'] / 100:,.2f} {money['currency']}".replace(",", " ")


def value(said: str, label: str) -> str:
    """What stands behind a label of a card."""
    found = re.search(rf"^{re.escape(label)}\s+(.*)$", said, re.MULTILINE)
    assert found, f"no {label} in:\n{said}"
    return found[1]
