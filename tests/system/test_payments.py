# SPDX-License-Identifier: Apache-2.0
"""A service's daily life: payments, what becomes of them, and who sees them."""

from __future__ import annotations

import os
import subprocess
from signal import SIGHUP
from typing import Any, Callable, Iterator

import pytest

from auditor import Book
from client import Answer
from daemon import Alym, wait_until
from portal import AT_A_BANK, EXIT_VISA, INVESTOR, Portal, money, together

EXIT_DUE = 216250
MULTIPLE = {"service": "visa.multiple"}
ERESIDENCY = {"service": "eresidency", "applicant": {"birth_date": "1990-04-01"}}


@pytest.fixture
def portal(audited: Alym) -> Iterator[Portal]:
    with Portal(audited) as opened:
        yield opened


# ---- a payment's life ----


def test_a_payment_at_a_bank_from_creation_to_proof(portal: Portal) -> None:
    due = portal.quote(**MULTIPLE)["due"]
    made = portal.create(quote=MULTIPLE, expect=due, payer={"iin": "900401300018"}, **AT_A_BANK)
    assert (made["state"], made["due"], made["paid"]) == ("open", due, money(0))
    assert made["pay_url"].startswith(portal.alym.url + "/pay/")
    assert len(made["code"]) == 12
    portal.reach(made, attempt="pending")
    assert portal.pay_by_page(made).status == 303
    paid = portal.reach(made, "paid")
    assert (paid["paid"], paid["held"], paid["pay_url"]) == (due, money(0), None)
    attempt = paid["attempts"][0]
    assert (attempt["state"], attempt["captured"]) == ("captured", due)
    assert portal.event_types(made) == ["payment.created", "attempt.pending", "payment.paid"]
    amount = due["amount"]
    assert portal.postings(made) == [
        (
            "capture",
            {"clearing:sandbox KZT": amount, "fee:visa.multiple:108126 KZT": -amount},
        )
    ]
    entry = portal.entries(made)[0]
    assert portal.get(f"/v1/ledger/entries/{entry['number']}") == entry
    leaf = portal.get(f"/v1/ledger/records/{entry['record']}")["leaf"]
    assert (leaf["kind"], leaf["body"]["operation"]) == ("entry", attempt["operation"])
    assert entry["operation"] == attempt["operation"]
    assert portal.events(made)[-1]["record"] == entry["record"]
    assert "holds" in portal.alym.alymctl("proof", str(entry["record"])).stdout


def test_events_carry_the_payment_as_it_stood(portal: Portal) -> None:
    made = portal.create_at_bank()
    portal.pay_by_page(made)
    now = portal.reach(made, "paid")
    events = portal.events(made)
    assert [e["data"]["state"] for e in events] == ["open", "open", "paid"]
    assert events[-1]["data"] == {k: v for k, v in now.items() if k != "quote"}
    for event in events:
        assert (event["specversion"], event["source"]) == ("1.0", "/v1/payments")
        assert event["id"] == f"e1-{event['sequence']}"


def test_an_exempt_payment_is_complete_at_once(portal: Portal) -> None:
    made = portal.create(quote={**MULTIPLE, "claims": INVESTOR}, **AT_A_BANK)
    assert (made["state"], made["due"], made["attempts"]) == ("exempt", money(0), [])
    assert made["pay_url"] is None
    assert portal.event_types(made) == ["payment.exempt"]
    assert portal.postings(made) == [
        ("exempt", {"relief:investor KZT": 12975000, "fee:visa.multiple:108126 KZT": -12975000})
    ]
    done = portal.act(made, "fulfilment", {"outcome": "performed"})
    assert done["flags"] == ["fulfilled"]


def test_a_service_without_a_fee_is_complete_at_once(portal: Portal) -> None:
    made = portal.create(quote={"service": "eta"})
    assert (made["state"], made["due"]) == ("exempt", money(0))
    assert portal.entries() == []
    assert portal.event_types(made) == ["payment.exempt"]


