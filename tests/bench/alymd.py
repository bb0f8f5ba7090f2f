# SPDX-License-Identifier: Apache-2.0
"""alymd as it is shipped, with a book, certificates and a bank's secret of its own."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import sys
import time
from http.client import HTTPResponse
from pathlib import Path
from typing import Sequence

from postgres import Figures
from program import BenchError, Program, run

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from law import law_data  # noqa: E402
from ports import free_port  # noqa: E402

MERCHANT = "bench"
WARM_MS = 300


class Alymd(Program):
    def __init__(self, folder: Path, build: Path, environment: dict[str, str]) -> None:
        super().__init__("alymd", folder / "alymd.log")
        self._folder = folder
        self._build = build
        self._environment = environment
        self._port = 0
        self.socket = folder / "alym.sock"

    def _configure(self) -> Path:
        run(["bash", ROOT / "scripts/certificates", self._folder / "certificates"])
        secret = self._folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(16) + "\n")
        self._port = free_port()
        certificates = self._folder / "certificates"
        config = self._folder / "alym.conf"
        config.write_text(
            f"""[daemon]
state_dir = {self._folder}/state
socket = {self.socket}
log_level = warning

[https]
listen = 127.0.0.1:{self._port}
certificate = {certificates}/alymd.pem
private_key = {certificates}/alymd.key
public_url = https://127.0.0.1:{self._port}
peer_calls_per_second = 0

[tariff]
data_dir = {law_data()}

[gateway sandbox]
plugin = {self._build}/gateways/sandbox.so
endpoint = https://127.0.0.1:{self._port}/nobody
ca = {certificates}/ca.pem
merchant = {MERCHANT}
secret_file = {secret}
timezone = Asia/Almaty
calls_per_second = 0
"""
        )
        return config

    def open(self, anew: bool = True) -> float:
        """Begins with an empty book, or with the one that lies there; gives the seconds it took."""
        if anew:
            shutil.rmtree(self._folder / "state", ignore_errors=True)
        config = self._configure()
        before = time.perf_counter()
        self.start([self._build / "daemon/alymd", "--config", config], self._environment)
        self.wait_ready(self._is_ready)
        return time.perf_counter() - before

    def ask(self, path: str) -> float:
        """Seconds until all of an answer is there."""
        before = time.perf_counter()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: alymd\r\n\r\n".encode())
            answer = HTTPResponse(client)
            answer.begin()
            body = answer.read()
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {body.decode()}")
        return time.perf_counter() - before

    def _is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.socket))
                client.sendall(b"GET /readyz HTTP/1.1\r\nHost: alymd\r\n\r\n")
                return client.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def measure(
        self, mode: str, clients: int, seconds: int, depth: int = 1, words: Sequence[str] = ()
    ) -> Figures:
        command = [self._build / "tests/bench/alym_load", "--mode", mode, "--socket", self.socket]
        command += ["--clients", clients, "--seconds", seconds, "--depth", depth]
        command += ["--warm-ms", WARM_MS, *words]
        if mode == "pay":
            command += ["--address", f"127.0.0.1:{self._port}", "--merchant", MERCHANT]
            command += ["--ca", self._folder / "certificates/ca.pem"]
            command += ["--secret-file", self._folder / "secret"]
        before_us = self.cpu_us()
        try:
            said = json.loads(run(command))
        except BenchError as error:
            raise BenchError(f"{error}\n{self.said()}") from None
        return Figures(
            per_second=said["per_second"],
            mean_us=said["mean_us"],
            p50_us=said["p50_us"],
            p99_us=said["p99_us"],
            p999_us=said["p999_us"],
            cpu_us=(self.cpu_us() - before_us) / said["finished_ever"],
            memory_mib=self.memory_mib("VmHWM"),
        )

    def close(self) -> None:
        status = self.stop()
        if status != 0:
            raise BenchError(f"alymd ended with {status}:\n{self.said()}")
