# SPDX-License-Identifier: Apache-2.0
"""The bank's memory: dictionaries whose every change is appended to a file.

Starting reads the file, then writes it anew in one atomic rename; a last line torn by a crash is
forgotten (nobody was told of it: answers leave after the line is written).
"""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Optional


class Vault:
    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kinds: dict[str, dict[str, Any]] = {}
        self._file = None
        if path:
            self._load(path)
            self._compact(path)
            self._file = open(path, "a", encoding="utf-8")

    def kind(self, name: str) -> dict[str, Any]:
        """The live dictionary of one kind of thing; change it through put() only."""
        return self._kinds.setdefault(name, {})

    def put(self, kind: str, key: str, value: Any) -> None:
        with self._lock:
            self.kind(kind)[key] = value
            if self._file:
                self._file.write(_line(kind, key, value))
                self._file.flush()

    def close(self) -> None:
        with self._lock:
            if self._file and self._path:
                self._file.close()
                self._file = None
                self._compact(self._path)

    def _load(self, path: str) -> None:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if not line.endswith("\n"):
                        break
                    kind, key, value = json.loads(line)
                    self.kind(kind)[key] = value
        except FileNotFoundError:
            pass

    def _compact(self, path: str) -> None:
        new = f"{path}.new"
        with open(new, "w", encoding="utf-8") as file:
            for kind, values in self._kinds.items():
                for key, value in values.items():
                    file.write(_line(kind, key, value))
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)


def _line(kind: str, key: str, value: Any) -> str:
    return json.dumps([kind, key, value], ensure_ascii=False, separators=(",", ":")) + "\n"