def test_eresidency_is_paid_in_dollars(portal: Portal) -> None:
    made = portal.create_at_bank(ERESIDENCY)
    assert made["due"] == money(49900, "USD")
    portal.pay_by_page(made)
    assert portal.reach(made, "paid")["paid"] == money(49900, "USD")
    assert portal.postings(made) == [
        ("capture", {"clearing:sandbox USD": 49900, "fee:eresidency:unassigned USD": -49900})
    ]
    assert portal.alym.bank.control.money()["USD"]["total"] == 49900
    young = {"service": "eresidency", "applicant": {"birth_date": "2010-01-01"}}
    body = {"reference": "Y", "quote": young}
    portal.refused(422, "not_eligible", "POST", "/v1/payments", body)


def test_another_amount_than_expected_is_refused(portal: Portal) -> None:
    body = {"reference": "R", "quote": EXIT_VISA}
    for expect in (money(EXIT_DUE + 1), money(EXIT_DUE, "USD"), money(0)):
        problem = portal.refused(
            409, "amount_changed", "POST", "/v1/payments", {**body, "expect": expect}
        )
        assert (problem["field"], problem["due"]) == ("expect", money(EXIT_DUE))
    assert portal.get("/v1/payments")["items"] == []
    assert portal.create("R", expect=money(EXIT_DUE))["state"] == "open"


def test_a_reference_has_one_living_payment(portal: Portal) -> None:
    body = {"reference": "R", "quote": EXIT_VISA}
    first = portal.create("R")
    taken = portal.refused(409, "reference_taken", "POST", "/v1/payments", body)
    assert (taken["payment"], taken["field"]) == (first["id"], "reference")
    portal.act(first, "cancel")
    second = portal.create("R")
    assert second["id"] != first["id"]
    taken = portal.refused(409, "reference_taken", "POST", "/v1/payments", body)
    assert taken["payment"] == second["id"]
    portal.alym.bank.control.mode(callback_url=portal.alym.callback_url)
    portal.alym.bank.control.cash(second["code"], EXIT_DUE)
    portal.reach(second, "paid")
    portal.refused(409, "reference_taken", "POST", "/v1/payments", body)
    found = portal.get("/v1/payments?reference=R")["items"]
    assert [item["id"] for item in found] == [second["id"]]


def test_one_of_twenty_gets_the_reference(portal: Portal) -> None:
    def create(number: int) -> Answer:
        with portal.alym.client() as client:
            return client.post("/v1/payments", {"reference": "R", "quote": EXIT_VISA})

    answers = together(20, create)
    made = [answer.json["id"] for answer in answers if answer.status == 201]
    others = [answer.json for answer in answers if answer.status != 201]
    assert len(made) == 1
    assert {(o["code"], o["payment"]) for o in others} == {("reference_taken", made[0])}


def test_cancelling(portal: Portal) -> None:
    made = portal.create_at_bank()
    gone = portal.act(made, "cancel", {"reason": "the applicant withdrew"})
    assert (gone["state"], gone["due"]) == ("cancelled", made["due"])
    assert portal.event_types(made)[-1] == "payment.cancelled"
    path = f"/v1/payments/{made['id']}"
    for what, body in (
        ("cancel", {}),
        ("fulfilment", {"outcome": "performed"}),
        ("attempts", AT_A_BANK),
    ):
        problem = portal.refused(409, "illegal_state", "POST", f"{path}/{what}", body)
        assert problem["state"] == "cancelled"


def test_what_the_bank_has_not_answered_is_not_cancelled(portal: Portal) -> None:
    """It may have brought money already."""
    portal.alym.bank.control.fault("answer.delay", on="register", value=600)
    made = portal.create(**AT_A_BANK)
    problem = portal.refused(409, "attempt_live", "POST", f"/v1/payments/{made['id']}/cancel", {})
    assert problem["attempt"] == made["attempts"][0]["id"]
    portal.reach(made, attempt="pending")
    assert portal.act(made, "cancel")["state"] == "cancelled"


def test_what_is_paid_can_not_be_cancelled_and_is_fulfilled_once(portal: Portal) -> None:
    made = portal.create_at_bank()
    path = f"/v1/payments/{made['id']}"
    performed = {"outcome": "performed"}
    early = portal.refused(409, "illegal_state", "POST", f"{path}/fulfilment", performed)
    assert early["state"] == "open"
    portal.pay_by_page(made)
    portal.reach(made, "paid")
    portal.refused(409, "illegal_state", "POST", f"{path}/cancel", {})
    done = portal.act(made, "fulfilment", {"outcome": "not_performed", "document": "no. 5"})
    assert (done["state"], done["flags"]) == ("paid", ["fulfilled"])
    for outcome in ("performed", "not_performed"):
        portal.refused(409, "illegal_state", "POST", f"{path}/fulfilment", {"outcome": outcome})
    assert portal.event_types(made)[-1] == "payment.fulfilled"


