# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand: the very bytes, and what comes back for them."""

from __future__ import annotations

import json
import socket
import ssl
from pathlib import Path
from typing import Any, NamedTuple, Optional

PATIENCE_S = 30.0


class Heard(NamedTuple):
    status: int
    head: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Raw:
    """A connection of bytes; `with Raw.unix(path) as raw:` closes it."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._rest = b""

    @classmethod
    def unix(cls, path: Path) -> Raw:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE_S)
        connection.connect(str(path))
        return cls(connection)

    @classmethod
    def tls(cls, port: int, context: ssl.SSLContext) -> Raw:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        return cls(context.wrap_socket(plain, server_hostname="127.0.0.1"))

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, *texts: bytes) -> None:
        """Sends; that the daemon has closed meanwhile is for the reader to find out."""
        try:
            self.socket.sendall(b"".join(texts))
        except OSError:
            pass

    def _more(self) -> bool:
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self._rest += piece
        return bool(piece)

    def hear(self) -> Optional[Heard]:
        """The next answer; None at the end of the connection."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                assert not self._rest, f"half an answer: {self._rest[:200]!r}"
                return None
        head, rest = self._rest.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        assert lines[0].startswith("HTTP/1.1 "), lines[0]
        length = [int(line[16:]) for line in lines if line.lower().startswith("content-length: ")]
        self._rest = rest
        wanted = length[0] if length else 0
        while len(self._rest) < wanted:
            assert self._more(), "half a body"
        body, self._rest = self._rest[:wanted], self._rest[wanted:]
        return Heard(int(lines[0][9:12]), head.decode(), body)

    def is_closed(self) -> bool:
        """True when nothing more comes but the end."""
        return not self._rest and not self._more()


def get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
