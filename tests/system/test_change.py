# SPDX-License-Identifier: Apache-2.0
"""The law changes without fear: what was calculated before comes out the same afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
from pathlib import Path
from signal import SIGHUP
from typing import Any, Callable, Iterator

import pytest

from ctl import ALYMCTL, DISPROVED, MISUSED, REFUSED, Ctl, run
from daemon import ROOT, Alym, wait_until
from law import YEAR, copy_law, law_data
from portal import EXIT_VISA, INVESTOR, Portal

PAYMENTS = 7


CASES = ROOT / "tests/tariff/cases"
DUE = 216250  # 0.5 MRP of 4325


class Law:
    """A tariff to be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copy_law(folder)

    def edit(self, name: str, old: str, new: str) -> int:
        """The line on which the tag ends that was changed: the one that libxml2 names."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} has no {old}"
        path.write_text(text.replace(old, new, 1))
        end = text.index(">", text.index(old))
        return text[:end].count("\n") + 1


@pytest.fixture
def law(tmp_path: Path) -> Law:
    return Law(tmp_path / "law")


def due_now(portal: Portal) -> int:
    return portal.quote(**EXIT_VISA)["due"]["amount"]


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


def test_a_terminal_sees_how_far_it_is(portal: Portal) -> None:
    made = some_payments(portal)
    ours, theirs = os.openpty()
    command = [ALYMCTL, "--socket", portal.alym.socket, "payment", "recompute", "--all"]
    done = subprocess.run(
        [*command, "--limit", "3"], stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True
    )
    os.close(theirs)
    seen = ""
    with contextlib.suppress(OSError):  # a terminal whose other end is closed has no end of file
        while more := os.read(ours, 65536):
            seen += more.decode()
    os.close(ours)
    assert f" 42 %  3 of {len(made)} payments" in seen and "100 %" in seen
    assert b"%" not in done.stdout


def test_a_book_that_was_meddled_with_is_told(make_alym: Callable[..., Alym]) -> None:
    """Not audited: the audit would find it too."""
    alym = make_alym()
    alym.open()
    with Portal(alym) as portal:
        made = some_payments(portal)
    alym.stop_cleanly()
    with sqlite3.connect(alym.folder / "state/book.db") as book:
        book.execute("DROP TRIGGER payment_stays")
        book.execute("UPDATE payment SET quote = zeroblob(32) WHERE number = 2")
    alym.begin()
    ctl = Ctl(alym.socket)
    assert ctl.json("payment", "recompute", made[0]["id"])["same"]
    said = ctl.run("payment", "recompute", made[1]["id"], code=DISPROVED)
    assert "quote" in said.splitlines()[1]
    said = ctl.run("payment", "recompute", "--all", code=DISPROVED)
    assert [line.split()[0] for line in said.splitlines()[:2]] == ["Payment", made[1]["id"]]
    assert "Differ        1\n" in said


# ---- check ----


def test_a_set_is_checked_and_not_used(portal: Portal, law: Law) -> None:
    ctl = Ctl(portal.alym.socket)
    in_use = portal.quote(**EXIT_VISA)["tariff"].removeprefix("sha256:")
    said = ctl.json("tariff", "check", str(law_data()))
    assert said["ok"] and said["sha256"] == in_use and said["cases"] is None
    files = [str(path) for path in sorted(law.folder.iterdir(), reverse=True)]
    assert ctl.json("tariff", "check", *files) == said
    assert in_use in ctl.run("tariff", "check", str(law.folder))
    law.edit("mrp.xml", f'<mrp id="mrp-{YEAR}" value="4325"', f'<mrp id="mrp-{YEAR}" value="5000"')
    changed = ctl.json("tariff", "check", str(law.folder))
    assert changed["ok"] and changed["sha256"] != in_use
    assert due_now(portal) == DUE


def test_cases_are_held_against_a_set(portal: Portal, law: Law) -> None:
    ctl = Ctl(portal.alym.socket)
    words = ("tariff", "check", "--cases", str(CASES))
    said = ctl.json(*words, str(ROOT / "tariff/data"))
    assert said["ok"] and said["cases"]["fault_count"] == said["cases"]["unhit_count"] == 0
    assert said["cases"]["count"] > 100
    law.edit("mrp.xml", 'id="mrp-2025" value="3932"', 'id="mrp-2025" value="3933"')
    told = run(ctl.socket, *words, str(law.folder))
    assert told.returncode == REFUSED
    assert "1966.00 KZT" in told.stdout and "1966.50 KZT" in told.stdout  # 0.5 x 3933
    assert "duties.xml:" in told.stdout
    one = CASES / "mrp.xml"
    told = run(ctl.socket, "tariff", "check", str(ROOT / "tariff/data"), "--cases", str(one))
    assert told.returncode == 0 and "No case hits" in told.stdout


def test_a_broken_set_is_refused_and_the_running_one_untouched(portal: Portal, law: Law) -> None:
    ctl = Ctl(portal.alym.socket)
    line = law.edit("mrp.xml", 'value="3932"', 'value="3932,5"')
    said = ctl.run("tariff", "check", str(law.folder), code=REFUSED)
    assert f"mrp.xml:{line}: " in said
    told = run(ctl.socket, "--json", "tariff", "check", str(law.folder))
    assert told.returncode == REFUSED
    refusal = json.loads(told.stdout)
    assert (refusal["ok"], refusal["file"], refusal["line"]) == (False, "mrp.xml", line)
    (law.folder / "acts.xml").write_bytes(b"<tariff>\n\n\xff</tariff>")
    assert "acts.xml:3: is not UTF-8" in ctl.run("tariff", "check", str(law.folder), code=MISUSED)
    empty = law.folder / "empty"
    empty.mkdir()
    assert "no files that end with .xml" in ctl.run("tariff", "check", str(empty), code=MISUSED)
    assert "wants files" in ctl.run("tariff", "check", code=MISUSED)
    assert "there is no tariff" in ctl.run("tariff", "burn", code=MISUSED)
    assert due_now(portal) == DUE


def test_a_large_set_is_taken_from_operators_only(make_alym: Callable[..., Alym]) -> None:
    """Up to 8 MiB, before which the caller's roles are looked at."""
    body = {"files": [{"name": "a.xml", "text": "x" * ((4 << 20) - 100)}]}
    body["files"].append({"name": "b.xml", "text": "x" * ((4 << 20) - 100)})
    alym = make_alym()
    alym.open()
    with alym.client() as client:
        answer = client.post("/v1/tariff/check", body, key="")
        assert answer.status == 200 and not answer.json["ok"]
        body["files"][1]["text"] += "x" * 200
        answer = client.post("/v1/tariff/check", body, key="")
        assert (answer.status, answer.json["code"]) == (413, "too_large")
    with alym.client() as client:
        assert client.post("/v1/quotes", {"service": "x" * 70000}, key="").status == 413
    other = make_alym({"client test": {"uid": os.getuid(), "roles": "service"}})
    other.open()
    with other.client() as client:
        body["files"] = body["files"][:1]
        assert client.post("/v1/tariff/check", body, key="").status == 413
    with other.client() as client:
        assert client.post("/v1/tariff/check", {"files": []}, key="").status == 403