def test_one_of_twenty_fulfils(portal: Portal) -> None:
    made = portal.create(quote={"service": "eta"})

    def fulfil(number: int) -> Answer:
        with portal.alym.client() as client:
            outcome = {"outcome": "performed" if number % 2 else "not_performed"}
            return client.post(f"/v1/payments/{made['id']}/fulfilment", outcome)

    assert sorted(a.status for a in together(20, fulfil)) == [200] + 19 * [409]


def test_another_attempt_takes_a_free_payment(portal: Portal) -> None:
    made = portal.create_at_bank()
    path = f"/v1/payments/{made['id']}/attempts"
    live = portal.refused(409, "attempt_live", "POST", path, AT_A_BANK)
    assert live["attempt"] == portal.payment(made)["attempts"][0]["id"]
    portal.pay_by_page(made, "decline")
    portal.reach(made, attempt="declined")
    again = portal.act(made, "attempts", AT_A_BANK)
    assert [a["state"] for a in again["attempts"]] == ["declined", "created"]
    portal.reach(made, attempt="pending")
    portal.pay_by_page(made)
    paid = portal.reach(made, "paid")
    assert [a["state"] for a in paid["attempts"]] == ["declined", "captured"]
    assert portal.event_types(made) == [
        "payment.created",
        "attempt.pending",
        "attempt.declined",
        "attempt.created",
        "attempt.pending",
        "payment.paid",
    ]


