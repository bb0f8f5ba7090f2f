# SPDX-License-Identifier: Apache-2.0
"""Reads a book's file when the daemon has ended, and derives again all that can be derived.

Trusts nothing but the file's rows and docs/LEDGER.md; knows none of Alym's code.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Iterable, Optional
from zoneinfo import ZoneInfo

from merkle import Verifier, leaf_hash, root_of, roots_of

ALMATY = ZoneInfo("Asia/Almaty")
RECORDS = [
    "generation", "client", "gateway", "tariff", "payment", "requote", "attempt", "entry",
    "cancellation", "expiry", "fulfilment", "checkpoint", "evidence", "rates", "close",
    "erasure", "key",
]  # fmt: skip
CAUSES = ["capture", "exempt", "hold", "suspend", "reversal"]
REASONS = ["part", "excess", "second", "currency", "unknown", "unquoted"]
PAYMENT_STATES = ["open", "partly_paid", "paid", "exempt", "cancelled", "expired"]
ATTEMPT_STATES = [
    "created", "sent", "pending", "authorized", "unknown",
    "captured", "declined", "not_attempted", "released", "expired",
]  # fmt: skip
ATTEMPT_FINAL = ATTEMPT_STATES.index("captured")
REASON_PART = 1
TILE_WIDTH = 256


def canonical(value: Any) -> bytes:
    """RFC 8785 for what a leaf has: objects, arrays, strings, true and false."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def day_text(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def day_in_almaty(moment: int) -> int:
    return (datetime.fromtimestamp(moment, ALMATY).date() - date(1970, 1, 1)).days


def time_text(moment: int) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def raw(number: int) -> bytes:
    return number.to_bytes(4, "little")