# ---- impact ----


def test_who_pays_more_is_told_before(portal: Portal, law: Law) -> None:
    """5000 instead of 4325: 30 x 675 = 20250 tenge more for a multiple visa."""
    ctl = Ctl(portal.alym.socket)
    words = ("tariff", "impact", str(law.folder))
    before = ctl.json(*words)
    assert before["ok"] and before["old"] == before["new"]
    assert not any(before["total"][kind] for kind in ("more", "less", "refused", "possible"))
    law.edit("mrp.xml", f'<mrp id="mrp-{YEAR}" value="4325"', f'<mrp id="mrp-{YEAR}" value="5000"')
    said = ctl.json(*words)
    first = said["items"][0]
    assert (first["kind"], first["request"]["service"]) == ("more", "visa.multiple")
    assert first["difference"] == {"amount": 2025000, "currency": "KZT"}
    assert (first["old"]["due"]["amount"], first["new"]["due"]["amount"]) == (12975000, 15000000)
    assert said["total"]["more"] > 0 == said["total"]["less"]
    shown = ctl.run(*words).splitlines()
    assert shown[1].split("  ")[0].startswith("visa.multiple")
    assert "129 750.00 KZT" in shown[1] and "20 250.00 KZT" in shown[1]
    assert shown[-1].split()[:2] == ["all", str(said["total"]["more"])]
    cases = ctl.json(*words, "--cases", str(CASES))
    assert cases["samples"] > said["samples"]
    assert any("case" in item for item in cases["items"])
    old = ctl.json(*words, "--date", f"{YEAR - 2}-01-01")
    assert old["days"][0] == f"{YEAR - 2}-01-01" and old["total"]["more"] == 0
    law.edit("mrp.xml", 'value="2651"', 'value="2651,5"')
    assert "mrp.xml:" in ctl.run(*words, code=REFUSED)
    assert due_now(portal) == DUE


