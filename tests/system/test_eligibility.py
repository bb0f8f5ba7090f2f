# SPDX-License-Identifier: Apache-2.0
"""Who may have what: told before there is anything to pay, and nothing is written."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from daemon import Alym
from portal import Portal, money

LISTED = {"service": "evisa", "category": "B12", "applicant": {"nationality": "IN"}}
OTHER = {**LISTED, "applicant": {"nationality": "DE"}}  # on no list that was ever printed


@pytest.fixture
def portal(audited: Alym) -> Any:
    with Portal(audited) as portal:
        yield portal


def body(quote: dict[str, Any]) -> dict[str, Any]:
    return {"reference": "R", "quote": quote}


def test_nobody_pays_for_what_he_can_not_get(portal: Portal) -> None:
    problem = portal.refused(422, "not_eligible", "POST", "/v1/payments", body(OTHER))
    assert problem["field"] == "quote.applicant.nationality"
    assert "DE is not on the list evisa-2026-qazeta of 2026-01-01" in problem["detail"]
    assert portal.get("/v1/payments")["items"] == []
    assert portal.entries() == []
    assert portal.events() == []


def test_a_refusal_leaves_key_and_reference_free(portal: Portal) -> None:
    key = uuid.uuid4().hex
    assert portal.client.post("/v1/payments", body(OTHER), key).status == 422
    made = portal.post("/v1/payments", body(LISTED), key)
    assert (made["state"], made["due"]) == ("open", money(6000, "USD"))


@pytest.mark.parametrize(
    "change, field",
    [
        ({"category": "B11"}, "category"),
        ({"category": "b12"}, "category"),
        ({"category": None}, "category"),
        ({"applicant": None}, "applicant.nationality"),
        ({"applicant": {"birth_date": "1990-01-01"}}, "applicant.nationality"),
        ({"quantity": 2}, "quantity"),
    ],
)
def test_what_decides_it_must_be_stated(
    portal: Portal, change: dict[str, Any], field: str
) -> None:
    quote = {name: said for name, said in {**LISTED, **change}.items() if said is not None}
    problem = portal.refused(400, "invalid_field", "POST", "/v1/payments", body(quote))
    assert problem["field"] == f"quote.{field}"
    if field == "category":
        assert "A3, A5, B1, B2, B3, B9-1, B10, B12, C12" in problem["detail"]
    assert portal.get("/v1/payments")["items"] == []


def test_the_day_decides(portal: Portal) -> None:
    saudi = {**LISTED, "applicant": {"nationality": "SA"}}
    before, after = {"date": "2025-12-31"}, {"date": "2026-01-01"}
    quoted = portal.quote(**saudi, **before)
    assert quoted["due"] == money(6000, "USD")
    assert (quoted["valid_from"], quoted["valid_until"]) == ("2019-01-01", "2026-01-01")
    problem = portal.refused(422, "not_eligible", "POST", "/v1/quotes", {**saudi, **after})
    assert problem["field"] == "applicant.nationality"
    private = {**LISTED, "category": "B10"}
    problem = portal.refused(422, "not_eligible", "POST", "/v1/quotes", {**private, **before})
    assert problem["field"] == "category"
    portal.quote(**private, **after)


def test_the_refusal_speaks_the_readers_language(portal: Portal) -> None:
    titles = set()
    for language in ("kk", "ru", "en"):
        answer = portal.client.request(
            "POST", "/v1/quotes", OTHER, {"Accept-Language": f"{language},en;q=0.1"}
        )
        assert (answer.status, answer.json["code"]) == (422, "not_eligible")
        titles.add(answer.json["title"])
    assert len(titles) == 3


def test_who_is_listed_pays_and_the_quote_says_by_which_list(portal: Portal) -> None:
    portal.quote(**{**LISTED, "applicant": {"nationality": "UY"}})  # another's answer is not his
    made = portal.create_at_bank(LISTED)
    portal.pay_by_page(made)
    paid = portal.reach(made, "paid")
    assert portal.postings(made) == [
        ("capture", {"clearing:sandbox USD": 6000, "fee:evisa:108125 USD": -6000})
    ]
    told = paid["quote"]["lines"][0]["eligibility"]
    assert (told["decision"], told["category"], told["country"]["code"]) == ("accepted", "B12", "IN")
    assert told["list"]["law"]["row"] == "evisa-2026-qazeta"
    assert "Индия" in paid["quote"]["explanation"]["ru"]
    assert paid["quote"]["refund"] == "never"


def test_a_service_tells_its_lists(portal: Portal) -> None:
    service = portal.get("/v1/services/evisa")
    lists = {item["id"]: item for item in service["lists"]}
    counts = {name: len(item["entries"]) for name, item in lists.items()}
    assert counts == {
        "evisa-2019-tourist": 117,
        "evisa-2019-business": 23,
        "evisa-2026-qazeta": 104,
    }
    china = [e for e in lists["evisa-2026-qazeta"]["entries"] if len(e["countries"]) > 1]
    assert [[c["code"] for c in e["countries"]] for e in china] == [["CN", "HK", "MO", "TW"]]
    assert [c["code"] for c in service["categories"]] == [
        *("A3", "A5", "B1", "B2", "B3", "B9-1", "B10", "B12", "C12")
    ]
    assert {row["list"] for c in service["categories"] for row in c["eligibility"]} == set(lists)
