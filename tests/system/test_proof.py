# SPDX-License-Identifier: Apache-2.0
"""Whoever has a checkpoint can prove that a record is in the book, which was only appended to.

The doubter here is tests/system/merkle.py, which shares nothing with Alym but the standards.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

from auditor import Book, canonical
from bank.payer import Payer
from client import Client
from daemon import Alym, wait_until
from merkle import (
    Checkpoint,
    Disproved,
    Verifier,
    check_consistency,
    check_inclusion,
    leaf_hash,
    root_of,
    roots_of,
)

RECORDS_MIN = 600  # more than two tiles of 256
RUNG = 37  # records between the checkpoints that are looked at


class Grown(NamedTuple):
    """A book of many records, and the checkpoints it was seen with while it grew."""

    alym: Alym
    checkpoints: dict[int, Checkpoint]
    leaves: list[bytes]
    roots: list[bytes]

    def hashes(self, client: Client, path: str) -> tuple[dict[str, Any], list[bytes]]:
        answer = client.get(f"/v1/ledger/proofs/{path}")
        assert answer.status == 200, answer.json
        return answer.json, [bytes.fromhex(text) for text in answer.json["proof"]]


def checkpoint(client: Client) -> Checkpoint:
    verifier = Verifier(client.get("/v1/ledger/key").json)
    answer = client.get("/v1/ledger/checkpoint")
    assert answer.headers["Content-Type"].startswith("text/plain")
    return verifier.open(answer.json)


def grow(alym: Alym, client: Client) -> dict[int, Checkpoint]:
    """Pays one duty at the bank, then creates payments until the book is long enough."""
    quote = {"service": "visa.exit"}
    at_a_bank = {"gateway": "sandbox", "return_url": "https://localhost/"}
    paid = client.post("/v1/payments", {"reference": "P", "quote": quote, **at_a_bank}).json
    Payer(alym.ca).pay(paid["pay_url"])
    wait_until(
        lambda: client.get(f"/v1/payments/{paid['id']}").json["state"] == "paid", 30, "the money"
    )
    seen: dict[int, Checkpoint] = {}
    number = 0
    while not seen or max(seen) < RECORDS_MIN:
        for _ in range(RUNG):
            number += 1
            client.post("/v1/payments", {"reference": f"R{number}", "quote": {"service": "eta"}})
        now = checkpoint(client)
        seen[now.size] = now
    return seen


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Grown]:
    settings = {"daemon": {"checkpoint_s": 1}}
    alym = Alym(tmp_path_factory.mktemp("proof"), certificates, settings)
    try:
        alym.open()
        with alym.client() as client:
            checkpoints = grow(alym, client)
            leaves = []
            for number in range(1, max(checkpoints) + 1):
                answer = client.get(f"/v1/ledger/records/{number}?form=leaf")
                assert answer.status == 200, answer.json
                leaves.append(answer.bytes)
        yield Grown(alym, checkpoints, leaves, roots_of(leaf_hash(leaf) for leaf in leaves))
    finally:
        alym.close()


def test_the_tree_is_that_of_the_standard() -> None:
    """The vectors of RFC 6962's authors (certificate-transparency, merkle_tree_test)."""
    data = ["", "00", "10", "2021", "3031", "40414243"]
    data += ["5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [leaf_hash(bytes.fromhex(text)) for text in data]
    first = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    eight = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert root_of(hashes[:1]).hex() == first
    assert root_of(hashes).hex() == eight
    assert roots_of(hashes) == [root_of(hashes[:size]) for size in range(len(hashes) + 1)]


def test_leaves_are_canonical_and_numbered(grown: Grown) -> None:
    for number, leaf in enumerate(grown.leaves, 1):
        said = json.loads(leaf)
        assert canonical(said) == leaf
        assert (said["number"], said["v"]) == (str(number), "1")


def test_every_checkpoint_is_signed_and_of_the_leaves(grown: Grown) -> None:
    """Those that were asked for, and those that the book itself records."""
    with grown.alym.client() as client:
        verifier = Verifier(client.get("/v1/ledger/key").json)
    recorded = {}
    for number, leaf in enumerate(grown.leaves, 1):
        said = json.loads(leaf)
        if said["kind"] == "checkpoint":
            opened = recorded[number - 1] = verifier.open(said["body"]["note"])
            assert said["body"]["size"] == str(opened.size) == str(number - 1)
            assert said["body"]["root"] == opened.root.hex()
    assert set(list(grown.checkpoints)[:-1]) <= set(recorded)
    for size, opened in {**recorded, **grown.checkpoints}.items():
        assert opened.root == grown.roots[size]


def test_every_record_is_in_the_newest_tree(grown: Grown) -> None:
    newest = grown.checkpoints[max(grown.checkpoints)]
    with grown.alym.client() as client:
        for number, leaf in enumerate(grown.leaves, 1):
            said, proof = grown.hashes(client, f"inclusion?record={number}&size={newest.size}")
            assert (said["record"], said["leaf_index"]) == (number, number - 1)
            assert (said["size"], said["root"]) == (newest.size, newest.root.hex())
            check_inclusion(number - 1, newest.size, leaf_hash(leaf), proof, newest.root)


def test_a_record_is_in_every_tree_since(grown: Grown) -> None:
    with grown.alym.client() as client:
        for number in (1, 2, 7, 255, 256, 257, 512, 513):
            for size in range(number, len(grown.leaves) + 1, 29):
                _, proof = grown.hashes(client, f"inclusion?record={number}&size={size}")
                leaf = leaf_hash(grown.leaves[number - 1])
                check_inclusion(number - 1, size, leaf, proof, grown.roots[size])


def test_each_tree_is_the_beginning_of_each_later_one(grown: Grown) -> None:
    sizes = sorted({*grown.checkpoints, 1, 2, 3, 128, 255, 256, 257, 511, 512, 513})
    with grown.alym.client() as client:
        for first in sizes:
            for second in [size for size in sizes if size >= first]:
                said, proof = grown.hashes(client, f"consistency?first={first}&second={second}")
                assert (said["first"], said["second"]) == (first, second)
                check_consistency(first, second, grown.roots[first], proof, grown.roots[second])


SMALL = 20


def test_every_proof_of_a_small_tree(grown: Grown) -> None:
    """All records and sizes, whether there was a checkpoint of that size or not."""
    assert set(range(1, SMALL + 1)) - set(grown.checkpoints)
    with grown.alym.client() as client:
        for size in range(1, SMALL + 1):
            for number in range(1, size + 1):
                said, proof = grown.hashes(client, f"inclusion?record={number}&size={size}")
                leaf = leaf_hash(grown.leaves[number - 1])
                check_inclusion(number - 1, size, leaf, proof, grown.roots[size])
                assert said["root"] == grown.roots[size].hex()
                _, proof = grown.hashes(client, f"consistency?first={number}&second={size}")
                check_consistency(number, size, grown.roots[number], proof, grown.roots[size])


def test_the_head_is_proved_before_it_is_signed(grown: Grown) -> None:
    """Sizes up to the last record, which no checkpoint has yet."""
    with grown.alym.client() as client:
        size = len(grown.leaves)
        added = client.post("/v1/payments", {"reference": "HEAD", "quote": {"service": "eta"}})
        assert added.status == 201
        leaves, number = list(grown.leaves), size
        while (leaf := client.get(f"/v1/ledger/records/{number + 1}?form=leaf")).status == 200:
            number += 1
            leaves.append(leaf.bytes)
        assert number > size
        roots = roots_of(leaf_hash(leaf) for leaf in leaves)
        for head in range(size + 1, number + 1):
            _, proof = grown.hashes(client, f"inclusion?record={head}&size={head}")
            check_inclusion(head - 1, head, leaf_hash(leaves[head - 1]), proof, roots[head])
            _, proof = grown.hashes(client, f"consistency?first={size}&second={head}")
            check_consistency(size, head, roots[size], proof, roots[head])


def test_what_a_leaf_commits_to_is_given_to_the_byte(grown: Grown) -> None:
    """Salt and data of a payment and of a bank's message; their SHA-256 is the leaf's."""
    found = {}
    with grown.alym.client() as client:
        for number, leaf in enumerate(grown.leaves, 1):
            body = json.loads(leaf)["body"]
            for what in ("private", "evidence"):
                if number > 40 or (what in found and what in body):
                    continue
                answer = client.get(f"/v1/ledger/records/{number}/{what}")
                assert answer.status == (200 if what in body else 404), (number, what)
                if what in body:
                    assert hashlib.sha256(answer.bytes).hexdigest() == body[what]
                    found[what] = answer.bytes[32:]
        for path in ("0/private", "999999/private", "x/evidence"):
            assert client.get(f"/v1/ledger/records/{path}").status == 404
        assert client.get("/v1/ledger/records/1/private?x=1").status == 400
    assert b'"reference":"P"' in found["private"] and found["evidence"]


def test_what_is_not_so_is_not_proved(grown: Grown) -> None:
    """The doubter doubts: each hash, each place and each root matters."""
    size = max(grown.checkpoints)
    root, leaf = grown.roots[size], leaf_hash(grown.leaves[299])
    other = hashlib.sha256(b"other").digest()
    with grown.alym.client() as client:
        _, proof = grown.hashes(client, f"inclusion?record=300&size={size}")
        _, growth = grown.hashes(client, f"consistency?first=300&second={size}")
    check_inclusion(299, size, leaf, proof, root)
    lies = [(298, size, leaf, proof, root), (299, size, other, proof, root)]
    lies += [(299, size, leaf, proof, other), (299, size, leaf, proof[:-1], root)]
    lies += [(299, size, leaf, [*proof, other], root)]
    for i in range(len(proof)):
        lies.append((299, size, leaf, proof[:i] + [other] + proof[i + 1 :], root))
    for lie in lies:
        with pytest.raises(Disproved):
            check_inclusion(*lie)
    check_consistency(300, size, grown.roots[300], growth, root)
    for first_root, path in ((other, growth), (grown.roots[300], growth[:-1])):
        with pytest.raises(Disproved):
            check_consistency(300, size, first_root, path, root)


def test_a_changed_note_does_not_open(grown: Grown) -> None:
    with grown.alym.client() as client:
        key = client.get("/v1/ledger/key").json
        note = client.get("/v1/ledger/checkpoint").json
    verifier = Verifier(key)
    size = verifier.open(note).size
    origin = note.split("\n", 1)[0]
    for lie in (
        note.replace(f"\n{size}\n", f"\n{size + 1}\n"),
        note.replace(origin, origin + "0"),
        note.split("\n\n")[0] + "\n\n",
        note + note,
    ):
        with pytest.raises((Disproved, ValueError)):
            verifier.open(lie)


@pytest.mark.parametrize(
    "path, status, field",
    [
        ("proofs/inclusion?record=0", 400, "record"),
        ("proofs/inclusion", 400, "record"),
        ("proofs/inclusion?record=x", 400, "record"),
        ("proofs/inclusion?record=9&size=8", 400, "record"),
        ("proofs/inclusion?record=1&size=999999", 404, None),
        ("proofs/inclusion?record=999999", 400, "record"),
        ("proofs/consistency?first=0&second=5", 400, "first"),
        ("proofs/consistency?first=6&second=5", 400, "first"),
        ("proofs/consistency?first=1&second=999999", 404, None),
        ("proofs/consistency?second=1", 400, "first"),
        ("records/0", 404, None),
        ("records/999999", 404, None),
        ("records/1?form=tree", 400, "form"),
    ],
)
def test_what_can_not_be_proved_is_refused(
    grown: Grown, path: str, status: int, field: str
) -> None:
    with grown.alym.client() as client:
        answer = client.get(f"/v1/ledger/{path}")
    assert answer.status == status, answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"
    if field:
        assert answer.json["field"] == field


def test_a_record_shows_its_leaf_and_hash(grown: Grown) -> None:
    with grown.alym.client() as client:
        for number in (1, 4, 5, 300):
            shown = client.get(f"/v1/ledger/records/{number}").json
            assert canonical(shown["leaf"]) == grown.leaves[number - 1]
            assert shown["leaf_hash"] == leaf_hash(grown.leaves[number - 1]).hex()


def test_no_person_is_in_a_leaf(make_alym: Any) -> None:
    """Names, numbers, documents and references are committed to, not written."""
    alym = make_alym()
    alym.open()
    secrets = ("900401300018", "Sherlock Holmes", "VMP-2026-77", "MFA note 11-5/123", "visa 4711")
    with alym.client() as client:
        body = {
            "reference": secrets[2],
            "payer": {"iin": secrets[0], "name": secrets[1]},
            "quote": {
                "service": "visa.multiple",
                "applicant": {"nationality": "GB", "birth_date": "1984-01-06"},
                "claims": [{"ground": "investor", "document": secrets[3]}],
            },
        }
        made = client.post("/v1/payments", body).json
        done = {"outcome": "performed", "document": secrets[4]}
        assert client.post(f"/v1/payments/{made['id']}/fulfilment", done).status == 200
    alym.stop_cleanly()
    with Book(alym.folder / "state/book.db") as book:
        leaves = b"\n".join(book.leaves()).decode()
        kept = b"".join(row[0] for row in book.rows("SELECT data FROM private")).decode()
        book.audit()
    for secret in (*secrets, "1984-01-06"):
        assert secret not in leaves
        assert secret in kept


def test_checkpoints_outlive_the_daemon(make_alym: Any) -> None:
    """What was signed before a restart, and before a kill, is the beginning of what is after."""
    alym = make_alym({"daemon": {"checkpoint_s": 1}})
    alym.open()
    seen: list[Checkpoint] = []
    for number, end in enumerate((alym.kill, alym.stop_cleanly, alym.kill)):
        with alym.client() as client:
            made = {"reference": f"R{number}", "quote": {"service": "eta"}}
            assert client.post("/v1/payments", made).status == 201
            seen.append(checkpoint(client))
        end()
        alym.begin()
    with alym.client() as client:
        newest = checkpoint(client)
        assert {said.origin for said in seen} == {newest.origin}
        for said in seen:
            path = f"/v1/ledger/proofs/consistency?first={said.size}&second={newest.size}"
            proof = [bytes.fromhex(text) for text in client.get(path).json["proof"]]
            check_consistency(said.size, newest.size, said.root, proof, newest.root)