def test_who_pays_more_next_year_is_told(portal: Portal, law: Law) -> None:
    """The new MRP is entered, for which the set in use has nothing yet: beside today's sums."""
    ctl = Ctl(portal.alym.socket)
    words = ("tariff", "impact", str(law.folder))
    begins = f"{YEAR + 1}-01-01"
    row = (
        f'<mrp id="mrp-{YEAR + 1}" value="5000" purposes="duty" year="{YEAR + 1}" from="{begins}"'
        f' entered="{YEAR}-01-01" act="budget-2026" status="unverified" source="a test"/>'
    )
    law.edit("mrp.xml", "</tariff>", f"{row}</tariff>")
    said = ctl.json(*words)
    first = said["items"][0]
    assert (first["kind"], first["request"]["service"]) == ("more", "visa.multiple")
    assert first["difference"] == {"amount": 2025000, "currency": "KZT"}
    assert (first["date"], first["new"]["due"]["amount"]) == (begins, 15000000)
    assert (first["old"]["day"], first["old"]["due"]["amount"]) == (said["days"][0], 12975000)
    assert "day" not in first["new"] and said["total"]["possible"] == 0
    assert f"129 750.00 KZT on {said['days'][0]}" in ctl.run(*words).splitlines()[1]
    asked = ctl.json(*words, "--date", begins)
    assert asked["total"]["possible"] > 0 == asked["total"]["more"]


# ---- activate ----

NEW_MRP = (f'<mrp id="mrp-{YEAR}" value="4325"', f'<mrp id="mrp-{YEAR}" value="5000"')
NEW_DUE = 250000


def governed(make_alym: Callable[..., Alym], law: Law, activation: str) -> Alym:
    """A daemon whose book has a set, and in which that one then decides about the next."""
    alym = make_alym({"tariff": {"data_dir": law.folder}})
    alym.open()
    alym.stop_cleanly()
    alym.configure({"tariff": {"data_dir": law.folder, "activation": activation}})
    alym.begin()
    return alym


def warned(alym: Alym) -> list[str]:
    with alym.client() as client:
        return [warning["code"] for warning in client.get("/readyz").json["warnings"]]


def test_a_change_of_law_from_end_to_end(make_alym: Callable[..., Alym], law: Law) -> None:
    """Checked, compared, activated; and what was paid before is what it was."""
    alym = governed(make_alym, law, "operator")
    ctl = Ctl(alym.socket)
    with Portal(alym) as portal:
        made = some_payments(portal)
        before = [portal.client.get(f"/v1/payments/{one['id']}").bytes for one in made]
        draft = Law(alym.folder / "draft")
        draft.edit("mrp.xml", *NEW_MRP)
        checked = ctl.json("tariff", "check", str(draft.folder))
        assert checked["ok"]
        impact = ctl.json("tariff", "impact", str(draft.folder))
        assert impact["total"]["more"] > 0 and impact["new"] == checked["sha256"]
        activate = ("tariff", "activate", "--reason", "the MRP is 5000", "--sha256")
        assert "tariff_differs" in ctl.run(*activate, checked["sha256"], code=REFUSED)
        law.edit("mrp.xml", *NEW_MRP)
        alym.signal(SIGHUP)
        wait_until(lambda: "tariff_waits" in warned(alym), 30, "the warning")
        assert due_now(portal) == DUE
        alym.restart()
        portal.client.close()
        assert due_now(portal) == DUE and "tariff_waits" in warned(alym)
        said = ctl.json(*activate, checked["sha256"])
        assert (said["state"], said["changed"]) == ("in_use", True)
        assert said["activated_by"]["uid"] == os.getuid()
        assert due_now(portal) == NEW_DUE and "tariff_waits" not in warned(alym)
        record = portal.get(f"/v1/ledger/records/{said['record']}")
        assert "the MRP is 5000" in json.dumps(record)
        assert "in use" in ctl.run(*activate, checked["sha256"])
        for one, bytes_before in zip(made, before):
            assert portal.client.get(f"/v1/payments/{one['id']}").bytes == bytes_before
        new = portal.create(quote=EXIT_VISA)
        assert new["due"]["amount"] == NEW_DUE
        for _ in range(2):
            ctl.run("payment", "recompute", "--all")
            alym.restart()
        alym.stop_cleanly()