@pytest.mark.parametrize(
    "body, field",
    [
        ({"gateway": "kaspi", "return_url": "https://localhost/"}, "gateway"),
        ({"gateway": "sandbox"}, "return_url"),
        ({"gateway": "sandbox", "return_url": "http://localhost/"}, "return_url"),
        ({"payer": {"iin": "123"}}, "payer.iin"),
        ({"payer": {"name": "X"}}, "payer"),
        ({"payer": {"iin": "900401300018", "bin": "900401300018"}}, "payer"),
        ({"expect": {"amount": -1, "currency": "KZT"}}, "expect.amount"),
        ({"expect": {"amount": 1.0, "currency": "KZT"}}, "expect.amount"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 1000}, "reference"),
        ({"reference": None}, "reference"),
        ({"quote": {"service": "visa.exit", "date": "2026-03-01"}}, "quote.date"),
        ({"quote": {"service": "visa.exit", "time": "2026-03-01T00:00:00Z"}}, "quote.time"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_can_not_be_created_writes_nothing(
    shared: Alym, body: dict[str, Any], field: str
) -> None:
    with Portal(shared) as portal:
        good = {"reference": "R", "quote": EXIT_VISA}
        is_unknown = field in ("colour", "quote.date", "quote.time")
        code = "unknown_field" if is_unknown else "invalid_field"
        problem = portal.refused(400, code, "POST", "/v1/payments", {**good, **body})
        assert problem["field"] == field
        assert portal.get("/v1/payments")["items"] == []


# ---- the same again ----


def test_a_repetition_gets_the_same_bytes_whatever_happened_since(portal: Portal) -> None:
    client = portal.client
    body = {"reference": "R", "quote": EXIT_VISA, **AT_A_BANK}
    first = client.post("/v1/payments", body, key="k")
    assert first.status == 201 and "Idempotency-Replayed" not in first.headers
    made = first.json
    portal.reach(made, attempt="pending")
    portal.pay_by_page(made)
    portal.reach(made, "paid")
    performed = {"outcome": "performed", "document": "visa 1"}
    path = f"/v1/payments/{made['id']}/fulfilment"
    fulfilled = client.post(path, performed, key="k2")
    for change in (lambda: None, portal.alym.restart, portal.alym.kill):
        change()
        if not portal.alym.running:
            portal.alym.begin()
        for path_, body_, key, once in (
            ("/v1/payments", body, "k", first),
            (path, performed, "k2", fulfilled),
        ):
            with portal.alym.client() as client:
                answer = client.post(path_, body_, key=key)
            assert answer.headers["Idempotency-Replayed"] == "true"
            assert (answer.status, answer.bytes) == (once.status, once.bytes)


def test_who_wants_little_is_answered_without_the_quote(portal: Portal) -> None:
    body = {"reference": "R", "quote": EXIT_VISA, **AT_A_BANK}
    free = {"reference": "S", "quote": {"service": "eta"}}
    brief = {"Prefer": "return=minimal"}
    for request in (body, free):
        first = portal.client.post("/v1/payments", request, key=request["reference"], headers=brief)
        assert first.status == 201 and first.headers["Preference-Applied"] == "return=minimal"
        again = portal.client.post("/v1/payments", request, key=request["reference"], headers=brief)
        assert (again.status, again.bytes) == (201, first.bytes)
        whole = portal.client.post("/v1/payments", request, key=request["reference"])
        assert "Preference-Applied" not in whole.headers
        assert {**first.json, "quote": whole.json["quote"]} == whole.json
        assert whole.json["quote"]["due"] == whole.json["due"] and "quote" not in first.json
    path = f"/v1/payments/{first.json['id']}"
    read = portal.client.get(path, headers=brief)
    assert read.headers["Preference-Applied"] == "return=minimal" and "quote" not in read.json
    refused = portal.client.get("/v1/payments/p1-99999", headers=brief)
    assert refused.status == 404 and "Preference-Applied" not in refused.headers


def test_white_space_and_order_make_no_other_request(portal: Portal) -> None:
    first = portal.client.post("/v1/payments", {"reference": "Ä", "quote": EXIT_VISA}, key="k")
    other = b'{ "quote":{"service":"visa.e\\u0078it"},\n "reference":"\xc3\x84" }'
    again = portal.client.request("POST", "/v1/payments", other, {"Idempotency-Key": "k"})
    assert (first.status, again.status, again.bytes) == (201, 201, first.bytes)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_key_is_of_one_request(portal: Portal) -> None:
    body = {"reference": "R", "quote": EXIT_VISA}
    made = portal.post("/v1/payments", body, key="k")
    for path, another in (
        ("/v1/payments", {**body, "reference": "S"}),
        ("/v1/payments", {**body, "expect": money(EXIT_DUE)}),
        (f"/v1/payments/{made['id']}/attempts", AT_A_BANK),
    ):
        answer = portal.client.post(path, another, key="k")
        if path == "/v1/payments":
            assert (answer.status, answer.json["code"]) == (422, "idempotency_mismatch")
        else:  # a key is bound to its route
            assert answer.status == 201
    assert len(portal.get("/v1/payments")["items"]) == 1


def test_a_refusal_leaves_the_key_free(portal: Portal) -> None:
    body = {"reference": "R", "quote": EXIT_VISA}
    wrong = {**body, "expect": money(1)}
    assert portal.client.post("/v1/payments", wrong, key="k").status == 409
    assert portal.client.post("/v1/payments", body, key="k").status == 201


def test_twenty_with_one_key_make_one_payment(portal: Portal) -> None:
    def create(_: int) -> Answer:
        with portal.alym.client() as client:
            return client.post("/v1/payments", {"reference": "R", "quote": EXIT_VISA}, key="k")

    answers = together(20, create)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.bytes for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert sorted(map(str, replayed)) == ["None"] + 19 * ["true"]


# ---- lists ----


def test_lists_come_page_by_page(portal: Portal) -> None:
    made = [portal.create(f"R{i:02}") for i in range(25)]
    for number in (3, 7, 8):
        portal.act(made[number], "cancel")
    seen: list[str] = []
    cursor = ""
    while True:
        page = portal.get(f"/v1/payments?limit=10{cursor}")
        assert len(page["items"]) <= 10
        assert all("quote" not in item for item in page["items"])
        seen += [item["reference"] for item in page["items"]]
        if page["next"] is None:
            break
        if not cursor:
            portal.create("LATER")  # what comes while one reads disturbs nothing
        cursor = f"&cursor={page['next']}"
    assert sorted(set(seen) - {"LATER"}) == [f"R{i:02}" for i in range(25)]
    assert len(set(seen)) == len(seen)
    cancelled = portal.get("/v1/payments?state=cancelled")
    assert {item["reference"] for item in cancelled["items"]} == {"R03", "R07", "R08"}
    page = portal.get("/v1/payments?state=open&limit=10")
    path = f"/v1/payments?state=cancelled&cursor={page['next']}"
    assert portal.refused(400, "invalid_field", "GET", path)["field"] == "cursor"


def test_one_is_found_by_reference_or_code(portal: Portal) -> None:
    made = portal.create("VMP 1/ü")
    portal.create("OTHER")
    code = made["code"]
    for query in ("reference=VMP%201/%C3%BC", f"code={code}", f"code={code[:4]}%20{code[4:]}"):
        found = portal.get(f"/v1/payments?{query}")
        assert ([i["id"] for i in found["items"]], found["next"]) == ([made["id"]], None), query
    for query in ("reference=NONE", "code=000000000000", "code=1", "state=paid"):
        assert portal.get(f"/v1/payments?{query}")["items"] == [], query
    for query, field in (
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("state=lost", "state"),
        ("from=2026-02-30", "from"),
        ("cursor=xyz", "cursor"),
        ("reference=A&code=1", "reference"),
        ("reference=A&state=paid", "reference"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
    ):
        answer = portal.client.get(f"/v1/payments?{query}")
        assert (answer.status, answer.json["field"]) == (400, field), (query, answer.json)


def test_lists_by_day(portal: Portal) -> None:
    made = portal.create()
    day = portal.payment(made)["quote"]["date"]
    for query, count in (
        (f"from={day}", 1),
        (f"to={day}", 1),
        (f"from={day}&to={day}", 1),
        ("from=2030-01-01", 0),
        ("to=2020-01-01", 0),
    ):
        assert len(portal.get(f"/v1/payments?{query}")["items"]) == count, query


# ---- who may what ----

CALLS = [  # method, path, the roles that may
    ("GET", "/v1/services", {"service", "auditor", "operator"}),
    ("POST", "/v1/quotes", {"service", "auditor", "operator"}),
    ("GET", "/v1/payments", {"service", "auditor", "operator"}),
    ("GET", "/v1/payments/p1-1", {"service", "auditor", "operator"}),
    ("GET", "/v1/payments/p1-1/recompute", {"service", "auditor"}),
    ("GET", "/v1/payments/recompute", {"auditor"}),
    ("POST", "/v1/payments", {"service"}),
    ("POST", "/v1/payments/p1-1/attempts", {"service"}),
    ("POST", "/v1/payments/p1-1/cancel", {"service"}),
    ("POST", "/v1/payments/p1-1/fulfilment", {"service"}),
    ("GET", "/v1/events", {"service"}),
    ("GET", "/v1/ledger/accounts", {"auditor"}),
    ("GET", "/v1/ledger/balances", {"auditor"}),
    ("GET", "/v1/ledger/entries", {"auditor"}),
    ("GET", "/v1/ledger/entries/1", {"auditor"}),
    ("GET", "/v1/ledger/entries/1/evidence", {"auditor"}),
    ("GET", "/v1/ledger/records/1", {"auditor"}),
    ("GET", "/v1/ledger/checkpoint", {"auditor", "operator"}),
    ("GET", "/v1/ledger/key", {"auditor", "operator"}),
    ("GET", "/v1/ledger/proofs/inclusion?record=1", {"auditor"}),
    ("GET", "/v1/ledger/proofs/consistency?first=1", {"auditor"}),
    ("GET", "/v1/reports/trial-balance", {"auditor"}),
    ("GET", "/v1/reports/relief", {"auditor"}),
    ("GET", "/v1/reports/settlement", {"auditor"}),
    ("GET", "/v1/reports/commission", {"auditor"}),
    ("POST", "/v1/tariff/check", {"operator"}),
    ("POST", "/v1/tariff/activate", {"operator"}),
    ("POST", "/v1/tariff/impact", {"operator"}),
    ("GET", "/livez", {"service", "auditor", "operator"}),
    ("GET", "/readyz", {"service", "auditor", "operator"}),
    ("GET", "/metrics", {"service", "auditor", "operator"}),
    ("GET", "/openapi.json", {"service", "auditor", "operator"}),
]


@pytest.mark.parametrize("role", ["service", "auditor", "operator"])
def test_each_role_may_its_own(make_alym: Callable[..., Alym], role: str) -> None:
    alym = make_alym({"client test": {"roles": role}})
    alym.open()
    with alym.client() as client:
        for method, path, roles in CALLS:
            answer = client.post(path) if method == "POST" else client.get(path)
            is_refused = answer.status == 403 and answer.json["code"] == "not_permitted"
            assert is_refused == (role not in roles), f"{method} {path}: {answer.json}"


def become(alym: Alym, name: str, other: str) -> None:
    """From the next request on the caller is client `name`."""
    count = alym.said().count("config.reloaded")
    alym.configure({f"client {name}": {"uid": os.getuid()}, f"client {other}": {"uid": 4000000000}})
    alym.signal(SIGHUP)
    wait_until(lambda: alym.said().count("config.reloaded") > count, 30, "the reload")


def test_another_clients_payments_are_not_there(make_alym: Callable[..., Alym]) -> None:
    me = {"uid": os.getuid(), "roles": "service"}
    alym = make_alym(
        {
            "client test": None,
            "client alpha": me,
            "client beta": {"uid": 4000000000, "roles": "service"},
        }
    )
    alym.open()
    body = {"reference": "SAME", "quote": EXIT_VISA}
    with Portal(alym) as portal:
        mine = portal.post("/v1/payments", body, key="same")
        events = portal.events()
        become(alym, "beta", "alpha")
        path = f"/v1/payments/{mine['id']}"
        portal.refused(404, "not_found", "GET", path)
        for what, said in (("cancel", {}), ("attempts", AT_A_BANK)):
            portal.refused(404, "not_found", "POST", f"{path}/{what}", said)
        portal.refused(404, "not_found", "POST", f"{path}/fulfilment", {"outcome": "performed"})
        for query in ("", "?reference=SAME", f"?code={mine['code']}", "?state=open"):
            assert portal.get(f"/v1/payments{query}")["items"] == [], query
        assert portal.events() == []
        theirs = portal.post("/v1/payments", body, key="same")  # names and keys are each one's own
        assert theirs["id"] != mine["id"]
        assert [event["sequence"] for event in portal.events()] == ["1"]
        assert [i["id"] for i in portal.get("/v1/payments")["items"]] == [theirs["id"]]
        become(alym, "alpha", "beta")
        assert portal.events() == events
        assert [i["id"] for i in portal.get("/v1/payments")["items"]] == [mine["id"]]
        again = portal.client.post("/v1/payments", body, key="same")
        assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (mine["id"], "true")
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        book.audit()
        assert [row["name"] for row in book.rows("SELECT name FROM client")] == ["alpha", "beta"]


def test_a_stranger_is_refused(make_alym: Callable[..., Alym]) -> None:
    alym = make_alym({"client test": {"uid": 4000000000}})
    alym.open()
    with alym.client() as client:
        assert client.get("/livez").status == 200
        for method, path, roles in CALLS:
            answer = client.post(path) if method == "POST" else client.get(path)
            assert answer.status == (200 if len(roles) == 3 and "/v1/" not in path else 403), path


@pytest.mark.skipif(os.getuid() != 0, reason="only root can call as somebody else")
def test_the_kernel_says_who_calls(make_alym: Callable[..., Alym]) -> None:
    nobody = 65534
    alym = make_alym(
        {
            "daemon": {"socket_group": nobody},
            "client test": {"roles": "service"},
            "client other": {"uid": nobody, "roles": "auditor"},
        }
    )
    alym.socket.parent.chmod(0o711)
    alym.open()
    with Portal(alym) as portal:
        portal.create()
        portal.refused(403, "not_permitted", "GET", "/v1/ledger/accounts")
    ask = (
        "import socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1])\n"
        "for path in sys.argv[2:]:\n"
        "    s.sendall(f'GET {path} HTTP/1.1\\r\\nHost: alym\\r\\n\\r\\n'.encode())\n"
        "    print(s.recv(65536).split()[1].decode())\n"
    )
    paths = ["/v1/ledger/accounts", "/v1/events", "/v1/payments/p1-1"]
    said = subprocess.run(
        ["/usr/bin/python3", "-c", ask, str(alym.socket), *paths],
        user=nobody, group=nobody, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert said.stdout.split() == ["200", "403", "200"]
