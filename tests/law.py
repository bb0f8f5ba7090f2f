# SPDX-License-Identifier: Apache-2.0
"""A law for days that tariff/data does not know yet; for tests and demonstrations only.

A year without an MRP is an error, and right so: no duty can be told before parliament has passed the
budget.  But tests must not fail because a year has begun.  So they take a copy of tariff/data in
which every year after KNOWN has the MRP of KNOWN, marked unverified: their amounts stay what they
are, whatever the year and whatever tariff/data has learnt meanwhile.

    /usr/bin/python3 tests/law.py FOLDER     # this year's MRP only, and only if tariff/data has none

says the years whose MRP was lent, one a line; without any, FOLDER is not made.
"""

from __future__ import annotations

import atexit
import functools
import re
import shutil
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "tariff/data"
ALMATY = timezone(timedelta(hours=5))
YEAR = datetime.now(ALMATY).year
KNOWN = 2026
ROW = re.compile(r"\t<mrp [^>]*/>\n")


def _member(row: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', row)
    assert found, f"{name} is missing in {row}"
    return found[1]


def _lent(row: str, year: int) -> str:
    value, act = _member(row, "value"), _member(row, "act")
    return (
        f'\t<mrp id="mrp-{year}" value="{value}" purposes="benefit duty fine" year="{year}"'
        f' from="{year}-01-01" entered="{year}-01-01"\n'
        f'\t\tact="{act}" status="unverified"'
        f' source="none: the MRP of {_member(row, "year")}, lent for tests and demonstrations"/>\n'
    )


def lend_mrp(text: str, known: int, year: int = YEAR) -> tuple[str, list[int]]:
    """mrp.xml without what it says of years after `known`, and with the last MRP for duties lent to
    every year up to `year` that has none; and those years."""
    text = ROW.sub(lambda row: row[0] if int(_member(row[0], "year")) <= known else "", text)
    rows = [row for row in ROW.findall(text) if "duty" in _member(row, "purposes").split()]
    assert rows, "no MRP for duties"
    last = max(rows, key=lambda row: _member(row, "from"))
    years = list(range(int(_member(last, "year")) + 1, year + 1))
    more = "".join(_lent(last, needy) for needy in years)
    return text.replace("</tariff>", f"{more}</tariff>"), years


def copy_law(folder: Path) -> None:
    """The tests' law, in a folder that is made and that everybody may read."""
    shutil.copytree(DATA, folder)
    mrp = folder / "mrp.xml"
    mrp.write_text(lend_mrp(mrp.read_text(), KNOWN)[0])
    folder.chmod(0o755)


@functools.cache
def law_data() -> Path:
    """The tests' law for whoever does not change it; it goes when this process ends."""
    home = Path(tempfile.mkdtemp(prefix="alym_law"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    home.chmod(0o755)
    copy_law(home / "data")
    return home / "data"


def _main(folder: Path) -> None:
    text, years = lend_mrp((DATA / "mrp.xml").read_text(), YEAR)
    if years:
        shutil.copytree(DATA, folder, dirs_exist_ok=True)
        (folder / "mrp.xml").write_text(text)
    for year in years:
        print(year)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
