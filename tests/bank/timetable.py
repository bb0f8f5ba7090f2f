# SPDX-License-Identifier: Apache-2.0
"""Things to be done at some moment, by a few worker threads."""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
import time
import traceback
from typing import Callable

WORKERS = 8


class Timetable:
    def __init__(self, workers: int = WORKERS) -> None:
        self._changed = threading.Condition()
        self._jobs: list[tuple[float, int, bool, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._pending = 0
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{i}", daemon=True)
            for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def after(self, delay_s: float, job: Callable[[], None], background: bool = False) -> None:
        """`background`: idle() does not wait for it."""
        with self._changed:
            due = time.monotonic() + delay_s
            heapq.heappush(self._jobs, (due, next(self._numbers), background, job))
            self._pending += not background
            self._changed.notify_all()

    def idle(self, timeout_s: float) -> bool:
        """Waits until nothing is to be done; False: there still is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending or self._stopped, timeout_s)

    def stop(self) -> None:
        """Forgets what is not due; waits for what is running."""
        with self._changed:
            self._stopped = True
            self._jobs.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)

    def _next(self) -> tuple[bool, Callable[[], None]] | None:
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if self._jobs and self._jobs[0][0] <= now:
                    return heapq.heappop(self._jobs)[2:]
                self._changed.wait(self._jobs[0][0] - now if self._jobs else None)
            return None

    def _work(self) -> None:
        while found := self._next():
            background, job = found
            try:
                job()
            except Exception:  # a job's mistake must not stop the others; tests read stderr
                print("bank: a timed job failed", file=sys.stderr)
                traceback.print_exc()
            with self._changed:
                self._pending -= not background
                self._changed.notify_all()
