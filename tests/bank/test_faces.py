# SPDX-License-Identifier: Apache-2.0
"""What all faces share, with a protocol made up for it."""

from __future__ import annotations

import http.client
import re
import ssl
from pathlib import Path
from typing import Any, Callable, Iterator
from urllib.parse import urlsplit

import pytest

from bank import faces
from bank.conftest import ROOT, open_bank
from bank.control import Control, ControlError
from bank.faces.face import Face
from bank.http_types import Reply, Request
from bank.server import Bank
from bank.stub import AlymStub
from bank.wire import Request as WireRequest


class Plain(Face):
    """GET /plain/NUMBER is answered by what the setting says; `tell` calls a merchant."""

    NAME = "plain"
    SETTINGS = {"says": "yes"}

    def answer(self, request: Request) -> Reply:
        number = urlsplit(request.path).path.rpartition("/")[2]

        def work(_: dict[str, Any]) -> Reply:
            self.keep(number, {"order": number})
            return Reply(200, self.settings["says"].encode())

        return self.misbehaving("status", number, work)

    def controls(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {"tell": self._tell}

    def money(self) -> dict[str, int]:
        return {"taken": 0, "refunded": 0, "held": 0}

    def _tell(self, wish: dict[str, Any]) -> Any:
        def make(struck: dict[str, Any]) -> WireRequest:
            body = b"no" if "bad_signature" in struck else b"hello"
            return WireRequest(wish["url"], body, {})

        return self.calls.call("1", "payment", make, lambda answer: answer.status == 401)


@pytest.fixture
def bank(certificates: Path, alym: AlymStub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setitem(faces.FACES, "plain", Plain)
    with open_bank(certificates) as opened:
        opened.set_mode({"retry": {"first_ms": 10, "max_ms": 20}})
        yield opened


@pytest.fixture
def control(bank: Bank, certificates: Path) -> Control:
    return Control(bank.url, str(certificates / "ca.pem"))


def ask(bank: Bank, certificates: Path, path: str) -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", bank.port, context=context, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_face_serves_what_is_below_its_name(
    bank: Bank, control: Control, certificates: Path
) -> None:
    assert ask(bank, certificates, "/plain/7") == (200, b"yes")
    control.face("plain", "settings", says="no")
    assert ask(bank, certificates, "/plain/8") == (200, b"no")
    assert ask(bank, certificates, "/plainer/8")[0] == 404
    about = control.face("plain")
    assert about["orders"] == [{"order": "7"}, {"order": "8"}]
    assert about["settings"] == {"says": "no"}
    with pytest.raises(ControlError):
        control.face("plain", "settings", shouts="no")
    with pytest.raises(ControlError):
        control.face("stranger")


def test_the_switches_work_on_a_face(bank: Bank, control: Control, certificates: Path) -> None:
    control.fault("answer.error_before", value=502, order="1")
    control.fault("answer.close_after", order="2")
    assert ask(bank, certificates, "/plain/1")[0] == 502
    with pytest.raises(http.client.RemoteDisconnected):
        ask(bank, certificates, "/plain/2")
    assert control.face("plain")["orders"] == [{"order": "2"}]


def test_a_face_calls_until_it_hears_its_yes(
    bank: Bank, control: Control, alym: AlymStub
) -> None:
    """The stub refuses what is not signed as the sandbox's: that is this protocol's yes."""
    control.fault("callback.bad_signature")
    control.fault("callback.hold")
    control.face("plain", "tell", url=alym.callback_url)
    assert control.face("plain")["calls"][0]["state"] == "held"
    assert control.face("plain", "release") == {"released": 1}
    assert control.idle()
    call = control.face("plain")["calls"][0]
    assert call["state"] == "delivered"
    assert [attempt["faults"] for attempt in call["attempts"]] == [["bad_signature"], []]
    assert control.face("plain", "replay", id=0)["status"] == 401
    assert len(control.face("plain")["calls"][0]["attempts"]) == 3


def test_the_readme_names_every_face() -> None:
    text = (ROOT / "tests/bank/README.md").read_text().partition("## Faces")[2]
    assert re.findall(r"^\| `([a-z]+)` \|", text, re.M) == sorted(faces.FACES)
