# SPDX-License-Identifier: Apache-2.0
"""How much is due, over the socket: golden figures, the argument, and what can not be quoted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest

from client import Answer
from daemon import Alym
from law import YEAR, copy_law, lend_mrp
from portal import INVESTOR, Portal, money, together

MULTIPLE = {"service": "visa.multiple"}
ERESIDENCY = {"service": "eresidency", "applicant": {"birth_date": "1990-04-01"}}


# ---- how much is due ----

GOLDEN = [  # service, day, minor units
    ("visa.exit", "2025-06-15", 196600),
    ("visa.entry-exit", "2025-06-15", 2752400),
    ("visa.multiple", "2025-06-15", 11796000),
    ("invitation", "2025-12-31", 196600),
    ("visa.exit", "2026-01-01", 216250),
    ("visa.entry-exit", "2026-06-15", 3027500),
    ("visa.multiple", "2026-12-31", 12975000),
    ("visa.multiple", "2022-06-15", 30 * 306300),  # 3063, never the 3180 of April
    ("visa.exit", "2020-05-01", 277800 // 2),
    ("eta", "2026-03-01", 0),
]


@pytest.mark.parametrize("service, day, due", GOLDEN)
def test_golden_figures(shared: Alym, service: str, day: str, due: int) -> None:
    with Portal(shared) as portal:
        assert portal.quote(service=service, date=day)["due"] == money(due)


def test_more_golden_figures(shared: Alym) -> None:
    with Portal(shared) as portal:
        three = portal.quote(service="invitation", quantity=3, date="2026-03-01")
        assert three["due"] == money(648750)
        assert three["lines"][0]["quantity"] == 3
        assert portal.quote(**ERESIDENCY)["due"] == money(49900, "USD")
        missing = {"service": "visa.multiple", "date": f"{YEAR + 1}-01-01"}
        portal.refused(422, "tariff_missing", "POST", "/v1/quotes", missing)
        none_yet = {"service": "visa.multiple", "date": "2019-12-31"}
        portal.refused(422, "tariff_missing", "POST", "/v1/quotes", none_yet)


def test_a_lent_mrp_says_that_it_is_none(make_alym: Callable[..., Alym], tmp_path: Path) -> None:
    """What these tests and scripts/run live on in a year whose MRP tariff/data does not know."""
    law = tmp_path / "law"
    copy_law(law)
    text, years = lend_mrp((law / "mrp.xml").read_text(), 2024, 2026)
    assert years == [2025, 2026]
    (law / "mrp.xml").write_text(text)
    alym = make_alym({"tariff": {"data_dir": law}})
    alym.begin()
    with Portal(alym) as portal:
        for day, due in (("2024-12-31", 184600), ("2025-01-01", 184600), ("2026-12-31", 184600)):
            quote = portal.quote(service="visa.exit", date=day)
            assert quote["due"] == money(due)
            assert ("unverified" in quote["warnings"]) == (day[:4] != "2024")


def test_the_year_turns_at_midnight_in_almaty(shared: Alym) -> None:
    with Portal(shared) as portal:
        for time, due in (
            ("2025-12-31T18:59:59Z", 11796000),
            ("2025-12-31T19:00:00Z", 12975000),
            ("2025-12-31T23:59:59+05:00", 11796000),
            ("2026-01-01T00:00:00+05:00", 12975000),
            ("2025-12-31T20:30:00+01:00", 12975000),
        ):
            assert portal.quote(service="visa.multiple", time=time)["due"] == money(due), time


def test_a_quote_argues_in_three_languages(shared: Alym) -> None:
    with Portal(shared) as portal:
        quote = portal.quote(service="visa.multiple", date="2026-03-01", claims=INVESTOR)
        assert (quote["gross"], quote["relief"]) == (money(12975000), money(12975000))
        for language, words in (("en", "investors"), ("ru", "инвесторы"), ("kk", "инвесторлар")):
            assert words in quote["explanation"][language]
        decisions = {e["ground"]: e["decision"] for e in quote["lines"][0]["exemptions"]}
        assert decisions.pop("investor") == "accepted"
        assert set(decisions.values()) == {"refused"}
        said = shared.said()
        assert f"sha256={quote['tariff'].removeprefix('sha256:')} reason=start" in said


def test_the_same_question_gets_the_same_bytes(shared: Alym) -> None:
    body = {"service": "visa.multiple", "date": "2026-03-01", "claims": INVESTOR}

    def ask(_: int) -> Answer:
        with shared.client() as client:
            return client.post("/v1/quotes", body, key="")

    assert len({answer.bytes for answer in together(8, ask)}) == 1


# ---- what openapi.json says of it ----

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def strays(value: Any, schema: Any, schemas: Any, path: str = "quote") -> list[str]:
    """Where a value is not what the schema says: of JSON Schema what ours use of it."""
    if "$ref" in schema:
        return strays(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, path)
    if "anyOf" in schema:
        found = [strays(value, one, schemas, path) for one in schema["anyOf"]]
        return [] if [] in found else found[0]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if type(value) not in [TYPES[name] for name in types]:
        return [f"{path}: {value!r} is none of {types}"]
    if value not in schema.get("enum", [value]):
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        inner = [(f"{path}[{i}]", item, schema["items"]) for i, item in enumerate(value)]
    elif isinstance(value, dict):
        known = schema["properties"]
        off = sorted(value.keys() - known.keys() | set(schema["required"]) - value.keys())
        if off:
            return [f"{path}: {off} missing or not documented"]
        inner = [(f"{path}.{name}", item, known[name]) for name, item in value.items()]
    else:
        return []
    return [stray for where, item, one in inner for stray in strays(item, one, schemas, where)]


def members(value: Any) -> set[str]:
    """The names of all members of a line, "rate.where"."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if not isinstance(value, dict):
        return set()
    inner = {f"{name}.{inner}" for name, item in value.items() for inner in members(item)}
    return {*value, *inner}


