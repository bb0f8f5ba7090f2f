# SPDX-License-Identifier: Apache-2.0
"""The real alymd in a folder of its own: configuration, certificates, life and death."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import tempfile
import time
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any, Optional

from bank.control import Control
from client import Client
from law import law_data
from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ALYM_BUILD", "build/debug")
MERCHANT = "demo"
START_TIMEOUT_S = 60.0  # sanitized builds on a busy machine
STOP_TIMEOUT_S = 60.0

# What no run may leave on stderr, whatever the test was about.
REPORTS = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error: |Assertion .* failed"
)


def wait_until(true: Any, timeout_s: float, what: str) -> Any:
    """The first true value that `true()` gives; AssertionError when time is up."""
    deadline = time.monotonic() + timeout_s
    while not (value := true()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}"
        time.sleep(0.01)
    return value


class Program:
    """A process of ours, known by its id, with what it said kept in files."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.process: Optional[subprocess.Popen[bytes]] = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, command: list[Any], cwd: Path, environment: dict[str, str]) -> None:
        assert not self.running, f"{self.name} runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: int = SIGTERM) -> int:
        """Ends it; the exit status, negative when a signal killed it."""
        if self.process is None:
            return 0
        if self.running:
            self.signal(number)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end:\n{self.said()}") from None

    def kill(self) -> None:
        """As a power failure would, but for the page cache."""
        if self.running:
            self.signal(SIGKILL)
        if self.process is not None:
            self.process.wait()

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class BankProgram(Program):
    """The simulator in a process of its own; restarted, it keeps its port and its memory."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        super().__init__("bank", folder)
        self._folder = folder
        self._certificates = certificates
        self.secret_file = folder / "secret"
        self.secret_file.touch(mode=0o600)
        self.secret_file.write_text(secrets.token_hex(16) + "\n")
        self.secret_file.chmod(0o600)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.control = Control(self.url, str(certificates / "ca.pem"))

    def open(self, callback_url: str) -> None:
        announce = self._folder / "bank.port"
        announce.unlink(missing_ok=True)
        command: list[Any] = ["/usr/bin/python3", "-m", "bank", "--listen", f"127.0.0.1:{self.port}"]
        command += ["--cert", self._certificates / "bank.pem"]
        command += ["--key", self._certificates / "bank.key"]
        command += ["--ca", self._certificates / "ca.pem"]
        command += ["--secret-file", self.secret_file, "--merchant", MERCHANT]
        command += ["--state", self._folder / "bank.state", "--announce", announce]
        command += ["--callback-url", callback_url]
        self.start(command, ROOT / "tests", {})
        wait_until(lambda: announce.exists() or not self.running, 30, "the bank")
        assert self.running, self.said()


class Alym(Program):
    """alymd with a bank beside it.

    `settings` adds to or overrides the configuration: {"daemon": {"user": "alym"}, ...}; a value of
    None takes a key out, and a section None takes the section out.
    """

    def __init__(
        self,
        folder: Path,
        certificates: Path,
        settings: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__("alymd", folder)
        self.folder = folder
        self.certificates = certificates
        self.ca = str(certificates / "ca.pem")
        # A socket's path may have 107 bytes only, and pytest's folders are deep.
        self._short = tempfile.TemporaryDirectory(prefix="alym")
        self.socket = Path(self._short.name) / "alym.sock"
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.callback_url = f"{self.url}/callbacks/sandbox"
        self.bank = BankProgram(folder, certificates)
        self.config = folder / "alym.conf"
        self.settings = self._defaults()
        self.configure(settings or {})

    def _defaults(self) -> dict[str, dict[str, Any]]:
        return {
            "daemon": {"state_dir": self.folder / "state", "socket": self.socket},
            "https": {
                "listen": f"127.0.0.1:{self.port}",
                "certificate": self.certificates / "alymd.pem",
                "private_key": self.certificates / "alymd.key",
                "public_url": self.url,
            },
            "tariff": {"data_dir": law_data()},
            "client test": {"uid": os.getuid(), "roles": "service auditor operator"},
            "gateway sandbox": {
                "plugin": BUILD / "gateways/sandbox.so",
                "endpoint": self.bank.url,
                "ca": self.ca,
                "merchant": MERCHANT,
                "secret_file": self.bank.secret_file,
                "timezone": "Asia/Almaty",
            },
        }

    def configure(self, settings: dict[str, Any]) -> None:
        """Writes the configuration with these changes; alymd reads it at start or on SIGHUP."""
        for section, keys in settings.items():
            if keys is None:
                self.settings.pop(section, None)
                continue
            merged = {**self.settings.get(section, {}), **keys}
            self.settings[section] = {k: v for k, v in merged.items() if v is not None}
        lines = []
        for section, keys in self.settings.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {value}" for key, value in keys.items()]
        self.config.write_text("\n".join(lines) + "\n")

    def open(self) -> None:
        """Bank first, then alymd; both are ready afterwards."""
        if not self.bank.running:
            self.bank.open(self.callback_url)
        self.begin()

    def begin(self, wait: bool = True) -> None:
        environment = {
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:abort_on_error=0",
            "UBSAN_OPTIONS": "print_stacktrace=1",
            "TSAN_OPTIONS": "halt_on_error=0:exitcode=66",
        }
        self.start([BUILD / "daemon/alymd", "--config", self.config], self.folder, environment)
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        wait_until(lambda: self._is_ready() or not self.running, START_TIMEOUT_S, "alymd")
        assert self.running, f"alymd ended with {self.process.poll()}:\n{self.said()}"

    def _is_ready(self) -> bool:
        try:
            with self.client() as client:
                return client.get("/readyz").status == 200
        except OSError:
            return False

    def client(self, timeout_s: float = 30) -> Client:
        """A connection to the socket; `with alym.client() as client:` closes it."""
        return Client(self.socket, timeout_s)

    def restart(self) -> None:
        self.stop_cleanly()
        self.begin()

    def stop_cleanly(self) -> None:
        """SIGTERM: status 0, and nothing on stderr that a sanitizer or an assertion says."""
        started = self.process is not None
        status = self.stop()
        said = self.said()
        found = REPORTS.search(said)
        assert not found, f"alymd said {found[0]!r}:\n{said[-20000:]}"
        assert not started or status == 0, f"alymd ended with {status}:\n{said[-5000:]}"

    def close(self, cleanly: bool = True) -> None:
        """Ends both; `cleanly` also checks how alymd ended, when it was not stopped before."""
        try:
            if cleanly and self.running:
                self.stop_cleanly()
            else:
                self.kill()
            found = REPORTS.search(self.said())
            assert not found, f"alymd said {found[0]!r}:\n{self.said()[-20000:]}"
        finally:
            self.kill()
            self.bank.kill()
            self._short.cleanup()

    def alymctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(BUILD / "tools/alymctl"), "--socket", str(self.socket), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, f"alymctl {words}: {done.stderr}"
        return done
