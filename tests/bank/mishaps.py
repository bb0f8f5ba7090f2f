# SPDX-License-Identifier: Apache-2.0
"""What the switches answer.* do around an answer, whatever its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from bank.http_types import CloseConnection, Reply

if TYPE_CHECKING:
    from bank.server import Bank


def misbehave(bank: Bank, struck: dict[str, Any], work: Callable[[], Reply]) -> Reply:
    """The answer that `work` gives; before or after it, or instead, what struck."""
    if "timeout_before" in struck:
        bank.pause(struck["timeout_before"])
        raise CloseConnection
    if "close_before" in struck:
        raise CloseConnection
    if "error_before" in struck:
        return _error_page(struck["error_before"])
    reply = work()
    if "timeout_after" in struck:
        bank.pause(struck["timeout_after"])
        raise CloseConnection
    if "close_after" in struck:
        raise CloseConnection
    if "delay" in struck:
        bank.pause(struck["delay"])
    if "error_after" in struck:
        return _error_page(struck["error_after"])
    reply.truncate = "truncate" in struck
    return reply


def _error_page(status: int) -> Reply:
    body = b"<html><body><h1>The bank is being repaired</h1></body></html>\n"
    return Reply(int(status), body, {"Content-Type": "text/html"})
