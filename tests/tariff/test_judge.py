#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the judge notices: faults planted in a copy of the tariff, and rows that no case hits.

    tests/tariff/test_judge.py JUDGE WORK
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import boundaries

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "tariff/data"
EXACT = 'rule="exact" per="person" step-minor="1"'
BENEFIT = 'value="3180" purposes="benefit"'
OLD_INVITATION = 'services="invitation" from="2020-01-01"'
REFUND = 'rule="if-not-performed"'
INVESTOR = 'ground="investor" services="invitation" from="2026-01-01"'
PLANTED = [  # what, file, text, instead
    ("a rate", "duties.xml", 'exit-2017-code" value="0.5"', 'exit-2017-code" value="0.6"'),
    ("an MRP", "mrp.xml", 'value="3692"', 'value="3693"'),
    ("an MRP a day late", "mrp.xml", 'from="2020-04-01"', 'from="2020-04-02"'),
    ("benefits for duties", "mrp.xml", BENEFIT, BENEFIT[:-1] + ' duty"'),
    ("benefits for fines", "mrp.xml", BENEFIT, BENEFIT[:-1] + ' fine"'),
    ("whole tenge", "duties.xml", EXACT, 'rule="down" per="person" step-minor="100"'),
    ("a line rounded", "duties.xml", EXACT, 'rule="up" per="line" step-minor="100"'),
    ("an age", "programmes.xml", 'age" value="18"', 'age" value="19"'),
    ("a notice", "programmes.xml", 'hours" value="72"', 'hours" value="96"'),
    ("a late exemption", "exemptions.xml", OLD_INVITATION, OLD_INVITATION[:-2] + '2"'),
    ("an exemption less", "exemptions.xml", INVESTOR, INVESTOR.replace("2026", "2027")),
    ("a category less", "evisa.xml", 'categories="B1 B2 B3 C12"', 'categories="B1 B2 B3"'),
    ("a country less", "evisa.xml", '<entry countries="AD" printed="Андорра"/>', ""),
    ("no reciprocity", "exemptions.xml", 'agreement="reciprocity" age-below="16" ', ""),
]
UNSUMMED = [  # what no sum shows, for the cases typed by hand to notice
    ("a KBK of consular fees", "consular.xml", '"single-budget" kbk="108125"',
        '"single-budget" kbk="108126"'),
    ("a KBK of duties", "duties.xml", '"invitation-budget" kbk="108126"',
        '"invitation-budget" kbk="108125"'),
    ("a KNP", "evisa.xml", 'kbk="108125" knp="911"', 'kbk="108125" knp="912"'),
    ("a refund not known", "consular.xml", '"single-ref-2017" rule="never"',
        '"single-ref-2017" rule="unknown"'),
    ("a refund", "evisa.xml", '"evisa-refund-2026" rule="never"',
        f'"evisa-refund-2026" {REFUND} years="3"'),
    ("a refund less", "duties.xml", f'"visa.exit-ref-2025" {REFUND} years="3"',
        '"visa.exit-ref-2025" rule="never"'),
    ("a claim's years", "duties.xml", f'"visa.exit-ref-2025" {REFUND} years="3"',
        f'"visa.exit-ref-2025" {REFUND} years="5"'),
    ("a term", "programmes.xml", 'kind="term-months" value="12"', 'kind="term-months" value="24"'),
    ("a validity", "programmes.xml", 'kind="validity-days" value="180"',
        'kind="validity-days" value="18"'),
    ("a deadline", "programmes.xml", 'kind="deadline-days" value="30"',
        'kind="deadline-days" value="3"'),
    ("a shorter notice", "programmes.xml", 'kind="notice-hours" value="72"',
        'kind="notice-hours" value="48"'),
    ("a move", "programmes.xml", 'kind="move-business-days" value="5"',
        'kind="move-business-days" value="7"'),
    ("a lower age", "programmes.xml", 'kind="minimum-age" value="18"',
        'kind="minimum-age" value="17"'),
]
ROW = """<exemption id="extra" ground="funeral" services="eta" from="2026-01-01"
    entered="2026-01-01" act="qazeta-terms" status="unverified" source="x"/></tariff>"""


def judge(program: str, *words: object) -> tuple[int, str]:
    command = [program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def plant(work: Path, name: str, old: str, new: str) -> Path:
    folder = work / "planted"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA, folder)
    text = (folder / name).read_text()
    assert old in text, f"{name} has no {old}"
    (folder / name).write_text(text.replace(old, new, 1))
    return folder


def main(program: str, out: str) -> None:
    work = Path(out)
    generated = boundaries.write(DATA, work)
    typed = sorted((HERE / "cases").glob("*.xml"))
    for faults, cases in (PLANTED, generated), (UNSUMMED, typed):
        for what, name, old, new in faults:
            folder = plant(work, name, old, new)
            code, said = judge(program, folder, *cases)
            assert code == 1 and re.search(r":\d+: expected .*, came ", said), f"{what}: {said}"
    folder = plant(work, "exemptions.xml", "</tariff>", ROW)
    code, said = judge(program, "--whole", folder, *typed)
    assert code == 1 and "no case hits the row extra" in said, said
    assert judge(program, folder, *typed)[0] == 0, "coverage is asked for only by --whole"
    code, said = judge(program, "--whole", DATA, typed[0])
    assert code == 1 and "no case hits the row" in said, said
    sums = [path for path in typed if path.name != "terms.xml"]
    code, said = judge(program, "--whole", DATA, *sums)
    assert code == 1 and "expected" not in said, said
    assert "no case hits the row eta-validity" in said, said
    bad = work / "bad.xml"
    bad.write_text("<cases><levy/></cases>")
    code, said = judge(program, DATA, bad)
    assert code == 1 and "bad.xml:1: <levy> does not belong" in said, said
    for broken in sorted((HERE / "fixtures/broken").glob("*.xml")):
        code, said = judge(program, DATA, broken)
        lines = said.splitlines()
        assert code == 1 and len(lines) == 1, f"{broken.name}: nobody else says a word: {said}"
        assert lines[0].startswith(f"{broken.name}:"), said
    folder = plant(work, "mrp.xml", "</tariff>", "<")
    code, said = judge(program, folder, *typed)
    assert code == 1 and "mrp.xml:" in said, said
    assert judge(program, DATA)[0] == 2
    print(f"{len(PLANTED) + len(UNSUMMED)} planted faults noticed")


if __name__ == "__main__":
    main(*sys.argv[1:])
