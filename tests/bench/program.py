# SPDX-License-Identifier: Apache-2.0
"""Processes that a measurement starts: known by their ids, ended by their ids."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Optional

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
LOG_SHOWN = 4000  # bytes of a log that are shown when something goes wrong


class BenchError(Exception):
    """The measurement can not go on; the message is for people."""


def kib(status: str, what: str) -> int:
    found = re.search(rf"^{what}:\s+([0-9]+) kB$", status, re.M)
    return int(found[1]) if found else 0  # kernel threads and the dead have none


class Program:
    """A server in the background, its output in a file."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.process: Optional[subprocess.Popen[bytes]] = None

    def start(self, command: list[Any], environment: dict[str, str]) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_ready(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not ready():
            if self.process is None or self.process.poll() is not None:
                raise BenchError(f"{self.name} ended:\n{self.said()}")
            if time.monotonic() > deadline:
                raise BenchError(f"waited in vain for {self.name}:\n{self.said()}")
            time.sleep(0.02)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it and gives its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process = None
        return status

    def cpu_us(self) -> float:
        """Processor time it and its children have used, also those that have ended."""
        assert self.process is not None
        own = str(self.process.pid)
        ticks = 0
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                stat = Path("/proc", process, "stat").read_text()
            except OSError:
                continue  # it has just ended: its parent has its time
            words = stat.rpartition(")")[2].split()
            if process == own:
                ticks += sum(int(word) for word in words[11:15])
            elif words[1] == own:
                ticks += sum(int(word) for word in words[11:13])
        return ticks * 1e6 / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, of: str) -> float:
        """What the kernel says of its process: `VmHWM`, the most it ever had, or `VmRSS`."""
        assert self.process is not None
        status = Path("/proc", str(self.process.pid), "status").read_text()
        return kib(status, of) / 1024

    def children(self) -> list[str]:
        """What the kernel says of each process it has started."""
        assert self.process is not None
        own = f"PPid:\t{self.process.pid}\n"
        said = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                status = Path("/proc", process, "status").read_text()
            except OSError:
                continue
            if own in status:
                said.append(status)
        return said

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_SHOWN:] if self.log.exists() else ""


def run(command: list[Any], environment: Optional[dict[str, str]] = None) -> str:
    """What a command that has to succeed says on its standard output."""
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise BenchError(f"{' '.join(str(word) for word in command)}\n{done.stdout}{done.stderr}")
    return done.stdout
