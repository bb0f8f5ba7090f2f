# SPDX-License-Identifier: Apache-2.0
"""alymctl against the real daemon: each command, for people and for scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any

import pytest

# The fixtures of ctl, by their names.
from ctl import alym, ctl, paid  # noqa: F401
from ctl import ALYMCTL, AT_A_BANK, DONE, MISUSED, REFUSED, Ctl, create, environment, run, value, words_of
from daemon import Alym
from meddler import Meddler

QUOTE_2026 = ("quote", "visa.multiple", "--date", "2026-03-01")


# ---- what can be paid for, and what it costs ----


def test_services_are_listed_and_told(ctl: Ctl) -> None:
    said = ctl.run("services")
    assert said.startswith("Service")
    codes = [line.split()[0] for line in said.splitlines()[1:]]
    assert codes == [item["code"] for item in ctl.json("services")["items"]]
    assert {"invitation", "visa.multiple", "eresidency", "eta"} <= set(codes)
    one = ctl.run("services", "visa.multiple")
    assert value(one, "Service") == "visa.multiple"
    assert re.search(r"^issue +\d{4}-\d\d-\d\d .* 30 +mrp ", one, re.MULTILINE | re.IGNORECASE)
    assert "investor" in one


def test_a_service_by_category_tells_its_lists(ctl: Ctl) -> None:
    said = ctl.run("services", "evisa")
    assert re.search(r"^B12 +2019-01-01 +2025-12-31 +evisa-2019-tourist ", said, re.MULTILINE)
    assert re.search(r"^B12 +2026-01-01 +evisa-2026-qazeta ", said, re.MULTILINE)
    business = said.split("evisa-2019-business\n")[1].split("evisa-2026-qazeta\n")[0]
    countries = re.sub(r"\s+", " ", business).split("Countries ")[1].split("Read as")[0]
    assert countries.count("(") == countries.count(", ") + 1 == 23
    assert "British Virgin Islands (VG)" in countries
    assert re.search(r"^Read as +Вирджинские острова: Does not say whose", said, re.MULTILINE)
    assert "Багам аралдары Достастығы (BS)" in ctl.run("services", "evisa", "--lang", "kk")
    assert "List " not in ctl.run("services", "visa.exit")


def test_a_quote_tells_the_category_and_its_list(ctl: Ctl) -> None:
    words = ("quote", "evisa", "--nationality", "IN", "--date", "2026-06-15")
    said = ctl.run(*words, "--category", "B12")
    assert value(said, "Due") == "60.00 USD"
    assert value(said, "Category") == "B12 tourist trip"
    assert value(said, "Country") == "IN India"
    assert value(said, "List").startswith("List of countries whose citizens")
    done = run(ctl.socket, *words)
    assert done.returncode == REFUSED and "A3, A5, B1" in done.stderr


def test_a_quote_says_how_much_and_why(ctl: Ctl) -> None:
    said = ctl.run(*QUOTE_2026)
    assert value(said, "Due") == "129 750.00 KZT"
    assert value(said, "Rate") == "30 MRP"
    assert value(said, "Index") == "MRP 4 325.00 KZT"
    assert "Tax Code" in value(said, "Law")
    assert re.search(r"^investor +refused ", said, re.MULTILINE)
    quote = ctl.json(*QUOTE_2026)
    assert quote["explanation"]["en"] in said
    assert quote["due"] == {"amount": 12975000, "currency": "KZT"}


def test_a_quote_says_each_exemption_with_its_decision_and_why(ctl: Ctl) -> None:
    said = ctl.run(*QUOTE_2026, "--claim", "investor:MFA note 11-5/123", "--claim=funeral")
    assert value(said, "Due") == "0.00 KZT"
    assert value(said, "Relief") == "129 750.00 KZT"
    quote = ctl.json(*QUOTE_2026, "--claim", "investor:MFA note 11-5/123", "--claim=funeral")
    decided = {e["ground"]: e for e in quote["lines"][0]["exemptions"]}
    assert decided["investor"]["decision"] == "accepted"
    assert decided["funeral"]["decision"] == "refused"
    for ground, exemption in decided.items():
        assert re.search(rf"^{ground} +{exemption['decision']} ", said, re.MULTILINE)
        assert exemption["text"]["en"] in said
    assert "MFA note 11-5/123" in said


def test_everything_that_is_typed_reaches_the_quote(ctl: Ctl) -> None:
    words = ("--action=extend", "--quantity=3", "--nationality=DE", "--birth-date=1990-04-01")
    quote = ctl.json("quote", "visa.exit", "--time", "2025-12-31T19:00:00Z", *words)
    assert quote["date"] == "2026-01-01"
    assert quote["lines"][0]["action"] == "extend"
    assert quote["due"]["amount"] == 3 * 216250


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_daemon_speaks_ones_language(ctl: Ctl, language: str) -> None:
    texts = ctl.json(*QUOTE_2026)["explanation"]
    assert texts[language] in ctl.run("--lang", language, *QUOTE_2026)
    assert texts[language] in ctl.run(*QUOTE_2026, LANG=f"{language}_KZ.UTF-8")
    titles = {
        "kk": "Мұндай қызмет жоқ",
        "ru": "Такой услуги нет",
        "en": "There is no such service",
    }
    assert titles[language] in ctl.run("quote", "none", "--lang", language, code=REFUSED)


def test_a_narrow_terminal_loses_nothing(ctl: Ctl) -> None:
    wide = ctl.run(*QUOTE_2026, "--lang=ru")
    narrow = ctl.run(*QUOTE_2026, "--lang=ru", COLUMNS="50")
    assert max(len(line) for line in wide.splitlines()) > 200
    assert max(len(line) for line in narrow.splitlines()) <= 50
    squeezed = "".join(narrow.split())
    for line in wide.splitlines():
        for cell in re.split(r"\s{2,}", line):
            assert "".join(cell.split()) in squeezed or cell == "Document"  # of which there is none


# ---- payments ----


def test_a_payment_is_made_shown_and_found(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("payment", paid["id"])
    assert value(said, "Payment") == paid["id"]
    assert value(said, "Code") == paid["code"]
    assert value(said, "State") == "paid"
    assert value(said, "Paid") == value(said, "Due")
    assert value(said, "Reference") == "PAID"
    assert re.search(r"^a\d+-\d+ +sandbox +\d+ +captured ", said, re.MULTILINE)
    for words in (("--reference", "PAID"), ("--code", paid["code"]), ("--state", "paid")):
        assert re.search(rf"^{paid['id']} ", ctl.run("payment", *words), re.MULTILINE)
        assert paid["id"] in [item["id"] for item in ctl.json("payment", *words)["items"]]


def test_pay_shows_its_key_before_it_is_used(ctl: Ctl) -> None:
    done = run(ctl.socket, "pay", "visa.exit", "--reference", "KEY")
    assert done.returncode == DONE
    key = re.fullmatch(r"Idempotency-Key: ([0-9a-f]{32})\n", done.stderr)
    assert key
    again = run(ctl.socket, "pay", "visa.exit", "--reference", "KEY", "--key", key[1])
    assert again.returncode == DONE
    assert again.stdout == done.stdout
    assert "used before" in again.stderr
    other = ctl.run("pay", "visa.exit", "--reference", "OTHER", "--key", key[1], code=REFUSED)
    assert other.startswith("alymctl: idempotency_mismatch: Idempotency-Key: ")


def test_a_key_of_ones_own_is_not_repeated_to_one(ctl: Ctl) -> None:
    done = run(ctl.socket, "pay", "visa.exit", "--reference", "OWN", "--key", "own-1")
    assert (done.returncode, done.stderr) == (DONE, "")


def test_pay_sends_all_it_was_given(ctl: Ctl) -> None:
    due = ctl.json("quote", "visa.exit")["due"]
    with Meddler(ctl.socket) as meddler:
        done = run(
            meddler.socket,
            *("pay", "visa.exit", "--reference", "ALL", *AT_A_BANK, "--expect", words_of(due)),
            *("--payer", "iin:900401300127", "--payer", "name:Айша: О.", "--nationality", "IN"),
            *("--claim", "mutual-waiver:a:b", "--quantity", "1", "--key", "all-1"),
        )
    assert done.returncode == DONE, done.stderr
    request = meddler.requests[0]
    assert (request.method, request.path) == ("POST", "/v1/payments")
    assert json.loads(request.body) == {
        "reference": "ALL",
        "gateway": "sandbox",
        "return_url": "https://example.kz/back",
        "expect": due,
        "payer": {"iin": "900401300127", "name": "Айша: О."},
        "quote": {
            "service": "visa.exit",
            "quantity": 1,
            "applicant": {"nationality": "IN"},
            "claims": [{"ground": "mutual-waiver", "document": "a:b"}],
        },
    }


def test_another_sum_than_expected_is_refused(ctl: Ctl) -> None:
    words = ("pay", "visa.exit", "--reference", "EXPECT", "--expect", "1.00")
    said = ctl.run(*words, code=REFUSED)
    assert "alymctl: amount_changed: expect: " in said
    assert re.search(r"^alymctl:   due [\d ]+\.\d\d KZT$", said, re.MULTILINE)


def test_a_reference_taken_names_the_other(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("pay", "visa.exit", "--reference", "PAID", code=REFUSED)
    assert "alymctl: reference_taken: reference: " in said
    assert f"payment {paid['id']}" in said


def test_an_attempt_can_be_made_later(ctl: Ctl) -> None:
    made = create(ctl, "LATER")
    said = ctl.run("attempt", made["id"], *AT_A_BANK)
    assert re.search(r"^a\d+-\d+ +sandbox ", said, re.MULTILINE)


def test_a_payment_can_be_cancelled(ctl: Ctl) -> None:
    made = create(ctl, "CANCEL")
    said = ctl.run("cancel", made["id"], "--reason", "withdrawn", "--key", "cancel-1")
    assert value(said, "State") == "cancelled"
    again = ctl.json("cancel", made["id"], "--reason", "withdrawn", "--key", "cancel-1")
    assert again["state"] == "cancelled"


def test_what_became_of_it_can_be_said(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("fulfil", paid["id"], "performed", "--document", "visa 0012345 of 2026-03-02")
    assert "fulfilled" in value(said, "Flags")
    made = create(ctl, "UNPAID")
    assert "illegal_state" in ctl.run("fulfil", made["id"], "performed", code=REFUSED)


def test_lists_go_page_by_page(ctl: Ctl, paid: dict[str, Any]) -> None:
    for i in range(3):
        create(ctl, f"PAGE-{i}")
    everything = [p["id"] for p in ctl.json("payment", "--limit", "500")["items"]]
    assert len(everything) >= 4
    first = ctl.json("payment", "--limit", "2")
    second = ctl.json("payment", "--limit", "2", "--cursor", first["next"])
    assert [p["id"] for p in first["items"] + second["items"]] == everything[:4]
    pages = [json.loads(line) for line in ctl.run(*"--json payment --limit 2 --all".split()).splitlines()]
    assert [p["id"] for page in pages for p in page["items"]] == everything
    done = run(ctl.socket, "payment", "--limit", "2")
    assert f"--cursor {first['next']}" in done.stderr
    assert run(ctl.socket, "payment", "--limit", "2", "--all").stderr == ""


# ---- events ----


def test_events_are_numbered(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("events")
    mine = [line for line in said.splitlines() if f" {paid['id']} " in line]
    assert any("payment.paid" in line for line in mine)
    numbers = [int(line.split()[0].rsplit("-", 1)[1]) for line in said.splitlines()[1:]]
    assert numbers == list(range(1, len(numbers) + 1))
    after = ctl.run("events", "--after", "2", "--limit", "1").splitlines()
    assert len(after) == 2 and after[1].split()[0].endswith("-3")
    assert ctl.json("events", "--limit", "1")["items"][0]["sequence"] == "1"
    assert "position_unknown" in ctl.run("events", "--after", "1000000", code=REFUSED)


@pytest.mark.parametrize("form", ["people", "scripts"])
def test_events_can_be_followed(ctl: Ctl, paid: dict[str, Any], form: str) -> None:
    head = ctl.json("events", "--limit", "500")["next"]
    command = [ALYMCTL, "--socket", ctl.socket, "events", "--after", head, "--follow"]
    command += ["--json"] if form == "scripts" else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as follower:
        try:
            made = create(ctl, f"FOLLOW-{form}")
            assert follower.stdout is not None
            if form == "people":
                assert follower.stdout.readline().startswith(b"Event")
            line = follower.stdout.readline().decode()
            assert made["id"] in line and "payment.created" in line
        finally:
            follower.terminate()


# ---- the ledger ----


def test_accounts_are_those_as_of_a_record(ctl: Ctl, paid: dict[str, Any]) -> None:
    now = ctl.json("accounts")
    assert {i["account"] for i in now["items"]} >= {"clearing:sandbox"}
    assert all(i["last_entry"] > 0 for i in now["items"])
    then = ctl.json("accounts", "--as-of-record", str(now["as_of_record"]))
    assert then["as_of_record"] == now["as_of_record"]
    assert then["items"] == [
        {name: value for name, value in i.items() if name != "last_entry"} for i in now["items"]
    ]
    assert ctl.json("accounts", "--as-of-record", "1")["items"] == []
    assert "clearing:sandbox" in ctl.run("accounts")


def test_balances_and_reports_agree(ctl: Ctl, paid: dict[str, Any]) -> None:
    balances = {i["account"]: i["balance"] for i in ctl.json("balance")["items"]}
    said = ctl.run("balance")
    for account in balances:
        assert re.search(rf"^{re.escape(account)} ", said, re.MULTILINE)
    assert balances["clearing:sandbox"] == paid["due"]
    one = ctl.run("balance", "clearing:sandbox").splitlines()
    assert one[1].split(maxsplit=1) == ["clearing:sandbox", words_of(paid["due"])]
    assert ctl.json("balance", "clearing:sandbox")["items"] == [
        {"account": "clearing:sandbox", "balance": paid["due"]}
    ]
    assert "no account" in ctl.run("balance", "clearing:nobody", code=REFUSED)
    assert ctl.json("balance", "--as-of", "2020-01-01", "--axis", "value")["items"] == []
    first = {"as_of_record": 1, "final": False, "items": [], "next": None}
    assert ctl.json("balance", "--as-of-record", "1") == first
    assert "as_of_record" in ctl.run("balance", "--as-of-record", "999999", code=REFUSED)

    report = ctl.json("report", "trial-balance")
    assert all(total["balanced"] for total in report["totals"])
    said = ctl.run("report", "trial-balance")
    assert re.search(r"^ *([\d ]+\.\d\d KZT) +\1 +yes$", said, re.MULTILINE)


def test_reports_are_told(ctl: Ctl, paid: dict[str, Any]) -> None:
    for name in ("settlement", "commission"):
        report = ctl.json("report", name)
        assert [i["gateway"] for i in report["items"]] == ["sandbox"]
        assert report["items"][0]["taken"] == report["totals"][0]["taken"] == paid["due"]
        said = ctl.run("report", name)
        assert re.search(rf"^sandbox +[0-9-]+ +1 +{re.escape(words_of(paid['due']))} ", said, re.MULTILINE)
        assert value(said, "As of record") == str(report["as_of_record"])
        assert ctl.json("report", name, "--as-of-record", "1")["items"] == []
    assert ctl.json("report", "relief")["items"] == []
    assert "no report" in ctl.run("report", "nothing", code=MISUSED)
    assert "from" in ctl.run("report", "relief", "--from", "2026-02-01", "--to", "2026-01-01", code=REFUSED)


def test_entries_are_found_and_told(ctl: Ctl, paid: dict[str, Any]) -> None:
    entry = ctl.json("entries", "--payment", paid["id"])["items"][0]
    said = ctl.run("entries", "--account", "clearing:sandbox")
    rows = [line for line in said.splitlines() if f" {paid['id']} " in line]
    assert len(rows) == len(entry["postings"])
    filters = ["--gateway", "sandbox", "--service", paid["service"], "--payment", paid["id"]]
    days = ["--axis", "value", "--from", entry["value_date"], "--to", entry["value_date"]]
    now = ["--as-of-record", str(entry["record"])]
    assert ctl.json("entries", *filters, *days, *now)["items"] == [entry]
    assert ctl.json("entries", *filters, *days, "--as-of-record", str(entry["record"] - 1))["items"] == []
    assert ctl.json("entries", "--service", "eta", "--payment", paid["id"])["items"] == []
    assert "no gateway" in ctl.run("entries", "--gateway", "nobody", code=REFUSED)
    one = ctl.run("entries", str(entry["number"]))
    assert value(one, "Payment") == paid["id"]
    assert value(one, "Gateway") == "sandbox"
    assert value(one, "Record") == str(entry["record"])
    assert ctl.json("entries", str(entry["number"])) == entry
    assert "not_found" in ctl.run("entries", "999999", code=REFUSED)
    evidence = ctl.json("entries", str(entry["number"]), "--evidence")
    assert evidence["entry"] == entry and evidence["evidence"]["state"] == "kept"
    said = ctl.run("entries", str(entry["number"]), "--evidence")
    assert value(said, "Commitment") == evidence["evidence"]["commitment"]
    assert value(said, "Leaf hash") == evidence["record"]["leaf_hash"]
    assert all(row["row"] in said for row in evidence["calculation"]["law"])
    assert evidence["evidence"]["data"].splitlines()[-1] in said
    assert "--evidence" in ctl.run("entries", "--evidence", code=MISUSED)


# ---- the daemon itself ----


def test_status_tells_how_it_is(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("status")
    assert (value(said, "Live"), value(said, "Ready")) == ("alive", "ready")
    report = ctl.json("status")
    assert report["live"] and report["ready"]
    assert report["generation"] == 1
    assert report["records"] >= int(report["checkpoint"].splitlines()[1]) - 1 > 0
    assert value(said, "Generation") == "1"
    with Meddler(ctl.socket) as meddler:
        assert run(meddler.socket, "--json", "status").returncode == 0
    readyz = next(
        json.loads(answer)
        for asked, answer in zip(meddler.requests, meddler.answers)
        if asked.path == "/readyz"
    )
    assert report["warnings"] == readyz["warnings"]


def test_json_is_the_daemons_own_bytes(ctl: Ctl, alym: Alym, paid: dict[str, Any]) -> None:
    paths = {
        ("services",): "/v1/services",
        ("payment", paid["id"]): f"/v1/payments/{paid['id']}",
        ("payment", "--reference", "PAID"): "/v1/payments?reference=PAID",
        ("entries", "1"): "/v1/ledger/entries/1",
        ("report", "trial-balance"): "/v1/reports/trial-balance",
        ("balance",): "/v1/ledger/balances",
        ("events", "--limit", "3"): "/v1/events?limit=3",
    }
    for words, path in paths.items():
        with Meddler(ctl.socket) as meddler:
            said = run(meddler.socket, "--json", *words).stdout
        assert meddler.requests[-1].path == path
        assert said == meddler.answers[-1].decode() + "\n"


def test_a_caller_without_roles_is_refused(make_alym: Any) -> None:
    alym = make_alym({"client test": {"uid": os.getuid(), "roles": "auditor"}})
    alym.open()
    ctl = Ctl(alym.socket)
    assert "not_permitted" in ctl.run("pay", "eta", "--reference", "R", code=REFUSED)
    problem = run(ctl.socket, "--json", "pay", "eta", "--reference", "R", "--key", "k")
    assert problem.returncode == REFUSED
    assert problem.stdout == ""
    assert json.loads(problem.stderr)["code"] == "not_permitted"
    assert ctl.json("status")["ready"]
