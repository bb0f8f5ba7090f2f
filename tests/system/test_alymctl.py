# SPDX-License-Identifier: Apache-2.0
"""alymctl against the real daemon: each command for people and for scripts, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator, Optional

import pytest

from client import Client
from daemon import BUILD, Alym, wait_until
from meddler import Meddler

ALYMCTL = BUILD / "tools/alymctl"
DONE, REFUSED, MISUSED, UNREACHED, DISPROVED, UNWRITTEN = range(6)
QUOTE_2026 = ("quote", "visa.multiple", "--date", "2026-03-01")
AT_A_BANK = ("--gateway", "sandbox", "--return-url", "https://example.kz/back")


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "COLUMNS"))}
    return {**kept, **changes}


def run(socket: Path | str, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [str(ALYMCTL), "--socket", str(socket), *words]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, env=environment(**changes)
    )


class Ctl:
    """alymctl on one socket; what it says for people, or as JSON."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def run(self, *words: str, code: int = DONE, **changes: str) -> str:
        done = run(self.socket, *words, **changes)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code in (DONE, DISPROVED) else done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.run("--json", *words))


@pytest.fixture(scope="module")
def alym(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Alym]:
    made = Alym(tmp_path_factory.mktemp("alymctl"), certificates)
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def ctl(alym: Alym) -> Ctl:
    return Ctl(alym.socket)


@pytest.fixture(scope="module")
def paid(alym: Alym, ctl: Ctl) -> dict[str, Any]:
    """A payment that went through a bank."""
    made = ctl.json("pay", "visa.multiple", "--reference", "PAID", *AT_A_BANK)
    control = alym.bank.control
    order = made["attempts"][-1]["order"]
    wait_until(lambda: any(o["order"] == order for o in control.orders()), 30, "the order")
    control.pay(order)

    def found() -> Optional[dict[str, Any]]:
        payment = ctl.json("payment", made["id"])
        return payment if payment["state"] == "paid" else None

    return wait_until(found, 30, "the money")


def create(ctl: Ctl, reference: str, *words: str) -> dict[str, Any]:
    return ctl.json("pay", "visa.exit", "--reference", reference, *words)


def words_of(money: dict[str, Any]) -> str:
    """129 750.00 KZT"""
    return f"{money['amount'] / 100:,.2f} {money['currency']}".replace(",", " ")


def value(said: str, label: str) -> str:
    """What stands behind a label of a card."""
    found = re.search(rf"^{re.escape(label)}\s+(.*)$", said, re.MULTILINE)
    assert found, f"no {label} in:\n{said}"
    return found[1]


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
            *("--payer", "iin:900401300123", "--payer", "name:Айша: О.", "--nationality", "IN"),
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
        "payer": {"iin": "900401300123", "name": "Айша: О."},
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
    before = ctl.json("balance", "--as-of", "2020-01-01", "--axis", "value")["items"]
    assert all(i["balance"]["amount"] == 0 for i in before)

    report = ctl.json("report", "trial-balance")
    assert all(total["balanced"] for total in report["totals"])
    said = ctl.run("report", "trial-balance")
    assert re.search(r"^ *([\d ]+\.\d\d KZT) +\1 +yes$", said, re.MULTILINE)


def test_entries_are_found_and_told(ctl: Ctl, paid: dict[str, Any]) -> None:
    entry = ctl.json("entries", "--payment", paid["id"])["items"][0]
    said = ctl.run("entries", "--account", "clearing:sandbox")
    rows = [line for line in said.splitlines() if f" {paid['id']} " in line]
    assert len(rows) == len(entry["postings"])
    one = ctl.run("entries", str(entry["number"]))
    assert value(one, "Payment") == paid["id"]
    assert value(one, "Gateway") == "sandbox"
    assert value(one, "Record") == str(entry["record"])
    assert ctl.json("entries", str(entry["number"])) == entry
    assert "not_found" in ctl.run("entries", "999999", code=REFUSED)


# ---- proofs ----


def test_a_record_is_proved(ctl: Ctl, paid: dict[str, Any]) -> None:
    record = str(ctl.json("entries", "--payment", paid["id"])["items"][0]["record"])
    said = ctl.run("proof", record)
    assert said.endswith("\nThe proof holds.\n")
    report = ctl.json("proof", record)
    assert report["holds"] is True
    assert report["computed_root"] == report["root"]
    assert report["leaf_hash"] in said and report["root"] in said
    assert value(said, "Signature") == "Ed25519, holds"


def grown(ctl: Ctl, size: int) -> dict[str, Any]:
    """A proof under a checkpoint of more records; the daemon signs one a second at most."""

    def found() -> Optional[dict[str, Any]]:
        report = ctl.json("proof", "1")
        return report if report["size"] > size else None

    return wait_until(found, 10, "a checkpoint")


