# SPDX-License-Identifier: Apache-2.0
"""The bank alone, against a stand-in for Alym."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from email.message import Message
from pathlib import Path

import pytest

from bank import faults, pages
from bank.conftest import ROOT, open_bank
from bank.control import Control, ControlError
from bank.payer import Page, Payer
from bank.server import Bank
from bank.signing import Signer
from bank.stub import SECRET, AlymStub, sign

ORDER = "12345678"
PAY = {"amount": 12975000, "currency": "KZT", "merchant": "demo"}


@pytest.fixture
def control(bank: Bank, certificates: Path) -> Control:
    return Control(bank.url, str(certificates / "ca.pem"))


@pytest.fixture
def payer(certificates: Path) -> Payer:
    return Payer(str(certificates / "ca.pem"))


# ---- signatures ----


def test_the_signature_is_that_of_the_protocol_page() -> None:
    signer = Signer(SECRET, lambda: 1767225600)
    body = b'{"kind":"hint","merchant":"shop","order":"12345678"}'
    headers = signer.sign_request("POST", "/callbacks/sandbox", body)
    want = "87c2bcaa2b6c9116dacafd9892481eaf19d1ae3043918e63dcf996053c7476e4"
    assert headers["X-Sandbox-Signature"] == want


@pytest.mark.parametrize(
    "age_s, fault", [(300, None), (-300, None), (301, "stale"), (-301, "stale")]
)
def test_the_window_has_two_ends(age_s: int, fault: str | None) -> None:
    signer = Signer(SECRET, lambda: 1767225600)
    headers = Message()
    for name, value in signer.sign_request("GET", "/x", b"", age_s).items():
        headers[name] = value
    assert signer.request_fault(headers, "GET", "/x", b"") == fault
    assert signer.request_fault(headers, "POST", "/x", b"") == "signature"
    headers["X-Sandbox-Timestamp"] = headers["X-Sandbox-Timestamp"]
    assert signer.request_fault(headers, "GET", "/x", b"") == "signature"


def test_strangers_are_refused_without_a_signature(bank: Bank, alym: AlymStub) -> None:
    assert alym.ask("POST", "/v1/orders", alym.order(), signed=False) == (401, None)
    assert alym.ask("POST", "/v1/orders", alym.order(), age_s=301) == (401, {"reason": "stale"})
    assert bank.orders.orders() == []


# ---- orders ----


def test_an_order_is_registered_once(bank: Bank, alym: AlymStub) -> None:
    status, answer = alym.register()
    assert status == 201
    assert set(answer) == {"order", "pay_url", "session", "status"}
    assert (answer["order"], answer["status"]) == (ORDER, "pending")
    assert answer["pay_url"] == f"{bank.url}/pay/{answer['session']}"
    status, again = alym.register(amount=1)
    assert (status, again["status"], again["amount"]) == (409, "pending", 12975000)
    assert alym.status() == (200, again)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.0},
        {"amount": True},
        {"amount": 1 << 53},
        {"currency": "kzt"},
        {"order": "12a"},
        {"order": "1234567890123456"},
        {"order": 12345678},
        {"expires_at": "2026-02-30T00:00:00Z"},
        {"expires_at": "2026-02-01"},
        {"language": "de"},
        {"callback_url": "http://127.0.0.1/"},
        {"description": "a\nb"},
        {"surprise": 1},
    ],
)
def test_malformed_orders_are_refused(bank: Bank, alym: AlymStub, changes: dict) -> None:
    assert alym.register(**changes) == (400, {"reason": "malformed"})
    assert bank.orders.orders() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"order":"1","order":"1"}', b"\xff", b"[" * 99999],
    ids=("empty", "open", "list", "twice", "not-utf8", "deep"),
)
def test_what_is_not_an_object_is_refused(bank: Bank, alym: AlymStub, body: bytes) -> None:
    assert alym.ask("POST", "/v1/orders", body) == (400, {"reason": "malformed"})


def test_other_merchants_and_orders_are_unknown(bank: Bank, alym: AlymStub) -> None:
    assert alym.register(merchant="other") == (403, {"reason": "merchant"})
    assert alym.status() == (404, {"reason": "unknown"})
    path = f"/v1/orders/{ORDER}/capture"
    assert alym.ask("POST", path, PAY) == (404, {"reason": "unknown"})
    assert alym.ask("GET", "/v1/nothing") == (404, {"reason": "unknown"})
    assert alym.ask("GET", f"/v1/orders/{ORDER}?merchant=other") == (403, {"reason": "merchant"})


def test_an_order_expires_and_says_so(bank: Bank, alym: AlymStub) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    alym.register(expires_at=soon)
    deadline = time.monotonic() + 10
    while not alym.heard and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(m["kind"], m["status"]) for m in alym.heard] == [("payment", "expired")]
    assert alym.status()[1]["status"] == "expired"


# ---- paying ----


def test_a_payment_is_told_until_it_is_heard(bank: Bank, alym: AlymStub) -> None:
    alym.register()
    alym.answers = [500, 503, 404]
    bank.pay(ORDER)
    assert bank.timetable.idle(10)
    assert len(alym.heard) == 4
    assert all(message == alym.heard[0] for message in alym.heard)
    message = alym.heard[0]
    status = alym.status()[1]
    assert status["status"] == message["status"] == "paid"
    for name in ("amount", "currency", "operation", "paid_at", "order"):
        assert status[name] == message[name]
    assert set(message) == {
        *("amount", "currency", "kind", "merchant", "operation", "order", "paid_at", "status")
    }
    assert bank.callbacks.summary() == {"delivered": 1}


def test_retries_end(bank: Bank, alym: AlymStub) -> None:
    alym.register()
    bank.set_mode({"retry": {"attempts": 3, "first_ms": 1}})
    alym.answers = [500] * 10
    bank.pay(ORDER)
    assert bank.timetable.idle(10)
    assert len(alym.heard) == 3
    assert bank.callbacks.summary() == {"given_up": 1}
    alym.answers = []
    bank.callbacks.again("1")
    assert bank.timetable.idle(10)
    assert bank.callbacks.summary() == {"delivered": 1}


@pytest.mark.parametrize("language", pages.TEXTS)
def test_the_page_speaks_the_payers_language(
    bank: Bank, alym: AlymStub, payer: Payer, language: str
) -> None:
    alym.register(language=language, description="Визаға <алым>")
    visit = payer.open(bank.orders.find(ORDER)["pay_url"])
    assert f'<html lang="{language}">' in visit.source
    sum_there = "129,750.00\u00a0KZT" if language == "en" else "129\u00a0750,00\u00a0KZT"
    for text in ("demo", "Визаға <алым>", ORDER, sum_there):
        assert text in visit.page.text
    assert [value for _, value in visit.page.buttons] == ["pay", "decline"]
    assert set(pages.TEXTS[language]) == set(pages.TEXTS["en"])


def test_a_person_pays(bank: Bank, alym: AlymStub, payer: Payer) -> None:
    url = alym.register()[1]["pay_url"]
    visit = payer.pay(url)
    assert (visit.status, visit.url) == (303, "https://localhost/back")
    assert bank.timetable.idle(10)
    assert alym.heard[0]["status"] == "paid"
    assert bank.orders.money()["KZT"]["total"] == 12975000
    with pytest.raises(LookupError):
        payer.pay(url)
    assert payer.open(url, {"action": "pay"}).status == 409
    assert bank.orders.money()["KZT"]["total"] == 12975000
    assert payer.open(f"{bank.url}/pay/nothing").status == 404


def test_a_person_declines(bank: Bank, alym: AlymStub, payer: Payer) -> None:
    order = alym.order()
    del order["return_url"]
    url = alym.ask("POST", "/v1/orders", order)[1]["pay_url"]
    visit = payer.pay(url, "decline")
    assert visit.url == f"{url}?language=en"
    assert bank.timetable.idle(10)
    assert [(m["kind"], m["status"]) for m in alym.heard] == [("payment", "declined")]
    assert "operation" not in alym.heard[0]
    assert bank.orders.money() == {}


def test_money_held_is_captured_or_released(bank: Bank, alym: AlymStub) -> None:
    bank.set_mode({"two_stage": True})
    for order in ("1", "2"):
        alym.register(order=order)
        bank.pay(order)
    assert bank.timetable.idle(10)
    assert {message["kind"] for message in alym.heard} == {"hint"}
    status = alym.status("1")[1]
    assert (status["status"], "operation" in status) == ("authorized", False)
    assert bank.orders.money()["KZT"]["held"] == 2 * 12975000
    done = alym.ask("POST", "/v1/orders/1/capture", PAY)
    assert done[1]["status"] == "done"
    assert alym.ask("POST", "/v1/orders/1/capture", PAY) == done
    assert alym.status("1")[1]["operation"] == done[1]["operation"]
    assert alym.ask("POST", "/v1/orders/2/release", PAY)[1]["status"] == "done"
    assert alym.ask("POST", "/v1/orders/2/capture", PAY)[1]["status"] == "declined"
    assert alym.status("2")[1]["status"] == "declined"
    assert bank.orders.money()["KZT"] == dict(
        taken=12975000, refunded=0, total=12975000, held=0, undecided=0
    )


def test_refunds_never_exceed_what_was_taken(bank: Bank, alym: AlymStub) -> None:
    alym.register()
    bank.pay(ORDER)
    path = f"/v1/orders/{ORDER}/refunds"
    first = alym.ask("POST", path, {**PAY, "amount": 12000000, "refund_id": "r1"})
    assert first[1]["status"] == "done"
    assert alym.ask("POST", path, {**PAY, "amount": 12000000, "refund_id": "r1"}) == first
    assert alym.ask("POST", path, {**PAY, "amount": 1, "refund_id": "r1"})[0] == 409
    over = alym.ask("POST", path, {**PAY, "amount": 975001, "refund_id": "r2"})
    assert over[1]["status"] == "declined"
    rest = alym.ask("POST", path, {**PAY, "amount": 975000, "refund_id": "r3"})
    assert rest[1]["status"] == "done"
    assert bank.orders.money()["KZT"]["total"] == 0
    assert alym.status()[1]["status"] == "paid"


# ---- codes ----


def test_the_cash_desk_pays_by_code(bank: Bank, alym: AlymStub, payer: Payer) -> None:
    due = {"amount": 216250, "currency": "KZT"}

    def decide(message: dict) -> dict:
        if message["kind"] == "check":
            return {"payable": True, "due": due, "service": "invitation"}
        return {"accepted": True, "record": "7"}

    alym.decide = decide
    bank.set_mode({"callback_url": alym.callback_url})
    visit = payer.open(f"{bank.url}/cash?language=en")
    asked = payer.open(visit.url, {"action": "find", "code": "301234567890"})
    assert "invitation" in asked.page.text and "2,162.50\u00a0KZT" in asked.page.text
    paid = payer.press(asked, "pay")
    assert pages.TEXTS["en"]["paid"] in paid.page.text
    message = alym.heard[-1]
    assert (message["code"], message["refusable"]) == ("301234567890", True)
    assert bank.orders.money()["KZT"]["total"] == 216250


def test_a_refused_code_costs_nothing(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.decide = lambda _: {"accepted": False, "reason": "closed"}
    control.mode(callback_url=alym.callback_url)
    answer = control.cash("301234567890", 216250, refusable=True)
    assert answer["callback"]["state"] == "refused"
    assert control.money()["KZT"]["total"] == 0
    answer = control.cash("301234567890", 216250)
    assert answer["operation"]["status"] == "done"
    assert control.money()["KZT"]["total"] == 216250


# ---- misbehaviour ----

DISTRUSTED = {
    "garbage": "malformed",
    "cut": "malformed",
    "truncate": "IncompleteRead",
    "bad_signature": "signature",
    "stale": "stale",
    "close_after": "RemoteDisconnected",
    "close_before": "RemoteDisconnected",
    "timeout_after": "TimeoutError",
    "timeout_before": "TimeoutError",
}


@pytest.mark.parametrize("name", DISTRUSTED)
def test_answers_go_wrong(bank: Bank, alym: AlymStub, control: Control, name: str) -> None:
    if name.startswith("timeout"):
        control.fault(f"answer.{name}", on="register", value=2000)
        answer = alym.ask("POST", "/v1/orders", alym.order(), timeout_s=0.2)
    else:
        control.fault(f"answer.{name}", on="register")
        answer = alym.register()
    assert answer == (0, DISTRUSTED[name])
    known = not name.endswith("before")
    assert alym.status()[0] == (200 if known else 404)
    assert control.faults() == []


@pytest.mark.parametrize("name, status, known", [("error_before", 500, 404), ("error_after", 502, 200)])
def test_answers_are_errors(
    bank: Bank, alym: AlymStub, control: Control, name: str, status: int, known: int
) -> None:
    control.fault(f"answer.{name}", value=status)
    assert alym.register() == (status, None)
    assert alym.status()[0] == known


def test_answers_lie(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    control.fault("answer.wrong_amount", value=5)
    control.fault("answer.wrong_currency")
    control.fault("answer.other_order")
    answer = alym.status()[1]
    assert (answer["amount"], answer["currency"]) == (12975005, "USD")
    assert answer["order"] == "999999999"
    control.fault("answer.unsigned")
    assert alym.status() == (200, None)
    control.fault("answer.oversized", value=100000)
    assert alym.status()[1]["order"] == ORDER
    control.fault("answer.delay", value=100)
    began = time.monotonic()
    alym.status()
    assert time.monotonic() - began >= 0.1


def test_moves_are_declined_or_pending(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    bank.pay(ORDER)
    path = f"/v1/orders/{ORDER}/refunds"
    control.fault("answer.declined", on="refund")
    refund = {**PAY, "refund_id": "r1"}
    assert alym.ask("POST", path, refund)[1]["status"] == "declined"
    assert alym.ask("POST", path, refund)[1]["status"] == "declined"
    control.fault("answer.pending", on="refund", value=100)
    refund = {**PAY, "refund_id": "r2"}
    assert alym.ask("POST", path, refund)[1]["status"] == "pending"
    assert control.idle()
    assert alym.ask("POST", path, refund)[1]["status"] == "done"


SPOILED = {
    "garbage": "malformed",
    "cut": "malformed",
    "truncate": "truncated",
    "bad_signature": "signature",
    "unsigned": "signature",
    "stale": "stale",
    "other_merchant": "merchant",
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_callback_is_followed_by_the_honest_one(
    bank: Bank, alym: AlymStub, control: Control, name: str
) -> None:
    alym.register()
    control.fault(f"callback.{name}")
    control.pay(ORDER)
    assert control.idle()
    assert alym.refused == [SPOILED[name]]
    assert [message["amount"] for message in alym.heard] == [12975000]
    assert control.callbacks(ORDER)[0]["attempts"][0]["faults"] == [name]


def test_callbacks_lie_and_then_do_not(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    control.fault("callback.wrong_amount", value=-5)
    control.fault("callback.wrong_currency")
    control.pay(ORDER)
    assert control.idle()
    told = [(message["amount"], message["currency"]) for message in alym.heard]
    assert told == [(12974995, "USD"), (12975000, "KZT")]
    assert control.money()["KZT"]["total"] == 12975000


def test_callbacks_come_many_times(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    control.fault("callback.duplicate", value=5)
    control.fault("callback.hang_up")
    control.fault("callback.replay", value=10)
    control.pay(ORDER)
    assert control.idle()
    assert len(alym.heard) == 7 or len(alym.heard) == 6  # the one hung up on may not be heard
    assert len({message["operation"] for message in alym.heard}) == 1
    assert control.summary()["callbacks"] == {"delivered": 1}
    again = control.replay("1")
    assert (again["status"], again["problem"]) == (200, None)


def test_callbacks_are_held_and_reordered(bank: Bank, alym: AlymStub, control: Control) -> None:
    control.mode(hold=True)
    for number in range(1, 5):
        alym.register(order=str(number))
        control.pay(str(number))
    assert control.idle() and alym.heard == []
    assert control.release("reverse") == 4
    assert control.idle()
    assert [message["order"] for message in alym.heard] == ["4", "3", "2", "1"]


def test_callbacks_are_silent_late_or_contradict(
    bank: Bank, alym: AlymStub, control: Control
) -> None:
    control.fault("callback.silence", order="1")
    control.fault("callback.hint", order="2")
    control.fault("callback.contradict", order="3")
    control.fault("callback.delay", order="4", value=200)
    for number in ("4", "3", "2", "1"):
        alym.register(order=number)
        control.pay(number)
    assert control.idle()
    told = {(message["order"], message.get("status", "hint")) for message in alym.heard}
    assert told == {("2", "hint"), ("3", "paid"), ("3", "declined"), ("4", "paid")}
    assert alym.heard[-1]["order"] == "4"
    assert alym.status("1")[1]["status"] == "paid"


def test_what_contradicts_a_refusable_payment_is_well_formed(
    bank: Bank, alym: AlymStub, control: Control
) -> None:
    control.mode(callback_url=alym.callback_url)
    control.fault("callback.contradict")
    control.cash("301234567890", 12975000, refusable=True)
    assert control.idle()
    paid, denied = alym.heard
    assert (paid["status"], paid["refusable"], denied["status"]) == ("paid", True, "declined")
    assert not {"refusable", "operation", "paid_at"} & set(denied)


def test_the_bank_takes_something_else(bank: Bank, alym: AlymStub, control: Control) -> None:
    control.fault("pay.amount", value=-100, order="1")
    control.fault("pay.currency", order="2")
    control.fault("pay.twice", order="3")
    control.fault("pay.authorize", order="4")
    for number in ("1", "2", "3", "4"):
        alym.register(order=number)
        control.pay(number)
    assert control.idle()
    money = control.money()
    assert money["KZT"]["total"] == 3 * 12975000 - 100
    assert money["USD"]["total"] == 12975000
    assert money["KZT"]["held"] == 12975000
    assert len({m["operation"] for m in alym.heard if m["order"] == "3"}) == 2


def test_any_message_can_be_sent(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    hint = {"kind": "hint", "merchant": "demo", "order": ORDER}
    assert control.send(body=hint)["answer"] == {"accepted": True, "record": "1"}
    assert control.send(body=hint, sign="bad")["status"] == 401
    assert control.send(body=hint, sign="none")["problem"] == "signature"
    assert control.send(body=hint, age_s=400)["answer"]["reason"] == "stale"
    assert control.send(body=hint, secret="another secret!!")["status"] == 401
    assert control.send(text="{")["answer"]["reason"] == "malformed"
    assert control.send(base64="/w==")["answer"]["reason"] == "malformed"


def test_late_money_is_taken_on_request(bank: Bank, alym: AlymStub, control: Control) -> None:
    alym.register()
    control.expire(ORDER)
    with pytest.raises(ControlError) as refused:
        control.pay(ORDER)
    assert refused.value.status == 409
    control.pay(ORDER, again=True, paid_at="2026-01-01T00:00:00+05:00")
    assert control.idle()
    assert [message["status"] for message in alym.heard] == ["expired", "paid"]
    assert alym.heard[1]["paid_at"] == "2026-01-01T00:00:00+05:00"


def test_chance_is_a_function_of_the_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        switches = faults.Faults(seed)
        switches.add({"name": "callback.silence", "times": None, "probability": 0.5})
        names = faults.PER_CALLBACK
        return [bool(switches.take(names, str(order % 7))) for order in range(70)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 15 < sum(strikes(1)) < 55


def test_nonsense_switches_are_refused(bank: Bank, control: Control) -> None:
    for wish in ({"name": "callback.nothing"}, {"name": "pay.twice", "often": 1}):
        with pytest.raises(ControlError):
            control.ask("POST", "/faults", wish)
    with pytest.raises(ControlError):
        control.mode(surprise=True)


def test_it_pays_by_itself(bank: Bank, alym: AlymStub, control: Control) -> None:
    control.mode(auto_pay=True, auto_pay_declines=0.5, seed=3)
    for number in range(1, 21):
        alym.register(order=str(number))
    assert control.idle()
    assert len(alym.heard) == 20
    paid = sum(message["status"] == "paid" for message in alym.heard)
    assert 0 < paid < 20
    assert control.money()["KZT"]["total"] == paid * 12975000


# ---- its life ----


def test_a_restarted_bank_knows_its_orders(
    certificates: Path, alym: AlymStub, tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with open_bank(certificates, state=state) as bank:
        alym.bank_url = bank.url
        alym.register()
        bank.set_mode({"retry": {"first_ms": 60000, "max_ms": 60000}})
        alym.answers = [500]
        operation = bank.pay(ORDER)["operation"]
        bank.callbacks.wait("1", 0.5)
        alive = open(state, encoding="utf-8").read()
    with open(state, "w", encoding="utf-8") as file:
        file.write(alive + '["order","torn')  # as if killed while writing
    with open_bank(certificates, state=state) as bank:
        alym.bank_url = bank.url
        assert bank.callbacks.wait("1", 10)["state"] == "delivered"
        assert alym.status()[1]["operation"] == operation
        assert bank.orders.money()["KZT"]["total"] == 12975000
        assert alym.register()[0] == 409
        alym.register(order="2")
        assert bank.pay("2")["operation"] == operation[:-6] + "000002"


def test_the_program_announces_its_port_and_ends(certificates: Path, tmp_path: Path) -> None:
    secret, announce = tmp_path / "secret", tmp_path / "port"
    secret.write_bytes(SECRET + b"\n")
    program = [sys.executable, "-m", "bank", "--secret-file", secret, "--announce", announce]
    for name, file in (("cert", "bank.pem"), ("key", "bank.key"), ("ca", "ca.pem")):
        program += [f"--{name}", certificates / file]
    process = subprocess.Popen(program, cwd=ROOT / "tests", stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while not announce.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        control = Control(
            f"https://127.0.0.1:{announce.read_text().strip()}", str(certificates / "ca.pem")
        )
        assert control.summary()["merchant"] == "demo"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_the_page_reader_reads_forms() -> None:
    page = Page('<title>T</title><form action="/a"><input name="x" value="1"><button name=b value=c>')
    assert (page.title, page.action, page.fields) == ("T", "/a", {"x": "1"})
    assert page.buttons == [("b", "c")]


def test_the_readme_names_every_switch() -> None:
    text = (ROOT / "tests/bank/README.md").read_text()
    named = re.findall(r"^\| `((?:answer|pay|callback)\.\w+)` \| (.*?) \| (.*?) \|$", text, re.M)
    want = [
        (name, "" if value is None else json.dumps(value), does)
        for name, (value, does) in faults.NAMES.items()
    ]
    assert [(n, v.strip(), d) for n, v, d in named] == want


def test_the_stub_signs_as_the_bank_does() -> None:
    assert sign("1", "GET", "/x", b"") == Signer(SECRET, lambda: 1).sign_request("GET", "/x", b"")[
        "X-Sandbox-Signature"
    ]