def test_a_broken_set_is_not_activated(make_alym: Callable[..., Alym], law: Law) -> None:
    alym = governed(make_alym, law, "operator")
    ctl = Ctl(alym.socket)
    line = law.edit("mrp.xml", 'value="3932"', 'value="3932,5"')
    said = ctl.run("tariff", "activate", "--reason", "r", code=REFUSED)
    assert "tariff_refused" in said and f"mrp.xml:{line}: " in said
    alym.restart()
    with Portal(alym) as portal:
        assert due_now(portal) == DUE
    assert "--reason" in ctl.run("tariff", "activate", code=MISUSED)
    assert "too many" in ctl.run("tariff", "activate", "x", "--reason", "r", code=MISUSED)


def test_one_person_alone_only_proposes(make_alym: Callable[..., Alym], law: Law) -> None:
    alym = governed(make_alym, law, "two-persons")
    ctl = Ctl(alym.socket)
    law.edit("mrp.xml", *NEW_MRP)
    said = ctl.run("tariff", "activate", "--reason", "r")
    assert "proposed, not in use" in said and "another person" in said
    assert "not_permitted" in ctl.run("tariff", "activate", "--reason", "r", code=REFUSED)
    with Portal(alym) as portal:
        assert due_now(portal) == DUE
    assert "event=tariff.proposed" in alym.said()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can call as somebody else")
def test_a_second_person_activates(make_alym: Callable[..., Alym], law: Law) -> None:
    """Of another uid, which the kernel tells."""
    nobody = 65534
    alym = make_alym({"tariff": {"data_dir": law.folder}, "daemon": {"socket_group": nobody}})
    alym.socket.parent.chmod(0o711)
    alym.open()
    alym.stop_cleanly()
    alym.configure({"tariff": {"activation": "two-persons"}})
    alym.configure({"client second": {"uid": nobody, "roles": "operator"}})
    alym.begin()
    ctl = Ctl(alym.socket)
    law.edit("mrp.xml", *NEW_MRP)
    proposed = ctl.json("tariff", "activate", "--reason", "first")
    assert proposed["state"] == "proposed"
    body = json.dumps({"reason": "second", "sha256": proposed["sha256"]})
    ask = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "body = sys.argv[2].encode()\n"
        "s.sendall(b'POST /v1/tariff/activate HTTP/1.1\\r\\nHost: alym\\r\\nConnection: close\\r\\n'\n"
        "    b'Content-Length: %d\\r\\n\\r\\n' % len(body) + body)\n"
        "answer = b''\n"
        "while more := s.recv(65536):\n"
        "    answer += more\n"
        "print(answer.decode().split('\\r\\n\\r\\n', 1)[1])\n"
    )
    said = subprocess.run(
        ["/usr/bin/python3", "-c", ask, str(alym.socket), body],
        user=nobody, group=nobody, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    answer = json.loads(said.stdout)
    assert (answer["state"], answer["changed"]) == ("in_use", True)
    assert answer["proposed_by"]["uid"] == 0 and answer["activated_by"]["uid"] == nobody
    assert answer["proposed_by"]["client"] != answer["activated_by"]["client"]
    with Portal(alym) as portal:
        assert due_now(portal) == NEW_DUE
        record = json.dumps(portal.get(f"/v1/ledger/records/{answer['record']}"))
        assert '"first"' in record and '"second"' in record