class Book:
    """`with Book(path) as book: book.audit(key)`; AssertionError tells every fault."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._db.row_factory = sqlite3.Row
        self.faults: list[str] = []

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def audit(self, verifier: Optional[str] = None) -> None:
        self.faults = []
        self._check_file()
        self._check_numbers()
        self._check_leaves()
        self._check_tree(verifier)
        self._check_entries()
        self._check_entry_leaves()
        self._check_reversals()
        self._check_periods()
        self._check_balances()
        self._check_suspense()
        self._check_payments()
        self._check_attempts()
        self._check_beside()
        self._check_rates()
        self._check_once()
        self._check_commitments()
        assert not self.faults, "the book is wrong:\n" + "\n".join(self.faults[:50])

    def _expect(self, true: Any, fault: str) -> None:
        if not true:
            self.faults.append(fault)

    # ---- rows as such ----

    def _check_file(self) -> None:
        self._expect(self.rows("PRAGMA integrity_check")[0][0] == "ok", "SQLite finds it broken")
        for row in self.rows("PRAGMA foreign_key_check"):
            self.faults.append(f"{row[0]}: row {row[1]} refers to nothing in {row[2]}")

    def _check_numbers(self) -> None:
        for table in ("record", "payment", "entry", "client", "gateway", "account", "suspense"):
            self._expect_gap_free(table, (r[0] for r in self.rows(f"SELECT number FROM {table}")))
        for row in self.rows("SELECT number FROM client"):
            numbers = self.rows("SELECT number FROM event WHERE client = ?", row[0])
            self._expect_gap_free(f"event of client {row[0]}", (n[0] for n in numbers))
        times = [row[0] for row in self.rows("SELECT booked_at FROM record ORDER BY number")]
        self._expect(times == sorted(times), "record: time runs backwards")

    def _expect_gap_free(self, what: str, numbers: Iterable[int]) -> None:
        have = sorted(numbers)
        self._expect(have == list(range(1, len(have) + 1)), f"{what}: the numbers have gaps")

    def _check_leaves(self) -> None:
        for row in self.rows("SELECT * FROM record"):
            leaf = json.loads(row["leaf"])
            what = f"record {row['number']}"
            self._expect(canonical(leaf) == row["leaf"], f"{what}: the leaf is not canonical")
            said = (leaf["number"], leaf["at"], leaf["kind"], leaf["v"])
            is_so = (str(row["number"]), time_text(row["booked_at"]), RECORDS[row["kind"] - 1], "1")
            self._expect(said == is_so, f"{what}: the leaf says {said} and not {is_so}")

    # ---- the tree ----

    def leaves(self) -> list[bytes]:
        return [row[0] for row in self.rows("SELECT leaf FROM record ORDER BY number")]

    def _check_tree(self, verifier: Optional[str]) -> None:
        hashes = [leaf_hash(leaf) for leaf in self.leaves()]
        roots = roots_of(hashes)
        signers = self._check_keys(verifier)
        for row in self.rows("SELECT * FROM checkpoint"):
            what = f"checkpoint at record {row['record']}"
            self._expect(row["size"] == row["record"] - 1, f"{what}: of {row['size']} records")
            if verifier is None:
                continue
            said = Verifier("\n".join(signers(row["record"]))).open(row["note"])
            lines = row["note"].rpartition("\n\n")[2].count("\n")
            self._expect(lines == len(signers(row["record"])), f"{what}: signed by others")
            self._expect(said.size == row["size"], f"{what}: the note is of {said.size}")
            self._expect(said.root == roots[row["size"]], f"{what}: another root")
        self._check_tiles(hashes)

    def _check_keys(self, verifiers: Optional[str]) -> Callable[[int], list[str]]:
        """Rotations are what their records say; who signs a checkpoint of that record follows."""
        turns: list[tuple[int, str, str, str]] = []  # from which record, who, who else, until
        for row in self.rows("SELECT k.*, leaf FROM checkpoint_key AS k JOIN record ON number = record ORDER BY record"):
            what = f"checkpoint_key of record {row['record']}"
            body = json.loads(row["leaf"])["body"]
            public = base64.b64encode(b"\x01" + row["public"]).decode()
            self._expect(body["verifier"].endswith("+" + public), f"{what}: another key")
            is_so = {
                "before": turns[-1][1] if turns else body["before"], "reason": row["reason"],
                "rotated_by": {"client": str(row["client"]), "uid": str(row["uid"])},
                "verifier": body["verifier"],
            }  # fmt: skip
            if row["until"]:
                is_so["until"] = time_text(row["until"])
            self._expect(body == is_so, f"{what}: {is_so} and not {body}")
            if not turns:
                turns.append((0, body["before"], "", ""))
            turns.append((row["record"], body["verifier"], body["before"], body.get("until", "")))
        turns = turns or [(0, (verifiers or "").strip(), "", "")]
        told = (verifiers or turns[-1][1]).partition("\n")[0]
        self._expect(told == turns[-1][1], f"key: {told} and not {turns[-1][1]}")
        times = {row["number"]: time_text(row["booked_at"]) for row in self.rows("SELECT * FROM record WHERE kind = 12")}

        def signers(record: int) -> list[str]:
            _, who, before, until = [turn for turn in turns if turn[0] < record][-1]
            return [who, before] if times[record] < until else [who]

        return signers

    def _check_tiles(self, hashes: list[bytes]) -> None:
        tiles = {(r["level"], r["number"]): r["hashes"] for r in self.rows("SELECT * FROM tile")}
        level, wanted = 0, {}
        while len(hashes) >= TILE_WIDTH:
            whole = len(hashes) // TILE_WIDTH
            chunks = [hashes[i * TILE_WIDTH : (i + 1) * TILE_WIDTH] for i in range(whole)]
            wanted.update({(level, i): b"".join(chunk) for i, chunk in enumerate(chunks)})
            hashes = [root_of(chunk) for chunk in chunks]
            level += 1
        self._expect(tiles == wanted, "tile: not those of the leaves")

    # ---- entries and sums ----

    def _check_entries(self) -> None:
        last: dict[int, int] = defaultdict(int)
        for entry in self.rows("SELECT * FROM entry ORDER BY number"):
            number = entry["number"]
            postings = self.postings(number)
            lines = [p["line"] for p in postings]
            self._expect(lines == list(range(1, entry["lines"] + 1)), f"entry {number}: lines")
            sums: Counter[str] = Counter()
            for posting in postings:
                sums[posting["currency"]] += posting["amount"]
                before = last[posting["account"]]
                self._expect(
                    posting["prev"] == before, f"entry {number}: not linked to {before}"
                )
            last.update({posting["account"]: number for posting in postings})
            self._expect(not any(sums.values()), f"entry {number}: does not balance: {sums}")
            day = day_in_almaty(entry["booked_at"])
            said = entry["booked_day"]
            self._expect(said == day, f"entry {number}: its day is {said}")

    def postings(self, entry: int) -> list[sqlite3.Row]:
        return self.rows(
            "SELECT posting.*, name, currency FROM posting JOIN account ON number = account"
            " WHERE entry = ? ORDER BY line",
            entry,
        )

    def _check_entry_leaves(self) -> None:
        for entry in self.rows(
            "SELECT entry.*, leaf FROM entry JOIN record ON record.number = entry.record"
        ):
            body = json.loads(entry["leaf"])["body"]
            exempt = CAUSES[entry["cause"] - 1] == "exempt"
            for name in ("evidence", "handle", "page", "reason", "suspended"):
                body.pop(name, None)
            if exempt:
                self._expect(body["payment"] == str(entry["payment"]), f"entry {entry['number']}: whose")
                body = body["entry"]
            wanted = {
                "cause": CAUSES[entry["cause"] - 1],
                "entry": str(entry["number"]),
                "paid_on": day_text(entry["paid_on"]),
                "value_date": day_text(entry["value_date"]),
                "postings": [
                    {"account": p["name"], "amount": str(p["amount"]), "currency": p["currency"]}
                    for p in self.postings(entry["number"])
                ],
            }
            for name in ("attempt", "gateway", "payment"):
                if entry[name] and not exempt:
                    wanted[name] = str(entry[name])
            if entry["operation"]:
                wanted["operation"] = entry["operation"]
            if wanted["cause"] == "reversal":
                body = {n: v for n, v in body.items() if n not in ("request", "state", "reverses", "reversed_by")}
            self._expect(body == wanted, f"entry {entry['number']}: its leaf is another: {body}")

    def _check_reversals(self) -> None:
        """What is taken back is taken back once and whole, and the leaf says by whom."""
        told = {int(b["entry"]): b for b in self.bodies().values() if b.get("cause") == "reversal"}
        rows = {row["entry"]: row for row in self.rows("SELECT * FROM reversal")}
        self._expect(set(rows) == set(told), f"reversal: {set(rows)} and not {set(told)}")
        for number, row in rows.items():
            body = told.get(number, {})
            by = {"client": str(row["client"]), "uid": str(row["uid"])}
            said = (body.get("reverses"), body.get("reversed_by"), body.get("reason"))
            self._expect(said == (str(row["reverses"]), by, row["reason"]), f"reversal {number}: {said}")
            sums: Counter[int] = Counter()
            for entry in (number, row["reverses"]):
                sums.update({p["line"]: p["amount"] for p in self.postings(entry)})
            self._expect(not any(sums.values()), f"reversal {number}: does not cancel {row['reverses']}")
            self._expect(row["reverses"] not in rows, f"reversal {number}: of a reversal")

    def _check_periods(self) -> None:
        """The closing balances are those of the postings, and their list is what was hashed."""
        for row in self.rows("SELECT * FROM period ORDER BY month"):
            what = f"period {row['month']}"
            late = "SELECT number FROM entry WHERE (number <= ?) <> (booked_day <= ?)"
            faults = [n[0] for n in self.rows(late, row["last_entry"], row["last_day"])]
            self._expect(not faults, f"{what}: entries {faults} are on the wrong side")
            wanted: dict[tuple[str, str], list[int]] = {}
            for posted in self.rows(
                "SELECT name, currency, amount FROM posting JOIN account ON number = account WHERE entry <= ?",
                row["last_entry"],
            ):
                sums = wanted.setdefault((posted["name"], posted["currency"]), [0, 0])
                sums[posted["amount"] < 0] += abs(posted["amount"])
            listed = [
                {"account": name, "credit": str(credit), "currency": currency, "debit": str(debit)}
                for (name, currency), (debit, credit) in sorted(wanted.items())
            ]
            digest = hashlib.sha256(canonical(listed)).digest()
            self._expect(row["digest"] == digest, f"{what}: its SHA-256 is of other balances")
            kept = self.rows(
                "SELECT name, credit, currency, debit FROM period_balance JOIN account ON number = account"
                " WHERE month = ? ORDER BY line",
                row["month"],
            )
            said = [dict(zip(listed[0], map(str, k))) for k in kept]
            self._expect(said == listed, f"{what}: {said} and not {listed}")

    def balances(self) -> dict[tuple[str, str], int]:
        """Debit less credit by account and currency, from the postings alone."""
        sums: Counter[tuple[str, str]] = Counter()
        for row in self.rows(
            "SELECT name, currency, amount FROM posting JOIN account ON number = account"
        ):
            sums[row["name"], row["currency"]] += row["amount"]
        return dict(sums)

    def _check_balances(self) -> None:
        debit: Counter[tuple[int, ...]] = Counter()
        credit: Counter[tuple[int, ...]] = Counter()
        last: dict[int, int] = {}
        for row in self.rows(
            "SELECT account, amount, entry, booked_day, value_date"
            " FROM posting JOIN entry ON entry.number = posting.entry ORDER BY entry"
        ):
            account = row["account"]
            last[account] = row["entry"]
            side = debit if row["amount"] > 0 else credit
            booked, value = (account, 0, row["booked_day"]), (account, 1, row["value_date"])
            for key in ((account,), booked, value):
                side[key] += abs(row["amount"])
        now, days = {}, {}
        for row in self.rows("SELECT * FROM balance"):
            now[(row["account"],)] = (row["debit"], row["credit"], row["last_entry"])
        for row in self.rows("SELECT * FROM day_sum"):
            days[row["account"], row["axis"], row["day"]] = (row["debit"], row["credit"])
        keys = set(debit) | set(credit)
        wanted_now = {k: (debit[k], credit[k], last[k[0]]) for k in keys if len(k) == 1}
        wanted_days = {k: (debit[k], credit[k]) for k in keys if len(k) == 3}
        self._expect(now == wanted_now, f"balance: {now} and not {wanted_now}")
        self._expect(days == wanted_days, f"day_sum: {days} and not {wanted_days}")

    def _check_suspense(self) -> None:
        lying: Counter[tuple[str, str]] = Counter()
        for row in self.rows(
            "SELECT name, currency, amount FROM suspense JOIN account ON account.number = account"
            " WHERE closed_entry = 0"
        ):
            lying[row["name"], row["currency"]] += row["amount"]
        owed = {k: -v for k, v in self.balances().items() if k[0].startswith("suspense:") and v}
        self._expect(dict(lying) == owed, f"suspense: {dict(lying)} lies there, {owed} is owed")

    # ---- lives ----

    def _check_payments(self) -> None:
        held = Counter()
        for row in self.rows(
            "SELECT payment, amount FROM suspense WHERE reason = ? AND closed_entry = 0",
            REASON_PART,
        ):
            held[row["payment"]] += row["amount"]
        fees: Counter[int] = Counter()
        for row in self.rows(
            "SELECT payment, amount FROM posting JOIN entry ON entry.number = posting.entry"
            " JOIN account ON account.number = account WHERE name LIKE 'fee:%'"
        ):
            fees[row["payment"]] -= row["amount"]
        still_open = {row["payment"] for row in self.rows("SELECT payment FROM payment_open")}
        for row in self.payments():
            number, state = row["number"], PAYMENT_STATES[row["state"]]
            booked = state in ("paid", "exempt")
            self._expect((number in still_open) == (state == "open"), f"payment {number}: {state}")
            self._expect(row["held"] == held[number], f"payment {number}: holds {held[number]}")
            self._expect(fees[number] == (row["gross"] if booked else 0), f"payment {number}: fee")
            self._expect(row["paid"] == (row["due"] if booked else 0), f"payment {number}: paid")

    def payments(self) -> list[sqlite3.Row]:
        """As each stands now."""
        return self.rows(
            "SELECT p.number, p.client, s.state, s.due, s.paid, s.held,"
            " coalesce(c.gross, p.gross) AS gross, coalesce(c.currency, p.currency) AS currency"
            " FROM payment AS p JOIN payment_now AS s ON s.payment = p.number"
            " LEFT JOIN requote AS c ON c.payment = p.number AND c.record ="
            "  (SELECT max(record) FROM requote WHERE payment = p.number)"
        )

    def attempts(self) -> list[sqlite3.Row]:
        """As each stands now."""
        return self.rows(
            "SELECT attempt.number, order_number, amount, s.state, s.captured,"
            " s.currency, s.reason"
            " FROM attempt JOIN attempt_step AS s ON s.attempt = attempt.number AND s.record ="
            "  (SELECT max(record) FROM attempt_step WHERE attempt = attempt.number)"
        )

    def _check_attempts(self) -> None:
        waiting = {r["attempt"]: r["state"] for r in self.rows("SELECT * FROM attempt_open")}
        wanted = {r["number"]: r["state"] for r in self.attempts() if r["state"] < ATTEMPT_FINAL}
        self._expect(waiting == wanted, f"attempt_open: {waiting} and not {wanted}")
        taken: Counter[tuple[int, str]] = Counter()
        for row in self.rows(
            "SELECT attempt, amount, currency FROM posting JOIN entry ON entry.number = posting.entry"
            " JOIN account ON account.number = account"
            " WHERE name LIKE 'clearing:%' AND attempt <> 0"
        ):
            taken[(row["attempt"], row["currency"])] += row["amount"]
        for row in self.attempts():
            what = f"attempt {row['number']}"
            self._expect(row["captured"] == taken[(row["number"], row["currency"])], f"{what}: captured")
            is_captured = ATTEMPT_STATES[row["state"]] == "captured"
            self._expect(is_captured == (row["captured"] > 0), f"{what}: its state")

    def calculations(self) -> dict[int, dict[str, Any]]:
        """What each record's leaf says of a calculation, by the record's number."""
        return {n: b["calculation"] for n, b in self.bodies().items() if "calculation" in b}

    def bodies(self) -> dict[int, Any]:
        """What each record's leaf says, by the record's number."""
        return {n: json.loads(leaf)["body"] for n, leaf in enumerate(self.leaves(), start=1)}

    def _check_rates(self) -> None:
        """Lists of exchange rates are what their records say, and follow one another by day."""
        last: dict[int, int] = {}
        known = set()
        for row in self.rows("SELECT rates.*, leaf FROM rates JOIN record ON number = record ORDER BY record"):
            what = f"rates of record {row['record']}"
            body = json.loads(row["leaf"])["body"]
            is_so = {
                "day": day_text(row["day"]), "rates": json.loads(row["rates"]),
                "reason": row["reason"], "sha256": row["digest"].hex(), "source": row["source"],
            }  # fmt: skip
            if row["replaces"]:
                is_so["replaces"] = str(row["replaces"])
            self._expect(body == is_so, f"{what}: {is_so} and not {body}")
            self._expect(hashlib.sha256(row["feed"]).digest() == row["digest"], f"{what}: another list")
            self._expect(row["replaces"] == last.get(row["day"], 0), f"{what}: replaces others")
            last[row["day"]] = row["record"]
            known.add(row["digest"].hex())
        for record, told in self.calculations().items():
            used = told.get("exchange")
            self._expect(not used or used["rates"] in known, f"record {record}: converted by no list")

    def _check_beside(self) -> None:
        """Rows that REPLACE could change say what the leaf of their record says."""
        for row in self.rows("SELECT c.*, leaf FROM calculation AS c JOIN record ON number = record"):
            told = json.loads(row["leaf"])["body"]["calculation"]
            said = {n: told[n] for n in ("currency", "service", "kbk", "tariff", "day", "valid_from", "valid_until")}
            said |= {n: int(told[n]) for n in ("gross", "relief", "due", "version")}
            said |= {"tariff_rows": told["rows"], "ground": told.get("ground", "")}
            is_so = {n: row[n] for n in said} | {"tariff": row["tariff"].hex()}
            is_so |= {n: day_text(row[n]) for n in ("day", "valid_from", "valid_until")}
            self._expect(said == is_so, f"calculation of record {row['record']}: {is_so} and not {said}")
        converted = {row["record"]: row for row in self.rows("SELECT * FROM conversion")}
        for record, leaf in self.calculations().items():
            said = leaf.get("exchange")
            row = converted.pop(record, None)
            is_so = row and {
                "currency": row["currency"], "gross": str(row["gross"]), "quant": str(row["quant"]),
                "rate": row["rate"], "rates": row["rates"].hex(),
            }  # fmt: skip
            self._expect(said == is_so, f"conversion of record {record}: {is_so} and not {said}")
        self._expect(not converted, f"conversion: of no calculation: {list(converted)}")
        for row in self.rows("SELECT a.*, leaf FROM attempt AS a JOIN record ON record.number = record"):
            told = json.loads(row["leaf"])["body"]
            said = (told["gateway"], told["order"], told["amount"])
            is_so = (str(row["gateway"]), row["order_number"], str(row["amount"]))
            self._expect(said == is_so, f"attempt {row['number']}: {is_so} and not {said}")
        for row in self.rows("SELECT s.*, leaf FROM attempt_step AS s JOIN record ON number = record"):
            state = json.loads(row["leaf"])["body"].get("state", "captured")
            is_so = ATTEMPT_STATES[row["state"]]
            self._expect(state == is_so, f"attempt {row['attempt']}: {is_so} and not {state}")
        self._check_requests()
        self._check_sealed()
        self._check_suspended()

    def seal(self, what: str, *parts: bytes) -> str:
        """docs/LEDGER.md: what a leaf says of a text that is not published."""
        secret = hashlib.sha256(b"seal" + self.rows("SELECT code_key FROM book")[0][0]).digest()
        framed = b"".join(len(part).to_bytes(8, "little") + part for part in parts)
        return hashlib.sha256(secret + what.encode() + b"\0" + framed).digest()[:16].hex()

    def _check_requests(self) -> None:
        told = {
            body["request"]["key"]: (n, body["request"]["fingerprint"])
            for n, body in self.bodies().items()
            if "request" in body
        }
        kept = {
            r["request_key"].hex(): (r["record"], r["fingerprint"].hex())
            for r in self.rows(
                "SELECT record, request_key, fingerprint FROM request"
                " UNION ALL SELECT record, request_key, fingerprint FROM payment WHERE request_key <> x''"
                " UNION ALL SELECT record, request_key, fingerprint FROM act"
            )
        }
        self._expect(told == kept, "request: not what the records were made by")

    def _check_sealed(self) -> None:
        """What is in no leaf as it is, is there sealed: each text follows from the leaves' members."""
        bodies = self.bodies()
        key = hashlib.sha256(self.rows("SELECT code_key FROM book")[0][0]).hexdigest()
        self._expect(bodies[1]["code_key"] == key, "book: another code_key")
        for row in self.rows("SELECT * FROM payment JOIN private ON private.record = payment.record"):
            private, what = json.loads(row["data"]), f"payment {row['number']}"
            reference = self.seal("reference", raw(row["client"]), private["reference"].encode())
            is_so = (row["reference_key"].hex(), row["quote"].hex())
            self._expect(bodies[row["record"]]["reference"] == is_so[0], f"{what}: its reference's leaf")
            self._expect((reference, private["quote"]) == is_so, f"{what}: reference or quote")
        for row in self.rows("SELECT * FROM requote"):
            said = self.seal("quote", row["quote"])
            self._expect(bodies[row["record"]]["quote"] == said, f"requote {row['record']}: quote")
        for row in self.rows("SELECT * FROM attempt"):
            said = {n: bodies[row["record"]].get(n) for n in ("language", "return_url")}
            url = row["return_url"] and self.seal("return_url", row["return_url"].encode())
            is_so = {"language": row["language"] or None, "return_url": url or None}
            self._expect(said == is_so, f"attempt {row['number']}: {is_so} and not {said}")
        for row in self.rows("SELECT * FROM entry WHERE operation <> ''"):
            said = self.seal("operation", raw(row["gateway"]), row["operation"].encode())
            self._expect(row["operation_key"].hex() == said, f"entry {row['number']}: operation_key")
        last: dict[tuple[int, str], str] = {}
        for row in self.rows("SELECT * FROM attempt_step ORDER BY record"):
            body, what = bodies[row["record"]], f"attempt {row['attempt']} at record {row['record']}"
            self._expect(row["reason"] == body.get("reason", ""), f"{what}: reason")
            for name in ("handle", "page"):
                before = last.get((row["attempt"], name), "")
                last[row["attempt"], name] = said = body.get(name, before)
                is_so = row[name] and self.seal(name, row[name].encode())
                self._expect(is_so == said, f"{what}: {name} {row[name]!r} is not what its leaf says")

    def _check_suspended(self) -> None:
        told = {int(b["entry"]): b["suspended"] for b in self.bodies().values() if "suspended" in b}
        kept = {r["entry"]: REASONS[r["reason"] - 1] for r in self.rows("SELECT * FROM suspense")}
        self._expect(told == kept, f"suspense: {kept} and not {told}")

    def _check_once(self) -> None:
        for what, sql in (
            ("operation", "SELECT gateway || ' ' || operation FROM entry WHERE operation <> ''"),
            ("request", "SELECT hex(request_key) FROM request"),
            ("creation", "SELECT hex(request_key) FROM payment WHERE request_key <> x''"),
            ("order", "SELECT gateway || ' ' || order_number FROM attempt"),
            (
                "capture of payment",
                "SELECT payment FROM entry WHERE cause = 1 AND number NOT IN (SELECT reverses FROM reversal)",
            ),
        ):
            counts = Counter(row[0] for row in self.rows(sql))
            for name, count in counts.items():
                self._expect(count == 1, f"{what} {name} is in the book {count} times")

    def _check_commitments(self) -> None:
        """What leaves commit to is there, or an erasure's leaf says that it went."""
        bodies = {n: json.loads(leaf)["body"] for n, leaf in enumerate(self.leaves(), start=1)}
        for source, table in enumerate(("private", "evidence"), start=1):
            told = {int(r) for b in bodies.values() if "reason" in b and isinstance(b.get(table), list) for r in b[table]}
            kept = {r[0] for r in self.rows(f"SELECT record FROM {table}")}
            went = {r[0] for r in self.rows(f"SELECT record FROM erased WHERE source = {source}")}
            wanted = {n for n, b in bodies.items() if isinstance(b.get(table), str)}
            self._expect(told == went and kept == wanted - went, f"{table}: not what leaves say")
            for row in self.rows(
                f"SELECT record, salt, data, leaf FROM {table} JOIN record ON number = record"
            ):
                digest = hashlib.sha256(row["salt"] + row["data"]).hexdigest()
                body = json.loads(row["leaf"])["body"]
                self._expect(body.get(table) == digest, f"{table} of record {row['record']}")
