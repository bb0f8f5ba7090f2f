# SPDX-License-Identifier: Apache-2.0
"""The law changes without fear: what was calculated before comes out the same afterwards."""

from __future__ import annotations

import sqlite3
from typing import Any, Callable, Iterator

import pytest

from ctl import DISPROVED, MISUSED, REFUSED, Ctl
from daemon import Alym
from portal import EXIT_VISA, INVESTOR, Portal

PAYMENTS = 7


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    with Portal(audited) as opened:
        yield opened


def some_payments(portal: Portal) -> list[dict[str, Any]]:
    quotes = [EXIT_VISA, {"service": "eta"}, {"service": "visa.multiple", "claims": INVESTOR}]
    return [portal.create(quote=quotes[i % len(quotes)]) for i in range(PAYMENTS)]


# ---- recompute ----


def test_what_is_in_the_book_comes_out_the_same(portal: Portal) -> None:
    made = some_payments(portal)
    ctl = Ctl(portal.alym.socket)
    for payment in made:
        said = ctl.json("payment", "recompute", payment["id"])
        assert said["id"] == payment["id"] and said["same"] and not said["erased"]
        (one,) = said["calculations"]
        assert one["stored"] == one["derived"]
        assert one["derived"]["due"] == payment["due"]
        assert one["tariff"] == payment["quote"]["tariff"]
    assert made[0]["id"] in ctl.run("payment", "recompute", made[0]["id"])
    said = ctl.run("payment", "recompute", "--all", "--limit", "2")
    counts = dict(line.split() for line in said.splitlines())
    assert counts == {
        "Payments": str(PAYMENTS),
        "Calculated": str(PAYMENTS),
        "Same": str(PAYMENTS),
        "Differ": "0",
        "Erased": "0",
    }
    assert "not_found" in ctl.run("payment", "recompute", "p1-999", code=REFUSED)
    assert "or --all" in ctl.run("payment", "recompute", code=MISUSED)
    assert "or --all" in ctl.run("payment", "recompute", made[0]["id"], "--all", code=MISUSED)
    assert "one word too many" in ctl.run("payment", made[0]["id"], "more", code=MISUSED)


def test_a_book_that_was_meddled_with_is_told(make_alym: Callable[..., Alym]) -> None:
    """Not audited: the audit would find it too."""
    alym = make_alym()
    alym.open()
    with Portal(alym) as portal:
        made = some_payments(portal)
    alym.stop_cleanly()
    with sqlite3.connect(alym.folder / "state/book.db") as book:
        book.execute("DROP TRIGGER calculation_stays")
        book.execute("UPDATE calculation SET quote = zeroblob(32) WHERE payment = 2")
    alym.begin()
    ctl = Ctl(alym.socket)
    assert ctl.json("payment", "recompute", made[0]["id"])["same"]
    said = ctl.run("payment", "recompute", made[1]["id"], code=DISPROVED)
    assert "quote" in said.splitlines()[1]
    said = ctl.run("payment", "recompute", "--all", code=DISPROVED)
    assert [line.split()[0] for line in said.splitlines()[:2]] == ["Payment", made[1]["id"]]
    assert "Differ        1\n" in said
