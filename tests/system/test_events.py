# SPDX-License-Identifier: Apache-2.0
"""What a service hears: its own numbers without gaps, to be read again, or to be waited for."""

from __future__ import annotations

import threading
import time
from typing import Any, Iterator

import pytest

from client import Answer
from daemon import Alym, wait_until
from portal import Portal

HELD_MAX = 16  # polls of one client that may wait at once


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    with Portal(audited) as opened:
        yield opened


class Poll(threading.Thread):
    """A call that is held, on a connection of its own."""

    def __init__(self, alym: Alym, query: str) -> None:
        super().__init__()
        self._alym = alym
        self._query = query
        self.answer: Answer
        self.took_s = 0.0
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        with self._alym.client(timeout_s=90) as client:
            self.answer = client.get(f"/v1/events?{self._query}")
        self.took_s = time.monotonic() - began

    def heard(self) -> Any:
        self.join()
        assert self.answer.status == 200, self.answer.json
        return self.answer.json


def test_events_are_numbered_and_can_be_read_again(portal: Portal) -> None:
    for number in range(7):
        portal.create(f"R{number}")
    whole = portal.get("/v1/events")
    assert [e["id"] for e in whole["items"]] == [f"e1-{i}" for i in range(1, 8)]
    assert whole["next"] == "e1-7"
    walked, after = [], "e1-0"
    while True:
        page = portal.get(f"/v1/events?after={after}&limit=3")
        if not page["items"]:
            break
        walked += page["items"]
        after = page["next"]
    assert (walked, page["next"]) == (whole["items"], "e1-7")
    assert portal.get("/v1/events?after=3")["items"] == whole["items"][3:]
    portal.alym.restart()
    portal.client.close()
    assert portal.get("/v1/events") == whole


@pytest.mark.parametrize(
    "query, status, code",
    [
        ("after=e1-1", 409, "position_unknown"),
        ("after=1", 409, "position_unknown"),
        ("after=e2-0", 409, "position_unknown"),
        ("after=e1-9223372036854775807", 409, "position_unknown"),
        ("after=e1-", 400, "invalid_field"),
        ("after=-1", 400, "invalid_field"),
        ("after=x", 400, "invalid_field"),
        ("after=99999999999999999999", 400, "invalid_field"),
        ("limit=0", 400, "invalid_field"),
        ("limit=501", 400, "invalid_field"),
        ("wait=61", 400, "invalid_field"),
        ("wait=-1", 400, "invalid_field"),
        ("since=1", 400, "unknown_field"),
    ],
)
def test_a_position_that_is_none(alym: Alym, query: str, status: int, code: str) -> None:
    with Portal(alym) as portal:
        portal.refused(status, code, "GET", f"/v1/events?{query}")


def test_who_waits_is_woken(portal: Portal) -> None:
    polls = [Poll(portal.alym, "wait=60") for _ in range(3)]
    time.sleep(0.2)  # some of them are held by then; the others find the event at once
    made = portal.create()
    for poll in polls:
        assert [e["subject"] for e in poll.heard()["items"]] == [made["id"]]
        assert poll.took_s < 30


def test_who_waits_in_vain_is_told_so(portal: Portal) -> None:
    portal.create()
    poll = Poll(portal.alym, "after=e1-1&wait=1")
    assert poll.heard() == {"items": [], "next": "e1-1"}
    assert 0.9 < poll.took_s < 20


def test_nothing_is_missed_between_two_polls(portal: Portal) -> None:
    """One writes, one follows; each event is heard once, in its order."""
    count = 200
    heard: list[str] = []

    def follow() -> None:
        after = "e1-0"
        with portal.alym.client(timeout_s=90) as client:
            while len(heard) < count:
                page = client.get(f"/v1/events?after={after}&wait=30&limit=7").json
                heard.extend(event["data"]["reference"] for event in page["items"])
                after = page["next"]

    following = threading.Thread(target=follow)
    following.start()
    for number in range(count):
        portal.create(f"R{number}", quote={"service": "eta"})
    following.join()
    assert heard == [f"R{number}" for number in range(count)]


def test_one_client_may_not_hold_all_the_line(portal: Portal) -> None:
    polls = [Poll(portal.alym, "wait=60") for _ in range(HELD_MAX)]
    wait_until(lambda: portal.metric("alym_polls_waiting") == HELD_MAX, 30, "the line to be full")
    answer = portal.client.get("/v1/events?wait=1")
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert "Retry-After" in answer.headers
    assert portal.get("/v1/events")["items"] == []  # who does not wait is answered
    portal.create()
    for poll in polls:
        assert len(poll.heard()["items"]) == 1
    assert Poll(portal.alym, "after=e1-1&wait=1").heard()["items"] == []
