# SPDX-License-Identifier: Apache-2.0
"""The law changes while the daemon runs.

SIGHUP takes a new tariff and configuration over, whole or not at all; what was promised under the
old one stays as it was.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from signal import SIGHUP, SIGTERM
from typing import Any, Callable, Iterator

import pytest

from auditor import Book
from client import Answer
from daemon import BUILD, Alym, wait_until
from law import YEAR, copy_law, law_data
from portal import EXIT_VISA, Portal, money

OLD_DUE = 216250  # 0.5 MRP of 4325
NEW_DUE = 500000  # 1 MRP of 5000
OLD_ROWS = {
    "mrp.xml": f'<mrp id="mrp-{YEAR}" value="4325"',
    "duties.xml": '<rate id="visa.exit-2025-code" value="0.5"',
}
NEW_ROWS = {
    "mrp.xml": f'<mrp id="mrp-{YEAR}" value="5000"',
    "duties.xml": '<rate id="visa.exit-2025-code" value="1"',
}
TAKEN, CONFIG = 75, 78
RELOADED, NOT_RELOADED = "event=config.reloaded", "event=config.not_reloaded"


class Law:
    """A tariff of the daemon's own, to be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copy_law(folder)

    def restore(self) -> None:
        shutil.rmtree(self.folder)
        copy_law(self.folder)

    def edit(self, name: str, *changes: tuple[str, str]) -> None:
        path = self.folder / name
        text = path.read_text()
        for old, new in changes:
            assert old in text, f"{name} has no {old}"
            text = text.replace(old, new)
        path.write_text(text)

    def renew(self) -> None:
        for name, row in OLD_ROWS.items():
            self.edit(name, (row, NEW_ROWS[name]))

    def go_back(self) -> None:
        for name, row in OLD_ROWS.items():
            self.edit(name, (NEW_ROWS[name], row))


@pytest.fixture
def law(tmp_path: Path) -> Law:
    return Law(tmp_path / "law")


@pytest.fixture
def alym(make_alym: Callable[..., Alym], law: Law) -> Alym:
    """Of conftest.py, with a law that can be changed."""
    made = make_alym({"tariff": {"data_dir": law.folder}})
    made.open()
    return made


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    with Portal(audited) as opened:
        yield opened


def reload(alym: Alym, outcome: str = RELOADED) -> str:
    """SIGHUP; the line that says what came of it."""
    before = len(lines(alym, RELOADED, NOT_RELOADED))
    alym.signal(SIGHUP)
    said = wait_until(
        lambda: lines(alym, RELOADED, NOT_RELOADED)[before:], 30, "what came of the reload"
    )[0]
    assert outcome in said
    return said


def take_over(portal: Portal, due: int) -> None:
    """A reload after which that much is due: the law is in use once it is in the book."""
    reload(portal.alym)
    wait_until(lambda: due_now(portal) == due, 30, "the new law")


def due_now(portal: Portal) -> int:
    return portal.quote(**EXIT_VISA)["due"]["amount"]


def lines(alym: Alym, *words: str) -> list[str]:
    return [line for line in alym.said().splitlines() if any(word in line for word in words)]


# ---- the law ----


def test_a_new_law_is_taken_over(portal: Portal, law: Law) -> None:
    old = portal.quote(**EXIT_VISA)
    law.renew()
    assert due_now(portal) == OLD_DUE  # not before it is said
    take_over(portal, NEW_DUE)
    new = portal.quote(**EXIT_VISA)
    assert new["tariff"] != old["tariff"]
    digest = new["tariff"].removeprefix("sha256:")
    assert f"event=tariff.in_use sha256={digest} reason=SIGHUP" in portal.alym.said()
    assert portal.create()["due"] == money(NEW_DUE)
    portal.alym.restart()
    portal.client.close()
    assert portal.quote(**EXIT_VISA) == new


