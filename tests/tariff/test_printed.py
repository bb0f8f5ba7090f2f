#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/tariff/printed is what the two publications print, name by name.

    tests/tariff/test_printed.py SEEDS

reads the publications in the folder SEEDS: the leaflet of QazETA in Kazakh (001_*.txt), the
information of 2019 in Russian (002_*.txt).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PRINTED = Path(__file__).resolve().parent / "printed"
SPLIT = "Боливария Республикасы"  # of the leaflet: this country fills two lines


def lines_between(text: str, after: str, before: str = "") -> list[str]:
    part = text.split(after, 1)[1]
    part = part.split(before, 1)[0] if before else part
    lines = [" ".join(line.split()) for line in part.splitlines()]
    return [line for line in lines if line]


def numbered(lines: list[str]) -> list[str]:
    """Of "12. Name", numbered from 1 without a gap."""
    names: list[str] = []
    for line in lines:
        if found := re.fullmatch(rf"{len(names) + 1}\. (.+)", line):
            names.append(found[1])
    return names


def leaflet(lines: list[str]) -> list[str]:
    at = lines.index(SPLIT)
    return lines[:at] + [f"{SPLIT} {lines[at + 1]}"] + lines[at + 2 :]


def main(seeds: str) -> int:
    [qazeta] = Path(seeds).glob("001_*.txt")
    [information] = Path(seeds).glob("002_*.txt")
    first, second = "Приложение 1", "Приложение 2"
    russian = information.read_text()
    lists = {
        "evisa-2019-tourist": (117, numbered(lines_between(russian, first, second))),
        "evisa-2019-business": (23, numbered(lines_between(russian, second))),
        "evisa-2026-qazeta": (104, leaflet(lines_between(qazeta.read_text(), "елдердің тізімі:"))),
    }
    status = 0
    for name, (count, names) in lists.items():
        kept = (PRINTED / f"{name}.txt").read_text().splitlines()
        differ = [pair for pair in zip(kept, names) if pair[0] != pair[1]]
        if len(names) != count or len(kept) != count or differ:
            print(f"{name}: {len(kept)} kept, {len(names)} printed, {count} said; {differ[:3]}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
