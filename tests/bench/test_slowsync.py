# SPDX-License-Identifier: Apache-2.0
"""The shim: flushes take as long as they were told to, and errors still come through."""

from __future__ import annotations

import os
import subprocess
import sys

SYNC_US = 20000

TRIED = """
import os, tempfile, time
with tempfile.TemporaryFile() as file:
    for sync in os.fsync, os.fdatasync:
        before = time.monotonic()
        sync(file.fileno())
        print(time.monotonic() - before)
reader, writer = os.pipe()
try:
    os.fdatasync(writer)
except OSError as error:
    print(error.errno)
"""


def main() -> int:
    environment = {**os.environ, "LD_PRELOAD": sys.argv[1], "SYNC_US": str(SYNC_US)}
    done = subprocess.run(
        ["/usr/bin/python3", "-c", TRIED], env=environment, capture_output=True, text=True
    )
    words = done.stdout.split()
    print(done.stdout, done.stderr)
    assert len(words) == 3, "two flushes and an error"
    assert all(float(word) * 1e6 >= SYNC_US for word in words[:2])
    assert words[2] == "22", "EINVAL: a pipe can not be flushed"
    return 0


if __name__ == "__main__":
    sys.exit(main())
