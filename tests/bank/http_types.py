# SPDX-License-Identifier: Apache-2.0
"""A request and a reply, as the bank's parts hand them to one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message


class CloseConnection(Exception):
    """No answer: the connection is to be closed."""


@dataclass
class Request:
    method: str
    path: str  # with its query
    headers: Message
    body: bytes
    peer: str


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    truncate: bool = False  # promise more bytes than are sent


def html(status: int, page: str) -> Reply:
    return Reply(status, page.encode("utf-8"), {"Content-Type": "text/html; charset=utf-8"})


def see_other(url: str) -> Reply:
    return Reply(303, b"", {"Location": url})