def test_the_book_knows_each_law_by_its_hash(portal: Portal, law: Law) -> None:
    for due, change in ((NEW_DUE, law.renew), (OLD_DUE, law.go_back), (NEW_DUE, law.renew)):
        change()
        take_over(portal, due)
    reload(portal.alym)  # nothing has changed
    assert due_now(portal) == NEW_DUE
    portal.alym.stop_cleanly()
    with Book(portal.alym.folder / "state/book.db") as book:
        book.audit()
        uses = [row["digest"] for row in book.rows("SELECT digest FROM tariff_use ORDER BY record")]
        assert uses[0] == uses[2] != uses[1] == uses[3] and len(uses) == 4
        kept = {row["name"]: row["bytes"] for row in book.rows(
            "SELECT name, bytes FROM tariff_file WHERE digest = ?", uses[0]
        )}  # fmt: skip
        assert kept == {path.name: path.read_bytes() for path in law_data().glob("*.x??")}


def test_a_law_is_swapped_whole(portal: Portal, law: Law) -> None:
    """Two files change at once: nobody is ever quoted by the one without the other."""
    stop = threading.Event()
    answers: list[Answer] = []
    faults: list[str] = []

    def ask() -> None:
        try:
            with portal.alym.client() as client:
                while not stop.is_set():
                    answers.append(client.post("/v1/quotes", EXIT_VISA, key=""))
        except OSError as error:
            faults.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        (law.go_back if number % 2 else law.renew)()
        take_over(portal, OLD_DUE if number % 2 else NEW_DUE)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults and {answer.status for answer in answers} == {200}
    quotes = {(answer.json["tariff"], answer.json["due"]["amount"]) for answer in answers}
    assert sorted(due for _, due in quotes) == [OLD_DUE, NEW_DUE]
    assert len({answer.bytes for answer in answers}) == 2


def test_what_was_created_under_the_old_law_stays(portal: Portal, law: Law) -> None:
    """It is due as calculated; its repetition has the same bytes, from the book if need be."""
    body = {"reference": "OLD", "quote": EXIT_VISA, "expect": money(OLD_DUE)}
    first = portal.client.post("/v1/payments", body, key="k")
    made = first.json
    law.renew()
    take_over(portal, NEW_DUE)
    for change in (lambda: None, portal.alym.restart, portal.alym.kill):
        change()
        if not portal.alym.running:
            portal.alym.begin()
        portal.client.close()
        again = portal.client.post("/v1/payments", body, key="k")
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (again.status, again.bytes) == (first.status, first.bytes)
        assert portal.payment(made)["quote"] == made["quote"]
    other = {"reference": "NEW", "quote": EXIT_VISA, "expect": money(OLD_DUE)}
    changed = portal.refused(409, "amount_changed", "POST", "/v1/payments", other)
    assert changed["due"] == money(NEW_DUE)
    control = portal.alym.bank.control
    control.mode(callback_url=portal.alym.callback_url)
    assert control.check(made["code"])["answer"]["due"] == money(OLD_DUE)
    control.cash(made["code"], OLD_DUE)
    assert portal.payment(made)["state"] == "paid"


def test_the_old_law_is_needed_for_the_repetition_when_the_service_is_gone(
    portal: Portal, law: Law
) -> None:
    body = {"reference": "OLD", "quote": {"service": "eta"}}
    first = portal.client.post("/v1/payments", body, key="k")
    (law.folder / "programmes.xml").unlink()
    reload(portal.alym)
    wait_until(lambda: portal.client.post("/v1/quotes", body["quote"]).status == 422, 30, "the end")
    again = portal.client.post("/v1/payments", body, key="k")
    assert (again.status, again.bytes) == (201, first.bytes)
    portal.refused(422, "unknown_service", "POST", "/v1/payments", body)


# ---- a law that is broken ----

FOLDER = Path(__file__).resolve().parents[1] / "tariff/fixtures/broken"
BROKEN = [line.split("\t") for line in (FOLDER / "expected.tsv").read_text().splitlines()]
LARGE = 20 << 20
TWICE = """<mrp id="mrp-x" value="1" purposes="duty" year="2026" from="2026-01-01"
    entered="2026-01-01" act="budget-2026" status="confirmed" source="x"/></tariff>"""
SPOILT: list[tuple[str, str, str, str]] = [  # file, text, instead, what is said
    ("mrp.xml", 'from="2025-01-01"', 'from="2025-02-01"', r"mrp\.xml:\d+: .* gap"),
    ("mrp.xml", "</tariff>", TWICE, r"mrp\.xml:\d+: .*mrp-x"),
    ("mrp.xml", 'id="mrp-2026"', 'id="mrp-2025"', r"mrp\.xml:\d+: .*mrp-2025"),
    ("phrases.xml", "{number}", "{no}", r"phrases\.xml:\d+: .*\{no\}"),
    ("tariff.xsd", "xs:schema", "xs:scheme", r"tariff\.xsd:\d+: "),
]


