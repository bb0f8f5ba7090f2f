# SPDX-License-Identifier: Apache-2.0
"""What auditors read is what the leaves of the records come to.

Python adds up the leaves, which anybody can have and prove, and knows nothing else of the book.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any, Iterator, Optional
from zoneinfo import ZoneInfo

import pytest

from daemon import Alym
from portal import EXIT_VISA, INVESTOR, Portal

ALMATY = ZoneInfo("Asia/Almaty")
DUE = 216250


class Leaves:
    """The entries that the leaves of records tell, and what payments are for."""

    def __init__(self, portal: Portal, last: int) -> None:
        self.entries: list[dict[str, Any]] = []
        self.calculations: dict[str, dict[str, Any]] = {}
        self.gateways: dict[str, str] = {}
        self.bytes: dict[int, bytes] = {}
        for number in range(1, last + 1):
            path = f"/v1/ledger/records/{number}?form=leaf"
            self.bytes[number] = portal.client.get(path).bytes
            self._take(json.loads(self.bytes[number]))

    def _take(self, leaf: dict[str, Any]) -> None:
        body = leaf["body"]
        if leaf["kind"] == "gateway":
            self.gateways[body["gateway"]] = body["name"]
        if "calculation" in body:
            self.calculations[body["payment"]] = body["calculation"]
        entry = body.get("entry") if leaf["kind"] == "payment" else body
        if leaf["kind"] != "entry" and not isinstance(entry, dict) or "postings" not in entry:
            return
        at = datetime.fromisoformat(leaf["at"].replace("Z", "+00:00"))
        self.entries.append(
            {
                "number": int(entry["entry"]),
                "record": int(leaf["number"]),
                "booked": at.astimezone(ALMATY).date().isoformat(),
                "value": entry["value_date"],
                "payment": body.get("payment", ""),
                "gateway": self.gateways.get(body.get("gateway", ""), ""),
                "postings": [(p["account"], p["currency"], int(p["amount"])) for p in entry["postings"]],
            }
        )

    def of(
        self, as_of: int, axis: str = "booked", since: str = "", until: str = "9999"
    ) -> Iterator[dict[str, Any]]:
        return (e for e in self.entries if e["record"] <= as_of and since <= e[axis] <= until)

    def balances(self, *of: Any) -> dict[tuple[str, str], int]:
        sums: Counter[tuple[str, str]] = Counter()
        touched = set()
        for entry in self.of(*of):
            for account, currency, amount in entry["postings"]:
                sums[account, currency] += amount
                touched.add((account, currency))
        return {key: sums[key] for key in touched}

    def service(self, entry: dict[str, Any]) -> str:
        return self.calculations[entry["payment"]]["service"] if entry["payment"] else ""


@pytest.fixture(scope="module")
def portal(shared: Alym) -> Iterator[Portal]:
    """One book for all: each test reads the leaves as it finds them."""
    shared.bank.control.mode(callback_url=shared.callback_url)
    with Portal(shared) as opened:
        book_all_sorts(opened)
        yield opened


def book_all_sorts(portal: Portal) -> None:
    """Exempt, exact, short and completed, too much, twice, without a home, dollars, of the day before."""

    def cash(code: str, amount: int, **how: Any) -> None:
        assert portal.alym.bank.control.cash(code, amount, **how)["callback"]["answer"]["accepted"]

    codes = [portal.create()["code"] for _ in range(5)]
    portal.create(quote={**EXIT_VISA, "claims": INVESTOR})
    cash(codes[0], DUE)
    cash(codes[1], DUE - 100)
    portal.create(quote={"service": "visa.multiple", "claims": INVESTOR})
    cash(codes[1], 100)
    cash(codes[2], DUE + 7)
    cash(codes[2], DUE)
    cash("000000000000", 11)
    cash(codes[3], 499, currency="USD")
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    cash(codes[4], DUE, paid_at=yesterday.strftime("%Y-%m-%dT%H:%M:%SZ"))


def read_leaves(portal: Portal) -> tuple[Leaves, int]:
    head = portal.get("/v1/ledger/balances")["as_of_record"]
    return Leaves(portal, head), head


def days() -> list[str]:
    today = datetime.now(ALMATY).date()
    return [(today + timedelta(days=n)).isoformat() for n in (-2, -1, 0, 1)]


def money_of(item: dict[str, Any], name: str) -> int:
    return int(item[name]["amount"])


def test_balances_are_those_of_the_leaves(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    assert {e["value"] for e in leaves.entries} != {e["booked"] for e in leaves.entries}
    for as_of in range(1, head + 1):
        for axis in ("booked", "value"):
            for day in [None, *days()]:
                about = f"as_of_record={as_of}&axis={axis}" + (f"&as_of={day}" if day else "")
                told = portal.get(f"/v1/ledger/balances?{about}")
                said = {(i["account"], i["balance"]["currency"]): money_of(i, "balance") for i in told["items"]}
                assert said == leaves.balances(as_of, axis, "", day or "9999"), about


def test_a_walk_is_of_one_moment(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    for path in ("/v1/ledger/entries?limit=2", "/v1/ledger/balances?limit=2"):
        items, cursor = [], ""
        while cursor is not None:
            page = portal.get(path + cursor)
            assert page["as_of_record"] >= head
            first = page["as_of_record"] if not items else first
            assert page["as_of_record"] == first
            items += page["items"]
            portal.create(quote={**EXIT_VISA, "claims": INVESTOR})  # each page finds the book longer
            cursor = page["next"] and f"&cursor={page['next']}"
        leaves = Leaves(portal, first)
        if "entries" in path:
            assert [i["number"] for i in items] == [e["number"] for e in leaves.of(first)]
        else:
            assert {i["account"] for i in items} == {name for name, _ in leaves.balances(first)}


def test_entries_are_found_by_what_they_are(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    today = days()[2]
    for account in ("", "clearing:sandbox", "suspense:sandbox", "relief:investor"):
        for gateway in ("", "sandbox"):
            for service in ("", "visa.exit", "visa.multiple"):
                for axis in ("booked", "value"):
                    for since in ("", today):
                        query = {"account": account, "gateway": gateway, "service": service, "from": since}
                        said = "&".join(f"{k}={v}" for k, v in query.items() if v)
                        told = portal.get(f"/v1/ledger/entries?axis={axis}&{said}")["items"]
                        wanted = [
                            e["number"]
                            for e in leaves.of(head, axis, since)
                            if account in ("", *(p[0] for p in e["postings"]))
                            and gateway in ("", e["gateway"])
                            and service in ("", leaves.service(e))
                        ]
                        assert [i["number"] for i in told] == wanted, said


def test_the_trial_balance_is_that_of_the_leaves(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    for as_of in (head // 2, head):
        for axis in ("booked", "value"):
            for since in days():
                told = portal.get(f"/v1/reports/trial-balance?from={since}&axis={axis}&as_of_record={as_of}")
                before = (date.fromisoformat(since) - timedelta(days=1)).isoformat()
                opening = leaves.balances(as_of, axis, "", before)
                closing = leaves.balances(as_of, axis)
                turnover: Counter[tuple[str, str, bool]] = Counter()
                for entry in leaves.of(as_of, axis, since):
                    for account, currency, amount in entry["postings"]:
                        turnover[account, currency, amount > 0] += abs(amount)
                said = {}
                for item in told["items"]:
                    key = (item["account"], item["closing"]["currency"])
                    said[key] = tuple(money_of(item, n) for n in ("opening", "debit", "credit", "closing"))
                assert said == {
                    k: (opening.get(k, 0), turnover[*k, True], turnover[*k, False], closing[k]) for k in closing
                }
                assert all(total["balanced"] for total in told["totals"])


def test_relief_is_that_of_the_leaves(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    told = portal.get("/v1/reports/relief")
    wanted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in leaves.of(head):
        grounds = {a.split(":", 1)[1]: amount for a, _, amount in entry["postings"] if a.startswith("relief:")}
        for ground, relief in grounds.items():
            fee, gross = next((a, -amount) for a, _, amount in entry["postings"] if a.startswith("fee:"))
            row = wanted[ground, *fee.split(":")[1:]]
            row[:] = [row[0] + 1, row[1] + gross, row[2] + relief]
    said = {
        (i["ground"], i["service"], i["kbk"]): [i["count"], money_of(i, "gross"), money_of(i, "relief")]
        for i in told["items"]
    }
    assert said == dict(wanted) and len(said) == 2
    assert all(i["law"] for i in told["items"])


def test_settlement_and_commission_are_those_of_the_leaves(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    for axis in ("booked", "value"):
        taken: Counter[tuple[str, str]] = Counter()
        count: Counter[tuple[str, str]] = Counter()
        for entry in leaves.of(head, axis):
            for account, currency, amount in entry["postings"]:
                if account == "clearing:sandbox":
                    taken[entry[axis], currency] += amount
            for currency in {c for a, c, _ in entry["postings"] if a.split(":")[0] in ("clearing", "suspense")}:
                count[entry[axis], currency] += 1
        told = portal.get(f"/v1/reports/settlement?axis={axis}")
        rows = {(i["day"], i["taken"]["currency"]): i for i in told["items"]}
        assert {k: money_of(i, "taken") for k, i in rows.items()} == dict(taken)
        assert {k: i["entries"] for k, i in rows.items()} == dict(count)
        for (day, currency), row in rows.items():
            then = leaves.balances(head, axis, "", day)
            assert money_of(row, "unsettled") == then["clearing:sandbox", currency]
            assert money_of(row, "suspense") == -then.get(("suspense:sandbox", currency), 0)
            assert money_of(row, "settled") == 0
        told = portal.get(f"/v1/reports/commission?axis={axis}")
        for item in told["totals"]:
            currency = item["taken"]["currency"]
            assert money_of(item, "taken") == sum(v for (_, c), v in taken.items() if c == currency)
            assert (money_of(item, "commission"), item["rate"]) == (0, "0.000000")


def test_an_entry_is_told_with_its_evidence(portal: Portal) -> None:
    leaves, head = read_leaves(portal)
    kept = 0
    for entry in leaves.of(head):
        told = portal.get(f"/v1/ledger/entries/{entry['number']}/evidence")
        leaf = leaves.bytes[entry["record"]]
        assert told["record"]["number"] == told["entry"]["record"] == entry["record"]
        assert told["record"]["leaf_hash"] == hashlib.sha256(b"\0" + leaf).hexdigest()
        assert told["record"]["leaf"] == json.loads(leaf)
        assert told["entry"] == portal.get(f"/v1/ledger/entries/{entry['number']}")
        commitment: Optional[str] = told["record"]["leaf"]["body"].get("evidence")
        message = told["evidence"]
        if commitment is None:
            assert message is None
        else:
            data = message["data"].encode() if message["encoding"] == "utf-8" else base64.b64decode(message["data"])
            digest = hashlib.sha256(bytes.fromhex(message["salt"]) + data).hexdigest()
            assert (message["state"], message["commitment"], digest) == ("kept", commitment, commitment)
            assert b"operation" in data  # it is the bank's own message
            kept += 1
        if entry["payment"]:
            calculation = leaves.calculations[entry["payment"]]
            assert told["payment"]["id"] == told["entry"]["payment"]
            assert told["calculation"]["service"] == calculation["service"]
            assert told["calculation"]["tariff"] == f"sha256:{calculation['tariff']}"
            rows = [row["row"] for row in told["calculation"]["law"]]
            assert rows == calculation["rows"].split(",")
            assert all(row["act"] and row["title"]["ru"] for row in told["calculation"]["law"])
        else:
            assert told["payment"] is told["calculation"] is None
    assert kept == 8
    portal.refused(404, "not_found", "GET", "/v1/ledger/entries/999999/evidence")
