# SPDX-License-Identifier: Apache-2.0
"""Something that goes on, over and over, while something else is measured."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any, Optional

from program import BenchError

BEGIN_S = 0.1  # that it is given before anything is measured


class Meanwhile:
    """A command, again and again.  What makes a file is let end, and the file removed each time."""

    def __init__(self, command: list[Any], made: Optional[Path] = None) -> None:
        self._command = [str(word) for word in command]
        self._made = made

    def _go_on(self) -> None:
        while not self._over.is_set():
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE)
            while self._made is None and process.poll() is None:
                if self._over.wait(0.02):
                    process.kill()
            _, complaint = process.communicate()
            if process.returncode > 0:
                self._wrong = f"{' '.join(self._command)}: {process.returncode} {complaint.decode()}"
                return
            if self._made is not None:
                self._made.unlink()

    def __enter__(self) -> None:
        self._over = Event()
        self._wrong = ""
        self._thread = Thread(target=self._go_on)
        self._thread.start()
        time.sleep(BEGIN_S)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._wrong:
            raise BenchError(self._wrong)