@pytest.fixture(scope="module")
def lawful(
    tmp_path_factory: pytest.TempPathFactory, certificates: Path
) -> Iterator[tuple[Portal, Law]]:
    folder = tmp_path_factory.mktemp("reload")
    law = Law(folder / "law")
    alym = Alym(folder, certificates, {"tariff": {"data_dir": law.folder}})
    try:
        alym.open()
        with Portal(alym) as portal:
            yield portal, law
    finally:
        alym.close()


def expect_the_old_to_stay(portal: Portal, what: str) -> str:
    before = portal.client.post("/v1/quotes", EXIT_VISA, key="").bytes
    said = reload(portal.alym, NOT_RELOADED)
    assert re.search(what, said), said
    assert "level=error" in said
    assert portal.client.post("/v1/quotes", EXIT_VISA, key="").bytes == before
    assert portal.create()["due"] == money(OLD_DUE)
    return said


def test_every_broken_file_leaves_the_old_law(lawful: tuple[Portal, Law]) -> None:
    """All of tests/tariff/fixtures/broken, each beside the good files: by file, line and reason."""
    portal, law = lawful
    law.restore()
    assert len(BROKEN) >= 40
    for name, line, reason in BROKEN:
        shutil.copy(FOLDER / name, law.folder)
        expect_the_old_to_stay(portal, rf"{re.escape(name)}:{line}: .*{as_logged(reason)}")
        (law.folder / name).unlink()
    reload(portal.alym)


def as_logged(text: str) -> str:
    """How the log writes it, as a pattern."""
    return re.escape(text.replace('"', '\\"'))


@pytest.mark.parametrize("name, old, new, what", SPOILT)
def test_a_spoilt_law_leaves_the_old_one(
    lawful: tuple[Portal, Law], name: str, old: str, new: str, what: str
) -> None:
    portal, law = lawful
    law.restore()
    law.edit(name, (old, new))
    expect_the_old_to_stay(portal, what)
    law.restore()
    reload(portal.alym)


def test_twenty_megabytes_of_law_are_not_read(lawful: tuple[Portal, Law]) -> None:
    portal, law = lawful
    law.restore()
    row = f"<!-- {'x' * 1000} -->\n"
    (law.folder / "large.xml").write_text(f"<tariff>{row * (LARGE // len(row) + 1)}</tariff>")
    assert (law.folder / "large.xml").stat().st_size > LARGE
    expect_the_old_to_stay(portal, "large.xml: larger than")
    law.restore()
    reload(portal.alym)


def test_a_law_that_is_not_there_leaves_the_old_one(lawful: tuple[Portal, Law]) -> None:
    portal, law = lawful
    for name, what in (("tariff.xsd", "tariff.xsd"), ("acts.xml", "act")):
        law.restore()
        (law.folder / name).unlink()
        expect_the_old_to_stay(portal, what)
    shutil.rmtree(law.folder)
    expect_the_old_to_stay(portal, str(law.folder))
    law.folder.mkdir()
    expect_the_old_to_stay(portal, "no tariff files")
    law.restore()
    reload(portal.alym)


def test_a_daemon_does_not_start_by_a_broken_law(make_alym: Callable[..., Alym], law: Law) -> None:
    alym = make_alym({"tariff": {"data_dir": law.folder}})
    law.edit("mrp.xml", ('value="4325"', 'value="much"'))
    for words in ([], ["--check-config"]):
        done = alymd(alym, *words)
        assert done.returncode == CONFIG
        assert re.search(r"mrp\.xml:\d+: .*much", done.stderr), done.stderr
    assert not (alym.folder / "state").exists()


# ---- the configuration ----


