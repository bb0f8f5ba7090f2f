# SPDX-License-Identifier: Apache-2.0
"""What a daemon must live with on its two faces: bytes that smuggle, flood, dawdle or break off."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

from daemon import ROOT, Alym, wait_until
from law import copy_law
from raw import Heard, Raw, get, post

HOST = "Host: localhost\r\n"
CHUNKED = f"POST /v1/quotes HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
POST = f"POST /v1/quotes HTTP/1.1\r\n{HOST}"

# Each can be read in two ways; what follows it must never be taken for a request.
SMUGGLING = {
    "duplicate length": POST + "Content-Length: 5\r\nContent-Length: 40\r\n\r\n12345",
    "zero, then five": POST + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n12345",
    "length list": POST + "Content-Length: 5, 5\r\n\r\n12345",
    "signed length": POST + "Content-Length: +5\r\n\r\n12345",
    "negative length": POST + "Content-Length: -1\r\n\r\n",
    "hexadecimal length": POST + "Content-Length: 0x5\r\n\r\n12345",
    "empty length": POST + "Content-Length:\r\n\r\n12345",
    "folded length": POST + "Content-Length:\r\n 5\r\n\r\n12345",
    "length and coding": POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "space before colon": POST + "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n12345",
    "tab before the coding": POST + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
    "two codings": POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding twice": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "unknown coding": POST + "Transfer-Encoding: xchunked\r\n\r\n",
    "identity": POST + "Transfer-Encoding: identity\r\n\r\n",
    "hexadecimal chunk": CHUNKED + "0x5\r\n12345\r\n0\r\n\r\n",
    "signed chunk": CHUNKED + "+5\r\n12345\r\n0\r\n\r\n",
    "chunk extension": CHUNKED + "5;a=b\r\n12345\r\n0\r\n\r\n",
    "chunk with bare LF": CHUNKED + "5\n12345\r\n0\r\n\r\n",
    "chunk too short": CHUNKED + "4\r\n12345\r\n0\r\n\r\n",
    "trailer": CHUNKED + "0\r\nX: y\r\n\r\n",
    "endless chunk size": CHUNKED + "0" * 100,
    "bare LF": "GET /livez HTTP/1.1\nHost: localhost\n\n",
    "one bare LF": f"GET /livez HTTP/1.1\r\n{HOST}X: y\nZ: w\r\n\r\n",
    "bare CR": f"GET /livez HTTP/1.1\r\n{HOST}X: y\rZ: w\r\n\r\n",
    "folded header": f"GET /livez HTTP/1.1\r\n{HOST}X: y\r\n z\r\n\r\n",
    "NUL in a value": f"GET /livez HTTP/1.1\r\n{HOST}X: y\0z\r\n\r\n",
    "NUL in the path": f"GET /livez\0 HTTP/1.1\r\n{HOST}\r\n",
    "no host": "GET /livez HTTP/1.1\r\n\r\n",
    "two hosts": f"GET /livez HTTP/1.1\r\n{HOST}{HOST}\r\n",
    "absolute address": f"GET http://localhost/livez HTTP/1.1\r\n{HOST}\r\n",
    "host in the path": f"GET //localhost/livez HTTP/1.1\r\n{HOST}\r\n",
    "GET with a body": f"GET /livez HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\n12345",
    "HEAD with a body": f"HEAD /livez HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\n12345",
    "leading CRLF": f"\r\nGET /livez HTTP/1.1\r\n{HOST}\r\n",
    "no colon": f"GET /livez HTTP/1.1\r\n{HOST}X\r\n\r\n",
    "HTTP/0.9": "GET /livez\r\n",
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

# Bytes, not text.
BYTES = {
    "raw bytes in the path": b"GET /v1/\xd0\xb0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no UTF-8 in a header": b"GET /livez HTTP/1.1\r\nHost: x\r\nX: \xff\xfe\r\n\r\n",
    "control character": b"GET /livez HTTP/1.1\r\nHost: x\r\nX: \x1b\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40,
}

REFUSED = [
    pytest.param(text.encode("latin-1"), id=name) for name, text in SMUGGLING.items()
] + [pytest.param(some, id=name) for name, some in BYTES.items()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    """One daemon for all the tests that must leave it unharmed."""
    made = Alym(tmp_path_factory.mktemp("http"), certificates)
    made.open()
    yield made
    made.close()


def tls(alym: Alym) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=alym.ca)


def assert_unharmed(alym: Alym) -> None:
    with Raw.unix(alym.socket) as raw:
        raw.say(get("/livez"))
        heard = raw.hear()
        assert heard is not None and heard.status == 200


def assert_refused(raw: Raw) -> None:
    heard = raw.hear()
    if heard is not None:
        assert heard.status in (400, 405, 413, 414, 417, 431, 505), heard
        assert "application/problem+json" in heard.head
        assert heard.json["status"] == heard.status if heard.body else True
        assert raw.is_closed()


@pytest.mark.parametrize("bad", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(shared: Alym, bad: bytes) -> None:
    with Raw.unix(shared.socket) as raw:
        raw.say(get("/livez"), bad, get("/readyz"), get("/metrics"))
        first = raw.hear()
        assert first is not None and first.status == 200
        assert_refused(raw)
    assert_unharmed(shared)


@pytest.mark.parametrize("bad", REFUSED)
def test_over_tls_too(shared: Alym, bad: bytes) -> None:
    with Raw.tls(shared.port, tls(shared)) as raw:
        raw.say(bad, get("/callbacks/sandbox"))
        assert_refused(raw)
    assert_unharmed(shared)


def test_oversized_heads_are_431(shared: Alym) -> None:
    for headers in ([f"X-{i}: y" for i in range(100)], ["X: " + "y" * 20000], ["X: y" * 9000]):
        with Raw.unix(shared.socket) as raw:
            raw.say(get("/livez", *headers))
            heard = raw.hear()
            assert heard is not None and heard.status == 431
            assert heard.json["code"] == "too_large"
            assert raw.is_closed()
    with Raw.unix(shared.socket) as raw:
        raw.say(get("/v1/services?" + "a" * 5000))
        heard = raw.hear()
        assert heard is not None and heard.status == 414
    with Raw.unix(shared.socket) as raw:  # a line without end is not waited for
        raw.say(b"G" * 50000)
        assert_refused(raw)


def test_an_oversized_body_is_413(shared: Alym) -> None:
    with Raw.unix(shared.socket) as raw:
        raw.say(post("/v1/quotes", b"{" * 300_000))
        heard = raw.hear()
        assert heard is not None and heard.status == 413
        assert heard.json["code"] == "too_large"
        assert raw.is_closed()
    with Raw.unix(shared.socket) as raw:  # in chunks
        chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
        raw.say(CHUNKED.encode(), chunk * 40)
        assert_refused(raw)
    with Raw.unix(shared.socket) as raw:  # in crumbs
        raw.say(CHUNKED.encode(), b"1\r\na\r\n" * 60000)
        assert_refused(raw)
    assert_unharmed(shared)


def test_other_methods_are_405(shared: Alym) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"):
        with Raw.unix(shared.socket) as raw:
            raw.say(f"{method} /livez HTTP/1.1\r\n{HOST}\r\n".encode())
            heard = raw.hear()
            assert heard is not None and heard.status == 405
            assert heard.json["code"] == "method_not_allowed"
            assert "Allow: GET, POST" in heard.head
    with Raw.unix(shared.socket) as raw:  # the answer to HEAD has no body
        raw.say(f"HEAD /livez HTTP/1.1\r\n{HOST}\r\n".encode())
        heard = raw.hear()
        assert heard is not None and heard.status == 405 and heard.body == b""
        assert raw.is_closed()


def test_bytes_that_are_no_text_are_a_problem(shared: Alym) -> None:
    with Raw.unix(shared.socket) as raw:
        for body in (b'{"service":"\xff\xfe"}', b"\x00", b"\xef\xbb\xbf{}", b'{"service":"\xed\xa0\x80"}'):
            raw.say(post("/v1/quotes", body))
            heard = raw.hear()
            assert heard is not None and heard.status == 400, heard
            assert heard.json["code"] == "invalid_json"


def test_pipelined_answers_keep_their_order(shared: Alym) -> None:
    duties = {
        "invitation": 216250,
        "visa.exit": 216250,
        "visa.entry-exit": 3027500,
        "visa.multiple": 12975000,
    }
    with Raw.unix(shared.socket) as raw:
        for _ in range(10):
            for service in list(duties) * 5:
                quote = {"service": service, "action": "issue", "date": "2026-03-01"}
                quote["applicant"] = {"nationality": "IN"}
                raw.say(post("/v1/quotes", json.dumps(quote).encode()))
            for service in list(duties) * 5:
                heard = raw.hear()
                assert heard is not None and heard.status == 200, heard
                assert heard.json["due"] == {"amount": duties[service], "currency": "KZT"}
        raw.say(get("/livez", "Connection: close"))
        heard = raw.hear()
        assert heard is not None and heard.status == 200
        assert raw.is_closed()


def test_who_stopped_sending_is_answered(shared: Alym) -> None:
    for request in (get("/livez"), get("/v1/services"), get("/openapi.json")):
        with Raw.unix(shared.socket) as raw:
            raw.say(request)
            raw.socket.shutdown(socket.SHUT_WR)
            heard = raw.hear()
            assert heard is not None and heard.status == 200
            assert raw.is_closed()
    for half in (b"GET /liv", get("/livez")[:-2], post("/v1/quotes", b"{}")[:-1]):
        with Raw.unix(shared.socket) as raw:
            raw.say(half)
            raw.socket.shutdown(socket.SHUT_WR)
            assert raw.is_closed()


def test_slow_senders_are_cut(shared: Alym) -> None:
    silent = Raw.unix(shared.socket)
    slow = [Raw.unix(shared.socket), Raw.tls(shared.port, tls(shared))]
    body = Raw.unix(shared.socket)
    body.say(post("/v1/quotes", b"{}")[:-1])
    began = time.monotonic()
    waiting = list(slow)
    while waiting:
        assert time.monotonic() - began < 40, "a byte now and then keeps a connection"
        for raw in list(waiting):
            raw.say(b"x")
            raw.socket.settimeout(0.5)
            try:
                if raw.is_closed():
                    waiting.remove(raw)
            except TimeoutError:
                pass
    for raw in (silent, body):
        assert raw.is_closed()
    for raw in [silent, body, *slow]:
        raw.socket.close()
    assert_unharmed(shared)


def test_a_hundred_is_said_to_who_waits_for_it(shared: Alym) -> None:
    request = post("/v1/quotes", b"{}", "Expect: 100-continue")
    with Raw.unix(shared.socket) as raw:
        raw.say(request[:-2])
        heard = raw.hear()
        assert heard is not None and heard.status == 100
        raw.say(request[-2:])
        heard = raw.hear()
        assert heard is not None and heard.status == 400
    with Raw.unix(shared.socket) as raw:
        raw.say(post("/v1/quotes", b"{}", "Expect: the unexpected"))
        heard = raw.hear()
        assert heard is not None and heard.status == 417


def test_a_thousand_connections(shared: Alym) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    connections = [Raw.unix(shared.socket) for _ in range(1000)]
    try:
        for raw in connections:
            raw.say(get("/livez"))
        for raw in connections:
            heard = raw.hear()
            assert heard is not None and heard.status == 200
        for raw in reversed(connections):
            raw.say(get("/v1/services"))
        for raw in connections:
            heard = raw.hear()
            assert heard is not None and heard.status == 200
    finally:
        for raw in connections:
            raw.socket.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert_unharmed(shared)


def last_event(alym: Alym) -> str:
    """Where a poll that is to wait begins: `&after=...`, or nothing."""
    last = ""
    with alym.client() as client:
        while items := client.get(f"/v1/events?limit=500{last}").json["items"]:
            last = f"&after={items[-1]['id']}"
    return last


def test_hanging_up_on_a_poll_harms_nobody(shared: Alym) -> None:
    for number in range(3):
        last = last_event(shared)
        polls = [Raw.unix(shared.socket) for _ in range(10)]
        for raw in polls:
            raw.say(get(f"/v1/events?wait=30{last}"))
        stays = polls.pop()
        for raw in polls:
            raw.socket.close()
        with shared.client() as client:
            quote = {"service": "visa.multiple", "action": "issue"}
            quote["applicant"] = {"nationality": "IN"}
            body = {"reference": f"poll-{number}-{time.monotonic_ns()}", "quote": quote}
            assert client.post("/v1/payments", body).status == 201
        heard = stays.hear()
        assert heard is not None and heard.status == 200
        assert len(heard.json["items"]) == 1
        stays.socket.close()
    assert_unharmed(shared)


# ---- HTTPS ----


def test_nothing_of_the_socket_is_on_https(shared: Alym) -> None:
    paths = ["/v1/services", "/v1/payments", "/v1/ledger/accounts", "/livez", "/readyz"]
    paths += ["/metrics", "/openapi.json", "/", "/callbacks", "/v1/../v1/services"]
    with Raw.tls(shared.port, tls(shared)) as raw:
        for path in paths:
            raw.say(get(path))
            heard = raw.hear()
            assert heard is not None and heard.status == 404, (path, heard)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_who_comes_too_often_is_asked_to_wait(make_alym: Callable[..., Alym]) -> None:
    """On whatever connection and path; the socket is not concerned."""
    alym = make_alym({"https": {"peer_calls_per_second": 3}})
    alym.open()

    def ask(path: str) -> Heard:
        with Raw.tls(alym.port, tls(alym)) as raw:
            raw.say(get(path))
            heard = raw.hear()
        assert heard is not None
        return heard

    heard = [ask(path) for path in 5 * ["/pay/nobody", "/callbacks/nobody", "/favicon.ico"]]
    refused = [answer for answer in heard if answer.status == 429]
    assert [answer.status for answer in heard[:6]] == 6 * [404]
    assert refused and all("Retry-After: 5" in answer.head for answer in refused)
    with alym.client() as client:
        assert f"alym_https_limited_total {len(refused)}\n" in client.get("/metrics").json
    assert alym.said().count("event=https.limited") == 1
    wait_until(lambda: ask("/pay/nobody").status == 404, 10, "room")


def test_old_tls_is_refused(shared: Alym) -> None:
    context = tls(shared)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Raw.tls(shared.port, context)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = tls(shared)
        context.minimum_version = context.maximum_version = version
        with Raw.tls(shared.port, context) as raw:
            raw.say(get("/pay/none"))
            heard = raw.hear()
            assert heard is not None and heard.status == 404


def test_plain_text_on_the_tls_port_is_closed(shared: Alym) -> None:
    with Raw(socket.create_connection(("127.0.0.1", shared.port), 30)) as raw:
        raw.say(get("/pay/none"))
        assert not raw._more() or not raw._rest.startswith(b"HTTP/")


def serial(alym: Alym) -> str:
    pem = ssl.get_server_certificate(("127.0.0.1", alym.port))
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True
    )
    return done.stdout


def renew(folder: Path) -> None:
    """Another certificate of the same CA, where the configuration points to."""
    (folder / "alymd.pem").unlink()
    subprocess.run([ROOT / "scripts/certificates", folder], check=True)


@pytest.fixture
def own_certificates(tmp_path: Path) -> Path:
    """For tests that change them."""
    folder = tmp_path / "own"
    folder.mkdir()
    subprocess.run([ROOT / "scripts/certificates", folder], check=True)
    return folder


def test_a_reload_takes_a_new_certificate_and_drops_nobody(
    tmp_path: Path, own_certificates: Path
) -> None:
    alym = Alym(tmp_path, own_certificates)
    try:
        alym.open()
        before = serial(alym)
        with Raw.tls(alym.port, tls(alym)) as kept:
            kept.say(get("/pay/none"))
            assert kept.hear() is not None
            renew(own_certificates)
            alym.signal(signal.SIGHUP)
            wait_until(lambda: "config.reloaded" in alym.said(), 10, "the reload")
            assert serial(alym) != before
            kept.say(get("/pay/none"))
            assert kept.hear() is not None
        alym.stop_cleanly()
    finally:
        alym.close()


def test_a_failed_reload_changes_nothing(tmp_path: Path, own_certificates: Path) -> None:
    alym = Alym(tmp_path, own_certificates)
    try:
        alym.open()
        before = serial(alym)
        good = alym.config.read_text()
        data = tmp_path / "tariff"
        copy_law(data)
        with open(data / "mrp.xml", "a") as broken:
            broken.write("<")
        faults: list[tuple[str, str]] = [
            (good.replace("[daemon]", "[daemon]\ncolour = red"), "unknown key colour"),
            (good.replace("[daemon]", "[daemon]\nsession_s = 61"), "restart"),
            (good.replace("alymd.pem", "nowhere.pem"), "certificate"),
            (good.replace("data_dir = ", "data_dir = /nowhere"), "/nowhere"),
            (good.replace("data_dir = ", f"data_dir = {data}\n# "), "mrp.xml:"),
        ]
        for number, (text, word) in enumerate(faults, 1):
            alym.config.write_text(text)
            alym.signal(signal.SIGHUP)
            wait_until(
                lambda: alym.said().count("config.not_reloaded") == number, 10, "the refusal"
            )
            last = [line for line in alym.said().splitlines() if "config.not_reloaded" in line][-1]
            assert word in last, last
            assert serial(alym) == before
            assert_unharmed(alym)
        alym.config.write_text(good)
        alym.signal(signal.SIGHUP)
        wait_until(lambda: "config.reloaded" in alym.said(), 10, "the reload")
        alym.stop_cleanly()
    finally:
        alym.close()


def test_callbacks_can_ask_for_a_certificate(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym()
    alym.configure({"https": {"client_ca": alym.ca}})
    alym.open()
    with Raw.tls(alym.port, tls(alym)) as raw:
        raw.say(get("/pay/none"), post("/callbacks/sandbox", b"{}"))
        page, callback = raw.hear(), raw.hear()
        assert page is not None and page.status == 404
        assert callback is not None and callback.status == 403
    context = tls(alym)
    context.load_cert_chain(alym.certificates / "bank.pem", alym.certificates / "bank.key")
    with Raw.tls(alym.port, context) as raw:
        raw.say(post("/callbacks/sandbox", b"{}"))
        callback = raw.hear()
        assert callback is not None and callback.status == 401  # the gateway's own answer
