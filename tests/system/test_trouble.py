# SPDX-License-Identifier: Apache-2.0
"""What the world does to a daemon: no room on the disk, a bank with a stranger's certificate, a
configuration that no longer knows what the book knows."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from auditor import Book
from client import Answer, Client
from daemon import BUILD, ROOT, Alym, wait_until
from portal import AT_A_BANK, EXIT_VISA, Portal, money

DUE = 216250
BOOK_FAILED = 70


# ---- the file ----

REPORTS = {
    "/v1/reports/trial-balance": "table account, row 1: its currency is unknown",
    "/v1/reports/relief": "table account, row 1: its currency is unknown",
    "/v1/reports/settlement": "table account, row 1: its currency is unknown",
    "/v1/reports/commission": "table account, row 1: its currency is unknown",
    "/v1/ledger/accounts": "table account, row 1: its currency is unknown",
    "/v1/ledger/balances": "table account, row 1: its currency is unknown",
    "/v1/ledger/entries": "table posting, row 1: its currency is unknown",
    "/v1/ledger/entries/1": "table posting, row 1: its currency is unknown",
    "/v1/ledger/records/4": "table record, row 4: leaf is not what it must be",
}


def test_a_row_that_is_none_fails_what_reads_it_and_nothing_else(alym: Alym) -> None:
    """Tampered with while alymd runs: each answer says so, the log names the row."""
    with Portal(alym) as portal:
        made = portal.post("/v1/payments", {"reference": "R", "quote": EXIT_VISA, **AT_A_BANK})
        portal.reach(made, attempt="pending")
        portal.pay_by_page(made)
        portal.reach(made, "paid")
        done = subprocess.run(
            ["sqlite3", str(alym.folder / "state/book.db")],
            input="DROP TRIGGER account_stays; DROP TRIGGER record_stays;"
            "PRAGMA ignore_check_constraints = ON;"
            "UPDATE account SET currency = 'QQQ'; UPDATE record SET leaf = x'' WHERE number = 4;",
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        for path, why in REPORTS.items():
            before = len(alym.said())
            answer = portal.client.get(path)
            assert (answer.status, answer.json["code"]) == (503, "unavailable"), path
            said = alym.said()[before:]
            assert f"the book is damaged: {why}" in said, (path, said)
        assert portal.client.get("/livez").status == 200
        assert portal.client.get(f"/v1/payments/{made['id']}").status == 200


# ---- the disk ----


def test_when_little_disk_is_left_callbacks_go_first(make_alym: Callable[..., Alym]) -> None:
    """New payments are refused; money that comes, and all that was promised, is not."""
    alym = make_alym()
    reserve_mb = shutil.disk_usage(alym.folder).total // (1 << 20) + 1
    if reserve_mb > 1 << 20:
        pytest.skip("the disk is too large to be too small")
    alym.open()
    body = {"reference": "R", "quote": EXIT_VISA, **AT_A_BANK}
    with Portal(alym) as portal:
        made = portal.post("/v1/payments", body, key="k")
        portal.reach(made, attempt="pending")
    alym.stop_cleanly()
    alym.configure({"daemon": {"disk_reserve_mb": reserve_mb}})
    alym.begin()
    with Portal(alym) as portal:
        refused = {"reference": "S", "quote": EXIT_VISA}
        portal.refused(503, "overloaded", "POST", "/v1/payments", refused)
        again = portal.client.post("/v1/payments", body, key="k")
        assert (again.status, again.json["id"]) == (201, made["id"])
        portal.pay_by_page(made)
        portal.reach(made, "paid")
        portal.act(made, "fulfilment", {"outcome": "performed"})
        wait_until(lambda: "event=disk.low" in alym.said(), 30, "the warning")


class SmallDisk:
    """A file system of a few megabytes that only processes of ours see."""

    def __init__(self, folder: Path, size: str) -> None:
        folder.mkdir()
        mount = f"mount -t tmpfs -o size={size} small {folder} && echo ready && exec sleep 3600"
        self._keeper = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.is_there = self._keeper.stdout.readline() == b"ready\n"

    def command(self, *words: Any) -> list[str]:
        """The same command, there."""
        enter = f"--target={self._keeper.pid}"
        return ["nsenter", enter, "--user", "--mount", "--preserve-credentials", *map(str, words)]

    def run(self, *words: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self.command(*words), capture_output=True, check=True, timeout=60)

    def close(self) -> None:
        self._keeper.kill()
        self._keeper.wait()
        self._keeper.stdout.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "small", "6m")
    try:
        if not disk.is_there:
            pytest.skip("this kernel gives no namespaces to users")
        yield disk
    finally:
        disk.close()


def test_a_full_disk_ends_the_daemon_and_loses_nothing(
    make_alym: Callable[..., Alym], small_disk: SmallDisk, tmp_path: Path
) -> None:
    """What was acknowledged is there when there is room again; the rest was answered 503."""
    state = tmp_path / "small/state"
    alym = make_alym(
        {
            "daemon": {"state_dir": state, "disk_reserve_mb": 1},
            "client test": {"uid": 0},
            "https": None,
            "gateway sandbox": None,
        }
    )
    begin(alym, small_disk)
    small_disk.run("fallocate", "-l", "2M", tmp_path / "small/ballast")
    acknowledged: dict[str, bytes] = {}
    with alym.client() as client:
        while (answer := create(client, f"R{len(acknowledged)}")).status == 201:
            acknowledged[f"R{len(acknowledged)}"] = answer.bytes
        assert answer.status == 503, answer.json
        assert len(acknowledged) > 10
        fill(small_disk, tmp_path / "small/more")
        for name in acknowledged:  # acts need no reserve, but room
            if not cancels(client, json.loads(acknowledged[name])["id"]):
                break
    status = wait_until(lambda: alym.process.poll(), 60, "alymd to give up")
    assert status == BOOK_FAILED, alym.said()[-2000:]
    small_disk.run("rm", tmp_path / "small/ballast", tmp_path / "small/more")
    begin(alym, small_disk)
    with alym.client() as client:
        for name, once in acknowledged.items():
            assert create(client, name).bytes == once
        verifier = client.get("/v1/ledger/key").json
    alym.stop_cleanly()
    copy = alym.folder / "book.db"
    copy.write_bytes(small_disk.run("cat", state / "book.db").stdout)
    with Book(copy) as book:
        book.audit(verifier)


def create(client: Client, name: str) -> Answer:
    return client.post("/v1/payments", {"reference": name, "quote": EXIT_VISA}, key=name)


def cancels(client: Client, payment: str) -> bool:
    try:
        answer = client.post(f"/v1/payments/{payment}/cancel")
    except OSError:
        return False
    assert answer.status in (200, 503), answer.json
    return answer.status == 200


def fill(disk: SmallDisk, path: Path) -> None:
    subprocess.run(
        disk.command("dd", "if=/dev/zero", f"of={path}", "bs=4096"),
        stderr=subprocess.DEVNULL,
        check=False,
    )


def begin(alym: Alym, disk: SmallDisk) -> None:
    command = disk.command(BUILD / "daemon/alymd", "--config", alym.config)
    alym.start(command, alym.folder, {})
    alym.wait_ready()


# ---- who the bank is ----


def test_a_bank_with_a_strangers_certificate_is_told_nothing(
    make_alym: Callable[..., Alym], tmp_path: Path
) -> None:
    strangers = tmp_path / "strangers"
    subprocess.run([ROOT / "scripts/certificates", strangers], check=True)
    alym = make_alym({"gateway sandbox": {"ca": strangers / "ca.pem"}})
    alym.open()
    with Portal(alym) as portal:
        made = portal.create(**AT_A_BANK)
        now = portal.reach(made, attempt="not_attempted")
        assert now["state"] == "open"
        assert alym.bank.control.orders() == []
        failed = [line for line in alym.said().splitlines() if "gateway.exchange_failed" in line]
        assert len(failed) == 1 and "certificate" in failed[0], failed


# ---- what the configuration has forgotten ----


def test_a_gateway_that_is_configured_no_longer(make_alym: Callable[..., Alym]) -> None:
    """Its attempts wait, and are told; everything else works; when it is back they go on."""
    alym = make_alym()
    alym.open()
    with Portal(alym) as portal:
        paid, live = portal.create_at_bank(), portal.create_at_bank()
        portal.pay_by_page(paid)
        portal.reach(paid, "paid")
    alym.stop_cleanly()
    gateway = alym.settings["gateway sandbox"]
    alym.configure({"gateway sandbox": None})
    alym.begin()
    with Portal(alym) as portal:
        wait_until(lambda: "event=dispatch.gateway_missing" in alym.said(), 30, "it to be told")
        assert portal.payment(paid)["state"] == "paid"
        assert portal.payment(live)["attempts"][0]["state"] == "pending"
        assert len(portal.entries()) == 1 and len(portal.events()) == 5
        body = {"reference": uuid.uuid4().hex, "quote": EXIT_VISA, **AT_A_BANK}
        problem = portal.refused(400, "invalid_field", "POST", "/v1/payments", body)
        assert problem["field"] == "gateway"
        assert portal.create()["state"] == "open"
        assert alym.bank.control.pay(portal.order(live))["status"] == "done"
    alym.stop_cleanly()
    alym.configure({"gateway sandbox": gateway})
    alym.begin()
    with Portal(alym) as portal:
        assert portal.reach(live, "paid")["paid"] == money(DUE)
        assert alym.bank.control.idle()
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        book.audit()


def test_a_client_that_is_configured_no_longer(make_alym: Callable[..., Alym]) -> None:
    """Its payments stay its own, for auditors to see, until it is back."""
    alym = make_alym()
    alym.open()
    with Portal(alym) as portal:
        made = portal.create("R")
        first = portal.events()
    alym.stop_cleanly()
    service = alym.settings["client test"]
    alym.configure({"client test": None, "client other": {**service, "roles": "service auditor"}})
    alym.begin()
    with Portal(alym) as portal:
        assert portal.events() == []
        assert portal.payment(made)["reference"] == "R"  # as an auditor
        path = f"/v1/payments/{made['id']}/cancel"
        portal.refused(404, "not_found", "POST", path, {})
        assert portal.create("R")["id"] != made["id"]
    alym.stop_cleanly()
    alym.configure({"client other": None, "client test": service})
    alym.begin()
    with Portal(alym) as portal:
        assert portal.events() == first
        assert portal.act(made, "cancel")["state"] == "cancelled"
