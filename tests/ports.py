# SPDX-License-Identifier: Apache-2.0
"""Free ports of the loopback, for tests and demonstrations.

A program that must know its port before it listens can not ask the system for one at the last
moment, and what the system gives out as free it gives to somebody's next connection too.  So a port
is taken from below those that connections are given.

    /usr/bin/python3 tests/ports.py     # says one
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

FIRST = 10000  # below it live the services people know
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port nobody listens on, and no outgoing connection will be given."""
    end = int(RANGE.read_text().split()[0])
    for _ in range(1000):
        port = random.randrange(FIRST, end)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {FIRST} to {end}")


if __name__ == "__main__":
    print(free_port())
