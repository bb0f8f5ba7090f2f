# SPDX-License-Identifier: Apache-2.0
"""How alymd starts and ends: its command line, its configuration, its folder, its signals."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile
import threading
import uuid
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from daemon import BUILD, ROOT, Alym, wait_until
from law import law_data
from portal import AT_A_BANK, EXIT_VISA, Portal
from raw import Raw, get

STOPPED, USAGE, BOOK, SYSTEM, TAKEN, CONFIG = 0, 64, 70, 71, 75, 78


def alymd(*words: str) -> subprocess.CompletedProcess[str]:
    command = [str(BUILD / "daemon/alymd"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_line() -> None:
    assert alymd("--version").stdout.startswith("alymd ")
    assert "usage:" in alymd("--help").stdout
    assert alymd("--help-config").stdout == (ROOT / "docs/CONFIG.md").read_text()
    for words in (["--colour"], ["--config"], ["x"], ["--help", "--version"], ["--config", "a", "--config", "b"]):
        done = alymd(*words)
        assert done.returncode == USAGE and "usage:" in done.stderr, words


def test_a_mistake_ends_with_78_and_names_the_line(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    config = str(alym.config)
    assert alymd("--check-config", "--config", config).returncode == STOPPED
    good = alym.config.read_text()
    mistakes = [
        (good.replace("[tariff]", "[tarif]"), "unknown section [tarif]", "[tarif]"),
        (good.replace("merchant", "marchent"), "unknown key marchent", "marchent"),
        (good.replace("uid = ", "uid = -"), "uid = -", "uid"),
        (good.replace("sandbox.so", "nosuch.so"), "nosuch.so", "[gateway sandbox]"),
    ]
    for text, what, where in mistakes:
        alym.config.write_text(text)
        line = 1 + next(i for i, text in enumerate(text.splitlines()) if where in text)
        for words in (["--check-config"], []):
            done = alymd("--config", config, *words)
            assert done.returncode == CONFIG, done.stderr
            assert f"{config}:{line}: " in done.stderr, (line, done.stderr)
            assert what in done.stderr
    assert not alym.socket.exists()
    assert alymd("--config", "/nowhere/alym.conf").returncode == CONFIG


def test_other_files_are_looked_at_as_well(make_alym: Callable[..., Alym], tmp_path: Path) -> None:
    alym = make_alym()
    good = alym.config.read_text()
    broken = tmp_path / "tariff"
    broken.mkdir()
    faults = [
        (good.replace("alymd.pem", "alymd.key"), "certificate"),
        (good.replace("alymd.key", "bank.key"), "private_key"),
        (good.replace(f"data_dir = {law_data()}", f"data_dir = {broken}"), str(broken)),
        (good.replace("Asia/Almaty", "Asia/Nowhere"), "Asia/Nowhere"),
    ]
    for text, what in faults:
        alym.config.write_text(text)
        done = alymd("--check-config", "--config", str(alym.config))
        assert done.returncode == CONFIG and what in done.stderr, done.stderr


def test_a_gateway_that_hears_everybody_is_told_of(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    good = alym.config.read_text()
    words = ("--check-config", "--config", str(alym.config))
    done = alymd(*words)
    assert done.returncode == STOPPED
    assert done.stderr.count("event=gateway.hears_everybody gateway=sandbox") == 1, done.stderr
    for section, line in (("[gateway sandbox]", "allow = 10.0.0.0/8"), ("[https]", f"client_ca = {alym.ca}")):
        alym.config.write_text(good.replace(section, f"{section}\n{line}"))
        done = alymd(*words)
        assert done.returncode == STOPPED and done.stderr == "", done.stderr
    alym.config.write_text(good)
    alym.begin()
    assert alym.said().count("event=gateway.hears_everybody gateway=sandbox") == 1


def test_a_secret_that_everybody_may_read_is_refused(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    alym.bank.secret_file.chmod(0o644)
    done = alymd("--check-config", "--config", str(alym.config))
    assert done.returncode == CONFIG and "everybody may read" in done.stderr
    assert alym.bank.secret_file.read_text().strip() not in done.stderr


def test_keys_and_secrets_may_come_from_systemd(
    make_alym: Callable[..., Alym], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alym = make_alym()
    given = tmp_path / "credentials"
    given.mkdir(mode=0o700)
    good = alym.config.read_text()
    key = next(line for line in good.splitlines() if line.startswith("private_key"))
    alym.config.write_text(
        good.replace(key, "private_key = credential:key").replace(
            f"secret_file = {alym.bank.secret_file}", "secret_file = credential:kassa.secret"
        )
    )
    assert alym.config.read_text().count("credential:") == 2
    shutil.copy(key.split(" = ")[1], given / "key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    done = alymd("--check-config", "--config", str(alym.config))
    assert done.returncode == CONFIG and str(given / "kassa.secret") in done.stderr, done.stderr
    shutil.copy(alym.bank.secret_file, given / "kassa.secret")
    alym.open()
    with Portal(alym) as portal:
        portal.create_at_bank()  # which took the order for ours, by the secret


def test_the_folder_is_the_daemons_own(alym: Alym) -> None:
    state = alym.folder / "state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for path in state.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert (state / "checkpoint.key").stat().st_size == 32
    assert (state / "alymd.lock").read_text().strip() == str(alym.process.pid)
    assert stat.S_IMODE(alym.socket.stat().st_mode) == 0o660


def test_there_is_one_daemon_for_a_folder(alym: Alym) -> None:
    config = alym.config.read_text().replace(f"listen = 127.0.0.1:{alym.port}", "listen = 127.0.0.1:0")
    second = alym.folder / "second.conf"
    second.write_text(config)
    done = alymd("--config", str(second))
    assert done.returncode == TAKEN
    assert f"process {alym.process.pid}" in done.stderr
    with alym.client() as client:  # its socket is still there
        assert client.get("/readyz").status == 200


def test_a_socket_that_somebody_answers_on_is_left_to_him(alym: Alym) -> None:
    config = alym.config.read_text().replace(f"listen = 127.0.0.1:{alym.port}", "listen = 127.0.0.1:0")
    second = alym.folder / "second.conf"
    second.write_text(config.replace(f"{alym.folder}/state", f"{alym.folder}/state2"))
    done = alymd("--config", str(second))
    assert done.returncode == SYSTEM
    assert f"somebody listens on {alym.socket} already" in done.stderr
    with alym.client() as client:
        assert client.get("/readyz").status == 200


def test_a_socket_that_is_not_its_own_any_more_stays(alym: Alym) -> None:
    alym.socket.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(alym.socket))
        alym.stop_cleanly()
        assert alym.socket.is_socket()


def test_a_port_that_is_taken_is_told(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    with socket.socket() as other:
        other.bind(("127.0.0.1", alym.port))
        other.listen()
        (alym.folder / "state").mkdir()
        done = alymd("--config", str(alym.config))
    assert done.returncode == SYSTEM and f"listen on 127.0.0.1:{alym.port}" in done.stderr


def test_it_comes_back_with_the_same_key(alym: Alym) -> None:
    with alym.client() as client:
        before = client.get("/v1/ledger/key").bytes
    alym.kill()
    assert alym.socket.exists()  # of a daemon that is no more
    alym.begin()
    with alym.client() as client:
        assert client.get("/v1/ledger/key").bytes == before


def test_sigterm_lets_answers_leave(alym: Alym) -> None:
    idle = Raw.unix(alym.socket)
    idle.say(get("/livez"))
    assert idle.hear() is not None
    polling = Raw.unix(alym.socket)
    polling.say(get("/v1/events?wait=30"))
    with alym.client() as client:
        assert client.get("/livez").status == 200  # the poll was read before this
    alym.signal(signal.SIGTERM)
    heard = polling.hear()
    assert heard is not None and heard.status in (200, 503)
    assert polling.is_closed() and idle.is_closed()
    alym.stop_cleanly()
    assert not alym.socket.exists()
    idle.socket.close()
    polling.socket.close()


def test_signals_that_come_twice(alym: Alym) -> None:
    for _ in range(20):
        alym.signal(signal.SIGHUP)
    wait_until(lambda: "config.reloaded" in alym.said(), 10, "a reload")
    alym.signal(signal.SIGTERM)
    alym.signal(signal.SIGTERM)
    assert alym.stop(signal.SIGINT) == STOPPED


def test_a_second_signal_ends_whatever_is_under_way(alym: Alym) -> None:
    """Payments are written and registered at the bank, polls read and woken: none is owed more."""

    def create() -> None:
        with alym.client() as client:
            while True:
                body = {"reference": uuid.uuid4().hex, "quote": EXIT_VISA, **AT_A_BANK}
                client.post("/v1/payments", body)

    def follow() -> None:
        after = "e1-0"
        with alym.client() as client:
            while (answer := client.get(f"/v1/events?wait=30&after={after}")).status == 200:
                after = answer.json["next"]

    def has_payments() -> bool:
        with alym.client() as client:
            return "\nalym_payments_created_total 0\n" not in client.get("/metrics").json

    def until_it_ends(act: Callable[[], None]) -> None:
        with suppress(OSError):
            act()

    for _ in range(5):
        acts = 4 * [create] + 12 * [follow]
        threads = [threading.Thread(target=until_it_ends, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        wait_until(has_payments, 30, "a payment")
        alym.signal(signal.SIGTERM)
        alym.signal(signal.SIGINT)
        alym.stop_cleanly()
        for thread in threads:
            thread.join()
        alym.begin()


def test_signals_that_keep_coming_do_not_change_how_it_ends(alym: Alym) -> None:
    for number in 4 * [signal.SIGTERM, signal.SIGINT]:
        while alym.running:
            alym.signal(number)
        alym.stop_cleanly()
        alym.begin()


def test_without_a_file_the_caller_has_all_roles(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"client test": None, "gateway sandbox": None, "https": None})
    alym.begin()
    with alym.client() as client:
        assert client.get("/v1/services").status == 200
        assert client.get("/v1/ledger/accounts").status == 200
    alym.stop_cleanly()


def test_roles_come_from_the_configuration(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"client test": {"uid": None, "gid": os.getgid(), "roles": "auditor"}})
    alym.begin()
    with alym.client() as client:
        assert client.get("/v1/ledger/accounts").status == 200
        assert client.get("/v1/events").status == 403
        alym.configure({"client test": {"roles": "service"}})
        alym.signal(signal.SIGHUP)
        wait_until(lambda: "config.reloaded" in alym.said(), 10, "the reload")
        assert client.get("/v1/ledger/accounts").status == 403  # the same connection
        assert client.get("/v1/events").status == 200
    alym.stop_cleanly()


# ---- a disk that fills up ----

OWN_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


def can_mount() -> bool:
    try:
        return subprocess.run([*OWN_DISK, "mount -t tmpfs none /mnt"], timeout=10).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_mount(), reason="no mount namespaces for us")
def test_a_full_disk_ends_with_70(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"client test": {"uid": 0}, "daemon": {"disk_reserve_mb": 0}})
    state = alym.folder / "state"
    state.mkdir()
    script = f"mount -t tmpfs -o size=1m,mode=700 none {state} && exec {BUILD}/daemon/alymd --config {alym.config}"
    alym.bank.open(alym.callback_url)
    alym.start([*OWN_DISK, script], alym.folder, {})
    alym.wait_ready()
    quote: dict[str, Any] = {"service": "visa.multiple", "action": "issue"}
    quote["applicant"] = {"nationality": "IN"}
    with alym.client() as client:
        statuses = []
        while not statuses or statuses[-1] == 201:
            body = {"reference": f"full-{len(statuses)}", "quote": quote}
            statuses.append(client.post("/v1/payments", body).status)
    assert statuses[-1] == 503 and len(statuses) < 5000
    assert alym.process is not None
    assert alym.process.wait(30) == BOOK
    assert "event=book.failed" in alym.said()
    assert not alym.socket.exists()


def test_a_damaged_book_ends_with_70_and_stays_as_it_is(alym: Alym) -> None:
    with alym.client() as client:
        quote = {"service": "visa.exit", "action": "issue", "applicant": {"nationality": "IN"}}
        for name in ("one", "two"):
            assert client.post("/v1/payments", {"reference": name, "quote": quote}).status == 201
    alym.stop_cleanly()
    path = alym.folder / "state/book.db"
    with closing(sqlite3.connect(path)) as book:
        book.execute("DROP TRIGGER record_remains")
        book.execute("DELETE FROM record WHERE number = 3")
        book.commit()
    damaged = path.read_bytes()
    done = alymd("--config", str(alym.config))
    assert done.returncode == BOOK
    assert "the book is damaged: table record, row 3: is missing" in done.stderr, done.stderr
    assert path.read_bytes() == damaged


# ---- becoming somebody else ----


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that any user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="alym_user", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_user_for_good(
    make_alym: Callable[..., Alym], open_folder: Path
) -> None:
    state = open_folder / "state"
    alym = make_alym(
        {"daemon": {"user": "nobody", "state_dir": state, "socket": state / "alym.sock"}}
    )
    alym.socket = state / "alym.sock"
    alym.begin()
    assert alym.process is not None
    ids = Path(f"/proc/{alym.process.pid}/status").read_text().splitlines()
    uids = next(line.split()[1:] for line in ids if line.startswith("Uid:"))
    assert len(set(uids)) == 1 and uids[0] == str(state.stat().st_uid) != "0"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    with alym.client() as client:
        assert client.get("/v1/services").status == 200
    alym.signal(signal.SIGHUP)  # what only root may read is not read again
    wait_until(lambda: "config.not_reloaded" in alym.said(), 10, "the refusal")
    with alym.client() as client:
        assert client.get("/v1/services").status == 200
    alym.stop_cleanly()