def test_a_checkpoint_kept_holds_the_book_to_it(ctl: Ctl, tmp_path: Path) -> None:
    kept = ctl.json("proof", "1")
    note = tmp_path / "kept.note"
    note.write_text(kept["checkpoint"])
    create(ctl, "GROWN")
    now = grown(ctl, kept["size"])
    words = ("--checkpoint", str(note), "--verifier", kept["key"])
    assert ctl.json("proof", "2", *words)["size"] == kept["size"]
    sizes = [str(kept["size"]), str(now["size"])]
    assert "The proof holds." in ctl.run("proof", "--consistency", *sizes, *words)
    assert "The proof holds." in ctl.run("proof", "--consistency", "1", sizes[0])
    assert "The proof holds." in ctl.run("proof", "--consistency", sizes[0], sizes[0])
    assert "beyond" in ctl.run("proof", sizes[1], *words, code=REFUSED)
    assert "not of 1" in ctl.run("proof", "--consistency", "1", sizes[0], *words, code=MISUSED)


def swapped(body: bytes, old: bytes, new: bytes) -> bytes:
    assert old in body
    return body.replace(old, new, 1)


def other_digit(match: re.Match[bytes]) -> bytes:
    return b'"' + (b"0" if match[1] != b"0" else b"1")


LIES = {
    "the leaf": ("/records/", lambda body: swapped(body, b'"', b'" ')),
    "the path": ("/inclusion", lambda body: re.sub(rb'"([0-9a-f])(?=[0-9a-f]{63})', other_digit, body)),
    "a step left out": ("/inclusion", lambda body: re.sub(rb'\["[0-9a-f]{64}",?', b"[", body)),
    "the checkpoint's size": ("/checkpoint", lambda body: re.sub(rb"\n(\d+)\n", rb"\n1\1\n", body)),
    "the signature": ("/checkpoint", lambda body: body[:-10] + body[-10:].swapcase()),
    "the key": ("/key", lambda body: body[:-10] + body[-10:].swapcase()),
}


@pytest.mark.parametrize("what", LIES)
def test_a_daemon_that_lies_is_found_out(ctl: Ctl, paid: dict[str, Any], what: str) -> None:
    where, lie = LIES[what]
    record = str(ctl.json("entries", "--payment", paid["id"])["items"][0]["record"])
    with Meddler(ctl.socket, where, lie) as meddler:
        done = run(meddler.socket, "proof", record)
        assert done.returncode == DISPROVED, done.stdout + done.stderr
        assert done.stderr.startswith("alymctl: the proof does not hold: ")
        assert "The proof holds" not in done.stdout
        done = run(meddler.socket, "proof", record, "--json")
        assert done.returncode == DISPROVED
        assert json.loads(done.stdout)["holds"] is False


def test_a_book_rewritten_is_found_out(ctl: Ctl, tmp_path: Path) -> None:
    kept = ctl.json("proof", "1")
    note = tmp_path / "kept.note"
    note.write_text(kept["checkpoint"])
    create(ctl, "REWRITTEN")
    now = grown(ctl, kept["size"])
    sizes = [str(kept["size"]), str(now["size"])]
    lie = LIES["the path"][1]
    with Meddler(ctl.socket, "/consistency", lie) as meddler:
        words = ("proof", "--consistency", *sizes, "--checkpoint", str(note))
        assert run(meddler.socket, *words).returncode == DISPROVED
    note.write_text(kept["checkpoint"].replace("\n" + sizes[0] + "\n", "\n" + sizes[1] + "\n"))
    words = ("proof", "--consistency", sizes[1], sizes[1], "--checkpoint", str(note))
    assert run(ctl.socket, *words).returncode == DISPROVED


# ---- the daemon itself ----


def test_status_tells_how_it_is(ctl: Ctl, paid: dict[str, Any]) -> None:
    said = ctl.run("status")
    assert (value(said, "Live"), value(said, "Ready")) == ("alive", "ready")
    report = ctl.json("status")
    assert report["live"] and report["ready"]
    assert report["generation"] == 1
    assert report["records"] >= int(report["checkpoint"].splitlines()[1]) - 1 > 0
    assert value(said, "Generation") == "1"


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


# ---- what goes wrong ----


def test_a_daemon_that_is_not_there(tmp_path: Path) -> None:
    for words in (("status",), ("services",), ("pay", "eta", "--reference", "R"), ("proof", "1")):
        done = run(tmp_path / "none.sock", *words)
        assert done.returncode == UNREACHED
        assert done.stdout == ""
        assert f"{tmp_path}/none.sock: No such file or directory" in done.stderr
    done = subprocess.run(
        [ALYMCTL, "status"], capture_output=True, env=environment(ALYM_SOCKET="/none/of/them")
    )
    assert done.returncode == UNREACHED and b"/none/of/them" in done.stderr
    assert run("/" + "x" * 200, "status").returncode == UNREACHED


def test_an_answer_lost_names_the_key_to_repeat_with(ctl: Ctl) -> None:
    with Meddler(ctl.socket, "/v1/payments", lambda body: None) as meddler:
        lost = run(meddler.socket, "pay", "visa.exit", "--reference", "LOST")
    assert lost.returncode == UNREACHED
    key = re.search(r"repeat the command with --key ([0-9a-f]{32})$", lost.stderr, re.MULTILINE)
    assert key
    said = run(ctl.socket, "pay", "visa.exit", "--reference", "LOST", "--key", key[1])
    assert said.returncode == DONE and "used before" in said.stderr