def alymd(alym: Alym, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(BUILD / "daemon/alymd"), "--config", str(alym.config), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_configuration_and_law_come_together_or_not_at_all(portal: Portal, law: Law) -> None:
    """A good law beside a bad configuration, and the other way round."""
    alym = portal.alym
    good = alym.config.read_text()
    law.renew()
    alym.config.write_text(good + "[colour]\n")
    expect_the_old_to_stay(portal, rf"{alym.config}:\d+: unknown section \[colour\]")
    law.go_back()
    law.edit("mrp.xml", ('value="4325"', 'value="much"'))
    alym.configure({"client test": {"roles": "auditor"}, "daemon": {"log_level": "debug"}})
    expect_the_old_to_stay(portal, "much")
    assert portal.events(), "the role is still there"
    assert not lines(alym, "level=debug")
    law.restore()
    law.renew()
    take_over_as_auditor(portal)


def take_over_as_auditor(portal: Portal) -> None:
    reload(portal.alym)
    portal.refused(403, "not_permitted", "POST", "/v1/payments", {})
    wait_until(lambda: due_now(portal) == NEW_DUE, 30, "the new law")
    portal.alym.configure({"client test": {"roles": "service auditor"}})
    reload(portal.alym)
    assert portal.events()


RESTART: list[dict[str, Any]] = [
    {"daemon": {"state_dir": "/nowhere"}},
    {"daemon": {"session_s": 100}},
    {"https": {"public_url": "https://elsewhere"}},
    {"gateway sandbox": {"timeout_ms": 777}},
    {"gateway sandbox": {"merchant": "other"}},
    {"gateway more": {"plugin": "sandbox"}},
    {"client more": {"uid": 1, "roles": "auditor"}},
    {"https": None, "gateway sandbox": None},
]


@pytest.mark.parametrize("changes", RESTART)
def test_what_takes_a_restart_says_so(
    lawful: tuple[Portal, Law], changes: dict[str, Any]
) -> None:
    alym = lawful[0].alym
    good, settings = alym.config.read_text(), {k: dict(v) for k, v in alym.settings.items()}
    alym.configure(changes)
    said = expect_the_old_to_stay(lawful[0], "restart to apply")
    section = list(changes)[0].split()[0]
    assert f"[{section}" in said or "[https" in said or "[gateway" in said
    alym.settings = settings
    alym.config.write_text(good)
    reload(alym)


MISTAKES: list[tuple[str, str, str]] = [  # how a line begins, what it is instead, what is said
    ("[daemon]", "[demon]", "unknown section"),
    ("[daemon]", "[daemon", ""),
    ("[daemon]", "[daemon x]", "takes no name"),
    ("[client test]", "[client]", "needs a name"),
    ("[client test]", "[client A B]", "needs a name"),
    ("[tariff]", "[daemon]", "stands in line"),
    ("roles = ", "roles = king", "king"),
    ("roles = ", "rolls = auditor", "unknown key rolls"),
    ("roles = ", "roles", ""),
    ("uid = ", "uid = nobodyatall", "nobodyatall"),
    ("uid = ", "gid = 12 ; who", ""),
    ("state_dir = ", "state_dir = relative", "absolute path"),
    ("state_dir = ", "checkpoint_s = 0", "checkpoint_s"),
    ("state_dir = ", "checkpoint_s = 99999999999999999999", "checkpoint_s"),
    ("state_dir = ", "checkpoint_s = 1s", "checkpoint_s"),
    ("state_dir = ", "log_level = loud", "loud"),
    ("state_dir = ", "  state_dir = /x", ""),
    ("listen = ", "listen = 127.0.0.1", "listen"),
    ("listen = ", "listen = localhost:99999", "listen"),
    ("public_url = ", "public_url = http://insecure", "https"),
    ("timezone = ", "timezone = Mars/Olympus", "Mars/Olympus"),
    ("endpoint = ", "endpoint = https://", "endpoint"),
    ("endpoint = ", "endpoint = https://127.0.0.1/x?y", ""),
    ("merchant = ", "merchant = a b", ""),
    ("merchant = ", "window_s = 0", ""),
    ("secret_file = ", "secret_file = secret", "absolute path"),
    ("secret_file = ", "secret_file = /nowhere/secret", "/nowhere/secret"),
    ("ca = ", "ca = /nowhere/ca.pem", "/nowhere/ca.pem"),
    ("certificate = ", "certificate = /etc/hostname", "certificate"),
    ("private_key = ", "", "has no private_key"),
    ("plugin = ", "", "has no plugin"),
    ("plugin = ", "plugin = ../sandbox", "plugin"),
    ("plugin = ", "plugin = /etc/hostname", "/etc/hostname"),
]


@pytest.mark.parametrize("where, instead, what", MISTAKES)
def test_a_mistake_is_told_by_file_and_line(
    make_alym: Callable[..., Alym], where: str, instead: str, what: str
) -> None:
    alym = make_alym()
    text = alym.config.read_text().splitlines()
    place = next(i for i, line in enumerate(text) if line.startswith(where))
    text[place] = instead
    alym.config.write_text("\n".join(text) + "\n")
    done = alymd(alym, "--check-config")
    assert done.returncode == CONFIG, done.stderr
    said = re.search(rf"{re.escape(str(alym.config))}:(\d+): (.*)", done.stderr)
    assert said, done.stderr
    assert what in said[2], done.stderr
    section = max(i for i in range(place + 1) if text[i].startswith("["))
    assert int(said[1]) - 1 in (place, section), done.stderr


# ---- two of them, and the end ----


def test_a_second_daemon_by_the_same_file_is_told_who_runs(portal: Portal) -> None:
    """Port and folder are both taken: the folder says why."""
    alym = portal.alym
    done = alymd(alym)
    assert done.returncode == TAKEN, done.stderr
    assert f"another alymd (process {alym.process.pid}) runs on {alym.folder}/state" in done.stderr
    assert portal.create()["state"] == "open"
    alym.kill()
    alym.begin()  # a lock of the dead holds nobody


def test_sigterm_answers_a_poll_that_is_held(portal: Portal) -> None:
    alym = portal.alym
    answers: list[Answer] = []

    def poll() -> None:
        with alym.client(timeout_s=60) as client:
            answers.append(client.get("/v1/events?wait=60"))

    before, asked = portal.metric("alym_calls_total"), 0
    polling = threading.Thread(target=poll)
    polling.start()
    while portal.metric("alym_calls_total") - before == (asked := asked + 1):
        assert asked < 10000, "the poll does not arrive"
    began = time.monotonic()
    alym.signal(SIGTERM)
    polling.join()
    alym.stop_cleanly()
    assert time.monotonic() - began < 30
    assert (answers[0].status, answers[0].json["items"]) == (200, [])


def test_sigterm_under_load_loses_nothing(portal: Portal) -> None:
    alym = portal.alym
    answers: dict[str, Answer] = {}

    def create(number: int) -> None:
        with alym.client() as client:
            for name in (f"{number}-{i}" for i in range(100000)):
                try:
                    body = {"reference": name, "quote": EXIT_VISA}
                    answers[name] = client.post("/v1/payments", body, key=name)
                except OSError:
                    return

    creating = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in creating:
        thread.start()
    wait_until(lambda: len(answers) > 40, 30, "payments")
    alym.signal(SIGTERM)
    for thread in creating:
        thread.join()
    alym.stop_cleanly()
    assert {answer.status for answer in answers.values()} <= {201, 503}
    alym.begin()
    with alym.client() as client:
        for name, answer in answers.items():
            again = client.post("/v1/payments", {"reference": name, "quote": EXIT_VISA}, key=name)
            is_replayed = again.headers.get("Idempotency-Replayed") == "true"
            assert is_replayed == (answer.status == 201)  # 503: nothing was written
            assert not is_replayed or (again.status, again.bytes) == (201, answer.bytes)


def test_a_reload_asked_for_too_early_does_not_end_it(make_alym: Callable[..., Alym]) -> None:
    """SIGHUP ends a process that does not expect it; who has begun to read the law does."""
    alym = make_alym()
    alym.begin(wait=False)
    while not (alym.folder / "state").exists():
        assert alym.running
    while "engine.ready" not in alym.said():
        alym.signal(SIGHUP)
        assert alym.running, alym.process.poll()
    alym.wait_ready()
    alym.stop_cleanly()


def test_a_storm_of_reloads_stops_nobody(portal: Portal) -> None:
    """A thousand signals are not a thousand reloads in a row while everybody waits."""
    stop = threading.Event()

    def storm() -> None:
        while not stop.is_set():
            portal.alym.signal(SIGHUP)

    storming = threading.Thread(target=storm)
    storming.start()
    slowest = 0.0
    try:
        for number in range(50):
            began = time.monotonic()
            assert portal.create(f"R{number}")["state"] == "open"
            slowest = max(slowest, time.monotonic() - began)
    finally:
        stop.set()
        storming.join()
    assert slowest < 5