def test_a_quote_is_as_documented(alym: Alym) -> None:
    day = "2026-03-02"
    item = "<item><title>USD</title><description>473.59</description><quant>1</quant></item>"
    feed = f"<rates><date>02.03.2026</date>{item}</rates>"
    child = {"nationality": "ES", "birth_date": "2022-01-01"}
    asked: list[dict[str, Any]] = [
        {"service": "evisa", "category": "B12", "applicant": {"nationality": "IN"}},
        {**ERESIDENCY, "currency": "KZT"},
        {**ERESIDENCY, "action": "extend", "activation_date": "2025-03-02"},
        {"service": "consular.visa.multiple", "mission": "madrid", "years": 2, "currency": "EUR"},
        {
            "service": "consular.visa.multiple",
            "applicant": child,
            "claims": [{"ground": "child-under-16", "document": "passport"}],
        },
        {**MULTIPLE, "quantity": 2, "place": "111010000"},
        {**MULTIPLE, "claims": INVESTOR},
        {"service": "eta"},
    ]
    with Portal(alym) as portal:
        portal.post("/v1/rates", {"feed": feed, "reason": "for the test"}, key="")
        schemas = portal.get("/openapi.json")["components"]["schemas"]
        seen: set[str] = set()
        for request in asked:
            quote = portal.quote(**request, date=day)
            assert strays(quote, schemas["Quote"], schemas) == [], request
            seen |= members(quote["lines"][0])
    assert seen >= {"eligibility.list.law.title.kk", "exchange.quant", "term.until", "rate.where"}
    assert seen >= {"rate.years", "rounding.converted", "exemptions.document", "index.value.amount"}
    assert seen >= {"beneficiary.bin", "rules.kind", "refund.rule", "exemptions.law.row"}


@pytest.mark.parametrize(
    "body, status, code, field",
    [
        ({"service": "visa.tourist"}, 422, "unknown_service", "service"),
        ({}, 400, "invalid_field", "service"),
        ({"service": "visa.exit", "action": "frame"}, 400, "invalid_field", "action"),
        ({"service": "visa.exit", "quantity": 0}, 400, "invalid_field", "quantity"),
        ({"service": "visa.exit", "quantity": -1}, 400, "invalid_field", "quantity"),
        ({"service": "visa.exit", "quantity": 1 << 53}, 400, "invalid_field", "quantity"),
        ({"service": "visa.exit", "quantity": 1.5}, 400, "invalid_field", "quantity"),
        ({"service": "visa.exit", "date": "2026-02-30"}, 400, "invalid_field", "date"),
        ({"service": "visa.exit", "date": "2026-3-1"}, 400, "invalid_field", "date"),
        ({"service": "visa.exit", "date": 20260301}, 400, "invalid_field", "date"),
        ({"service": "visa.exit", "currency": "XXX"}, 400, "invalid_field", "currency"),
        ({"service": "visa.exit", "colour": "red"}, 400, "unknown_field", "colour"),
        (
            {"service": "visa.exit", "applicant": {"birth_date": "1990-13-01"}},
            400,
            "invalid_field",
            "applicant.birth_date",
        ),
        (
            {"service": "visa.exit", "claims": [{"ground": "investor", "why": "x"}]},
            400,
            "unknown_field",
            "claims[0].why",
        ),
        (
            {"service": "eresidency", "applicant": {"birth_date": "2020-01-01"}},
            422,
            "not_eligible",
            None,
        ),
    ],
)
def test_what_can_not_be_quoted_is_refused(
    shared: Alym, body: dict[str, Any], status: int, code: str, field: str
) -> None:
    with Portal(shared) as portal:
        problem = portal.refused(status, code, "POST", "/v1/quotes", body)
        assert field is None or problem["field"] == field


def test_problems_speak_the_readers_language(shared: Alym) -> None:
    titles = set()
    for language in ("kk", "ru", "en"):
        with shared.client() as client:
            answer = client.get("/v1/payments/p1-9", {"Accept-Language": f"{language},en;q=0.1"})
        titles.add(answer.json["title"])
        assert answer.json["code"] == "not_found"
        assert json.loads(answer.bytes)["status"] == 404
    assert len(titles) == 3