def test_an_answer_that_is_no_json_is_no_answer(ctl: Ctl) -> None:
    with Meddler(ctl.socket, "/v1/", lambda body: b"<html>") as meddler:
        for words in (("services",), ("payment",), ("events",), ("balance", "x")):
            assert run(meddler.socket, *words).returncode == UNREACHED


MISUSE = [
    (),
    ("none",),
    ("quote",),
    ("quote", "eta", "--quantity", "x"),
    ("quote", "eta", "--quantity", "-1"),
    ("quote", "eta", "more"),
    ("quote", "eta", "--lang", "de"),
    ("pay", "eta"),
    ("pay", "eta", "--reference", "R", "--expect", "lots"),
    ("pay", "eta", "--reference", "R", "--expect", "1.00 XXX"),
    ("pay", "eta", "--reference", "R", "--payer", "somebody"),
    ("pay", "eta", "--reference", "R", "--key", "a b"),
    ("pay", "eta", "--reference", "R", "--key", "a\r\nX: y"),
    ("fulfil", "p1-1", "perhaps"),
    ("payment", "p1-1", "--state", "paid"),
    ("payment", "x" * 5000),
    ("proof", "x"),
    ("proof", "0"),
    ("proof", "1", "2"),
    ("proof", "--consistency", "2", "1"),
    ("proof", "1", "--checkpoint", "/none"),
    ("proof", "1", "--verifier"),
    ("report", "profit"),
    ("balance", "x", "--limit", "1"),
    ("help", "none"),
]


@pytest.mark.parametrize("words", MISUSE, ids=" ".join)
def test_misuse_is_told_and_asks_for_nothing(ctl: Ctl, words: tuple[str, ...]) -> None:
    with Meddler(ctl.socket) as meddler:
        done = run(meddler.socket, *words)
    assert done.returncode == MISUSED
    assert done.stdout == "" or words[0] == "proof"
    assert done.stderr
    assert all(request.method == "GET" for request in meddler.requests)


def test_bytes_that_are_no_utf8_are_misuse(ctl: Ctl) -> None:
    for words in ([b"quote", b"\xff"], [b"quote", b"eta", b"--place", b"\xff"]):
        command = [bytes(ALYMCTL), b"--socket", bytes(ctl.socket), *words]
        assert subprocess.run(command, capture_output=True).returncode == MISUSED


def test_refusals_name_code_field_and_detail(ctl: Ctl) -> None:
    said = ctl.run("quote", "none", code=REFUSED)
    assert said.splitlines() == [
        "alymctl: unknown_service: service: There is no such service",
        "alymctl:   is not a service of this tariff",
    ]
    assert "alymctl: invalid_field: date" in ctl.run("quote", "eta", "--date", "2026-02-30", code=1)
    assert "alymctl: tariff_missing" in ctl.run("quote", "visa.exit", "--date", "2027-01-01", code=1)
    assert "alymctl: not_found" in ctl.run("payment", "p1-99999", code=REFUSED)
    assert "alymctl: not_found" in ctl.run("payment", "../../livez?", code=REFUSED)
    assert "alymctl: invalid_field: state" in ctl.run("payment", "--state", "lost", code=REFUSED)


def test_a_closed_pipe_ends_it(ctl: Ctl, paid: dict[str, Any]) -> None:
    started = time.monotonic()
    command = f"'{ALYMCTL}' --socket '{ctl.socket}' events --follow | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert done.stdout.startswith(b"Event") and done.stderr == b""
    assert time.monotonic() - started < 15  # long before its poll runs out
    with subprocess.Popen(
        ["bash", "-c", f"trap '' PIPE; sleep 0.3; '{ALYMCTL}' --socket '{ctl.socket}' services"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as closed:
        assert closed.stdout is not None and closed.stderr is not None
        closed.stdout.close()
        assert closed.stderr.read() == b""
        assert closed.wait() == UNWRITTEN


def test_a_full_disk_is_told(ctl: Ctl) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [ALYMCTL, "--socket", ctl.socket, "services"], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == UNWRITTEN
    assert b"No space left on device" in done.stderr


def test_what_a_bank_says_does_not_drive_the_terminal(ctl: Ctl) -> None:
    nasty = json.dumps({"items": [{"code": "\u001b]0;owned\u0007\u202e", "name": "x"}]}).encode()
    with Meddler(ctl.socket, "/v1/services", lambda body: nasty) as meddler:
        said = run(meddler.socket, "services").stdout
    assert "\x1b" not in said and "\u202e" not in said and "\ufffd" in said


def test_help_stands_everywhere(tmp_path: Path) -> None:
    none = tmp_path / "none.sock"
    every = run(none, "help").stdout
    assert every == run(none, "--help").stdout
    for command in ("quote", "pay", "proof", "status"):
        said = run(none, "help", command).stdout
        assert said.startswith(f"Usage: alymctl {command}")
        assert said == run(none, command, "--help").stdout == run(none, "-h", command).stdout
        assert f"  {command}" in every
    assert re.fullmatch(r"alymctl \d+\.\d+\.\d+\n", run(none, "--version").stdout)
