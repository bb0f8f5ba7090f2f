# SPDX-License-Identifier: Apache-2.0
"""What the figures were measured on, and whether it has time for us."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import ssl
import subprocess
import time
from pathlib import Path

SYNCS = 500
SYNC_SIZE = 4096
IDLE_SHARE = 0.9
IDLE_LOOK_S = 0.3


def sync_us(folder: Path) -> float:
    """The median of what it takes to append 4 KiB and fdatasync."""
    took = []
    path = folder / "sync"
    with open(path, "wb", buffering=0) as file:
        for _ in range(SYNCS):
            before = time.perf_counter()
            file.write(bytes(SYNC_SIZE))
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - before) * 1e6)
    path.unlink()
    return sorted(took)[SYNCS // 2]


def _file_system(folder: Path) -> str:
    done = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _commit(root: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--dirty"], capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"


def describe(root: Path, folder: Path, postgres: str) -> str:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {memory:.0f} GiB, "
        f"Linux {platform.release()}, {_file_system(folder)}, fdatasync {sync_us(folder):.0f} us; "
        f"SQLite {sqlite3.sqlite_version}, {ssl.OPENSSL_VERSION.rsplit(' ', 3)[0]}, "
        f"PostgreSQL {postgres}; commit {_commit(root)}"
    )


def slow_syncs(build: Path, folder: Path, sync_us: int) -> dict[str, str]:
    """What makes each sync of a program take so long, as its environment."""
    if sync_us == 0:
        return {}
    shim = folder / "slowsync.so"  # where PostgreSQL's user may read it
    if not shim.exists():  # once: a library in use must not be written over
        shutil.copy(build / "tests/bench/slowsync.so", shim)
        shim.chmod(0o755)
    return {"LD_PRELOAD": str(shim), "SYNC_US": str(sync_us)}


def _ticks() -> tuple[int, int, int]:
    """Idle, stolen by the host, all: guests' time is part of the user's."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return fields[3] + fields[4], fields[7], sum(fields)


class Steal:
    """What share of the processors' time the host took away since this was made."""

    def __init__(self) -> None:
        _, self._stolen, self._all = _ticks()

    def share(self) -> float:
        _, stolen, all_of_it = _ticks()
        return (stolen - self._stolen) / max(all_of_it - self._all, 1)


def wait_idle(most_s: float) -> None:
    """Until nobody else works on the machine, but not for ever."""
    deadline = time.monotonic() + most_s
    while time.monotonic() < deadline:
        idle, _, all_of_it = _ticks()
        time.sleep(IDLE_LOOK_S)
        idle_then, _, all_then = _ticks()
        if idle_then - idle >= IDLE_SHARE * (all_then - all_of_it):
            return
