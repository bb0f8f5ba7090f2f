# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL cluster of its own, for as long as it is measured.

It listens on a Unix socket in its folder only.  PostgreSQL refuses to run as root: then it runs as
the user that Debian's package has made for it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from program import BenchError, Program, kib, run

HERE = Path(__file__).resolve().parent
USER = "postgres"
SAMPLED_AT = 0.7  # of a run: its memory
OF_A_PAYMENT = "payment", "entry", "posting", "idempotency", "outbox"
SAMPLED = 0.1  # of the transactions, whose latencies are kept

# What an administrator would set on such a machine; commits are durable, pages have checksums.
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "300",
    "shared_buffers": "'4GB'",
    "max_wal_size": "'16GB'",
    "min_wal_size": "'2GB'",
    "wal_buffers": "'64MB'",
    "checkpoint_timeout": "'30min'",
    "synchronous_commit": "on",
    "jit": "off",
    "log_min_messages": "error",
}


@dataclass
class Figures:
    """What one run of a load generator found; latencies in microseconds."""

    per_second: float
    mean_us: float
    p50_us: float
    p99_us: float
    p999_us: float
    cpu_us: float  # of the server's processor time, for each that was done
    memory_mib: float = 0.0  # of the server
    stolen: float = 0.0  # share of the processors that the host took meanwhile


def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        raise BenchError("PostgreSQL is not there: scripts/install bench")
    return folders[-1].parent


def share(sorted_us: list[int], of: float) -> float:
    return float(sorted_us[min(int(len(sorted_us) * of), len(sorted_us) - 1)]) if sorted_us else 0.0


class Postgres(Program):
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        super().__init__("PostgreSQL", folder / "postgres.log")
        self._folder = folder
        self._bin = programs()
        self._data = folder / "postgres"
        self._environment = environment
        self._memory_mib = 0.0

    def _as_user(self) -> list[str]:
        if os.getuid() != 0:
            return []
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]

    def open(self) -> None:
        self._data.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self._data, USER, USER)
        # The cluster is made without the slow disk.
        initdb = [self._bin / "initdb", "-D", self._data / "cluster", "-U", USER, "-A", "trust"]
        run([*self._as_user(), *initdb, "-E", "UTF8", "--locale=C", "--data-checksums"])
        command = [*self._as_user(), self._bin / "postgres", "-D", self._data / "cluster"]
        command += ["-k", str(self._data)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value.strip(chr(39))}"]
        self.start(command, self._environment)
        self.wait_ready(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            self.ask("SELECT 1")
        except BenchError:
            return False
        return True

    def _client(self, program: str) -> list[object]:
        return [self._bin / program, "-h", self._data, "-U", USER]

    def ask(self, *commands: str) -> str:
        words: list[object] = []
        for command in commands:
            words += ["-c", command]
        return run([*self._client("psql"), "-d", "postgres", "-qAtX", *words])

    def version(self) -> str:
        return self.ask("SHOW server_version").split()[0]

    def renew(self) -> None:
        """An empty book."""
        schema = HERE / "pg/schema.sql"
        run([*self._client("psql"), "-d", "postgres", "-qX", "-v", "ON_ERROR_STOP=1", "-f", schema])
        self.ask("VACUUM ANALYZE", "CHECKPOINT")

    def _sample_memory(self) -> None:
        """What its backends have of their own, and the shared memory that one of them has touched."""
        of = self.children()
        own = sum(kib(status, "RssAnon") for status in of)
        self._memory_mib = (own + max((kib(status, "RssShmem") for status in of), default=0)) / 1024

    def fill(self, payments: int) -> None:
        """So many payments at once, as pay() leaves them."""
        words = ["-v", f"payments={payments}", "-v", "ON_ERROR_STOP=1"]
        run([*self._client("psql"), "-d", "postgres", "-qX", *words, "-f", HERE / "pg/fill.sql"])

    def bytes_each(self) -> float:
        """Tables and their indexes, for each payment."""
        sizes = " + ".join(f"pg_total_relation_size('{table}')" for table in OF_A_PAYMENT)
        return float(self.ask(f"SELECT ({sizes})::float / (SELECT count(*) FROM payment)"))

    def timed(self, query: str) -> float:
        """Seconds, by the client's own watch and without its start."""
        said = self.ask("\\timing on", "\\o /dev/null", query)
        return float(re.search(r"^Time: ([0-9.]+) ms", said, re.M)[1]) / 1000

    def measure(self, script: str, clients: int, seconds: int, commit_delay: int = 0) -> Figures:
        prefix = self._folder / "pgbench"
        command = [*self._client("pgbench"), "-n", "-M", "prepared", "-f", HERE / f"pg/{script}.sql"]
        command += ["-c", clients, "-j", min(clients, 2), "-T", seconds, "-l"]
        command += ["--sampling-rate", SAMPLED, "--log-prefix", prefix, "postgres"]
        before_us = self.cpu_us()
        sampler = Timer(seconds * SAMPLED_AT, self._sample_memory)
        sampler.start()
        said = run(command, {"PGOPTIONS": f"-c commit_delay={commit_delay} -c commit_siblings=5"})
        used_us = self.cpu_us() - before_us
        sampler.join()
        done = re.search(r"^number of transactions actually processed: ([0-9]+)", said, re.M)
        rate = re.search(r"^tps = ([0-9.]+)", said, re.M)
        mean = re.search(r"^latency average = ([0-9.]+) ms", said, re.M)
        failed = re.search(r"^number of failed transactions: ([0-9]+)", said, re.M)
        if None in (rate, mean, failed, done) or failed[1] != "0":
            raise BenchError(f"pgbench said:\n{said}")
        latencies = []
        for log in self._folder.glob("pgbench.*"):
            latencies += [int(line.split()[2]) for line in log.read_text().splitlines()]
            log.unlink()
        latencies.sort()
        return Figures(
            per_second=float(rate[1]),
            mean_us=float(mean[1]) * 1000,
            p50_us=share(latencies, 0.5),
            p99_us=share(latencies, 0.99),
            p999_us=share(latencies, 0.999),
            cpu_us=used_us / int(done[1]),
            memory_mib=self._memory_mib,
        )

    def close(self) -> None:
        self.stop(signal.SIGINT)
        shutil.rmtree(self._data, ignore_errors=True)
