#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The day before, the day and the day after each boundary of each row, worked out a second time.

    tests/tariff/boundaries.py FOLDER OUT [JUDGE]

reads the rows of a tariff by itself - its own XML reader, calendar and fractions, nothing of
tariff/ - and writes into the folder OUT <cases> documents with what a quote must come to around
every day on which a row begins or ends.  JUDGE (tests/tariff/judge.c) is then run to hold the
tariff against them.

What it does not know of a price it refuses: whoever gives a row a new meaning teaches it here too.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Iterator, Optional
from xml.sax.saxutils import quoteattr

DAY = timedelta(days=1)
ROW = {"id", "from", "last", "entered", "act", "article", "item", "source", "status", "note"}
KNOWN = {  # what each kind of row that decides a price may say, beside what all rows say
    "mrp": {"value", "year", "purposes"},
    "rate": {"value", "unit", "actions", "where", "years", "fixed-in"},
    "rounding": {"rule", "per", "step-minor", "converted", "converted-step-minor"},
    "exemption": {"ground", "services", "where", "actions", "agreement", "age-below"},
    "agreement": {"kind", "country", "age-below", "services"},
    "rule": {"kind", "value"},
    "budget": {"kbk", "knp"},
    "beneficiary": {"kbk", "place", "bin", "kno", "iban", "bic", "kbe"},
    "refund": {"rule", "years"},
    "eligibility": {"list", "categories"},
}
RULES = {"minimum-age", "notice-hours", "deadline-days", "move-business-days"}
RULES |= {"term-months", "validity-days", "scope", "not-required", "conditions", "foreigners-only"}
FILE_CASES = 2000


def day_of(text: str) -> date:
    return date.fromisoformat(text)


@dataclass
class Row:
    """A dated value; `until` is the first day on which it no longer acts."""

    kind: str
    at: dict[str, str]
    first: date
    last: Optional[date]

    @property
    def id(self) -> str:
        return self.at["id"]

    def words(self, name: str) -> list[str]:
        return self.at.get(name, "").split()


def row_of(element: ET.Element) -> Row:
    at = dict(element.attrib)
    strange = set(at) - ROW - KNOWN[element.tag]
    if strange:
        sys.exit(f"{at['id']}: teach boundaries.py what {', '.join(sorted(strange))} means")
    last = day_of(at["last"]) if "last" in at else None
    if element.tag == "mrp":
        last = date(int(at["year"]), 12, 31)
    return Row(element.tag, at, day_of(at["from"]), last)


def acting(rows: list[Row], day: date) -> Optional[Row]:
    """Of rows of one thing, the one that acts: the last to begin, unless it has ended."""
    begun = [row for row in rows if row.first <= day]
    latest = max(begun, key=lambda row: row.first, default=None)
    if latest is None or (latest.last is not None and day > latest.last):
        return None
    return latest


def around(rows: list[Row]) -> list[date]:
    """The days before, on and after the first and the last day of each row."""
    days = set()
    for row in rows:
        for edge in (row.first, row.last):
            if edge is not None and edge.year < 9999:
                days |= {edge - DAY, edge, edge + DAY}
    return sorted(days)


@dataclass
class Service:
    code: str
    regime: str
    actions: list[str]
    rows: dict[str, list[Row]]

    def kind(self, name: str) -> list[Row]:
        return self.rows.get(name, [])


@dataclass
class Tariff:
    services: list[Service] = field(default_factory=list)
    mrps: list[Row] = field(default_factory=list)
    exemptions: list[Row] = field(default_factory=list)
    agreements: list[Row] = field(default_factory=list)
    beneficiaries: list[Row] = field(default_factory=list)
    lists: dict[str, tuple[Row, set[str]]] = field(default_factory=dict)

    def mrp(self, purpose: str) -> list[Row]:
        return [row for row in self.mrps if purpose in row.words("purposes")]


def service_of(element: ET.Element) -> Service:
    service = Service(element.attrib["code"], element.attrib["regime"], [], {})
    for child in element:
        if child.tag == "action":
            service.actions.append(child.attrib["code"])
        elif child.tag in KNOWN:
            service.rows.setdefault(child.tag, []).append(row_of(child))
    return service


def tariff_of(folder: Path) -> Tariff:
    tariff = Tariff()
    kinds = {"mrp": tariff.mrps, "exemption": tariff.exemptions, "agreement": tariff.agreements}
    kinds["beneficiary"] = tariff.beneficiaries
    for path in sorted(folder.glob("*.xml")):
        for element in ET.parse(path).getroot():
            if element.tag == "service":
                tariff.services.append(service_of(element))
            elif element.tag in kinds:
                kinds[element.tag].append(row_of(element))
            elif element.tag == "list":
                entries = [entry.attrib["countries"] for entry in element.iter("entry")]
                countries = set(" ".join(entries).split())
                at = element.attrib
                last = day_of(at["last"]) if "last" in at else None
                tariff.lists[at["id"]] = (Row("list", at, day_of(at["from"]), last), countries)
    return tariff


# ---- the price, by fractions ----


def rounded(minor: Fraction, rule: str, step: int) -> int:
    count, rest = divmod(minor, step)
    half = Fraction(step, 2)
    up = {
        "exact": False,
        "down": False,
        "up": rest > 0,
        "half-up": rest >= half,
        "half-even": rest > half or (rest == half and count % 2 == 1),
    }[rule]
    assert rule != "exact" or rest == 0, f"{minor} can not be exact"
    return int(count + (1 if up else 0)) * step


def price(rate: Row, mrp: Optional[Row], rounding: Row, quantity: int) -> tuple[int, str]:
    """Minor units, and of which currency."""
    unit, minor = rate.at["unit"], Fraction(rate.at["value"]) * 100
    if unit in ("MRP", "percent-of-MRP"):
        assert mrp is not None
        minor *= int(mrp.at["value"])
        minor /= 100 if unit == "percent-of-MRP" else 1
        unit = "KZT"
    rule, step = rounding.at["rule"], int(rounding.at["step-minor"])
    if rounding.at["per"] == "person":
        return rounded(minor, rule, step) * quantity, unit
    return rounded(minor * quantity, rule, step), unit


def money(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02} {currency}"


def years_on(day: date, years: int) -> date:
    """The day that many years later; 29 February has its birthday on 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


# ---- cases ----

Case = tuple[dict[str, str], list[str]]  # attributes, children


@dataclass(frozen=True)
class Variant:
    """One price of a service: an action, under the conditions that its rates name."""

    action: str
    where: str = "anywhere"
    years: str = ""
    fixed_in: str = ""

    def request(self) -> dict[str, str]:
        asked = {"action": self.action}
        if self.where == "abroad":
            asked["mission"] = "mission"
        if self.years:
            asked["years"] = self.years
        if self.fixed_in:
            asked["currency"] = self.fixed_in
        return asked


class Writer:
    """Works out what one service must come to."""

    def __init__(self, tariff: Tariff, service: Service) -> None:
        self.tariff = tariff
        self.service = service

    def variants(self) -> Iterator[tuple[Variant, list[Row]]]:
        chains: dict[Variant, list[Row]] = {}
        for rate in self.service.kind("rate"):
            for action in rate.words("actions") or self.service.actions:
                at = rate.at
                where = at.get("where", "anywhere")
                key = Variant(action, where, at.get("years", ""), at.get("fixed-in", ""))
                chains.setdefault(key, []).append(rate)
        yield from chains.items()

    def base(self, day: date, quantity: int = 1) -> dict[str, str]:
        asked = {"service": self.service.code, "date": day.isoformat()}
        if quantity > 1:
            asked["quantity"] = str(quantity)
        return asked

    def applicant(self, day: date) -> dict[str, str]:
        """Who may have it: what a service with eligibility must be told."""
        rows = self.service.kind("eligibility")
        row = next((r for r in rows if r.first <= day and (r.last is None or day <= r.last)), None)
        if not rows:
            return {}
        row = row or min(rows, key=lambda r: abs(r.first - day))
        nationality = sorted(self.tariff.lists[row.at["list"]][1])[0]
        return {"category": row.words("categories")[0], "nationality": nationality}

    def expected(
        self, rates: list[Row], day: date, quantity: int
    ) -> tuple[dict[str, str], list[str], str]:
        """What must come of it, the rows, and how it was worked."""
        rate = acting(rates, day)
        rounding = acting(self.service.kind("rounding"), day)
        if rate is None:
            return {"refusal": "tariff_missing"}, [], "no rate acts"
        mrp = acting(self.tariff.mrp("duty"), day)
        if "MRP" in rate.at["unit"] and mrp is None:
            return {"refusal": "tariff_missing"}, [], "no MRP acts"
        assert rounding is not None, f"{rate.id}: no rounding on {day}"
        gross = money(*price(rate, mrp, rounding, quantity))
        rows = [rate, rounding, mrp if "MRP" in rate.at["unit"] else None]
        rows += [acting(self.service.kind(kind), day) for kind in ("budget", "refund")]
        for kind in RULES:
            chain = [rule for rule in self.service.kind("rule") if rule.at["kind"] == kind]
            rows.append(acting(chain, day))
        factor = f" x {mrp.at['value']}" if mrp is not None and "MRP" in rate.at["unit"] else ""
        worked = f"{rate.at['value']} {rate.at['unit']}{factor}"
        return {"gross": gross, "due": gross}, [row.id for row in rows if row is not None], worked

    def case(self, asked: dict[str, str], came: dict[str, str], rows: list[str], why: str) -> Case:
        attributes = {**asked, **came, "source": why}
        if rows:
            attributes["rests-on"] = " ".join(rows)
        return attributes, []

    def prices(self) -> Iterator[Case]:
        """Each price around each boundary of anything that it rests on."""
        for variant, rates in self.variants():
            others = [row for rows in self.service.rows.values() for row in rows]
            others = [row for row in others if row.kind not in ("rate", "eligibility")]
            for day in around(rates + others + self.tariff.mrp("duty")):
                for quantity in (1, 3):
                    came, rows, worked = self.expected(rates, day, quantity)
                    asked = {**self.base(day, quantity), **variant.request(), **self.applicant(day)}
                    if quantity > 1 and self.service.kind("eligibility"):
                        came, rows, worked = {"refusal": "invalid_field"}, [], "one applicant"
                    yield self.case(asked, came, rows, f"{worked}, for {quantity}")

    def first_price(self) -> tuple[Variant, list[Row]]:
        return next(self.variants())

    def ages(self) -> Iterator[Case]:
        """Who is old enough today, and who tomorrow."""
        variant, rates = self.first_price()
        rules = [rule for rule in self.service.kind("rule") if rule.at["kind"] == "minimum-age"]
        for day in around(rules):
            came, rows, worked = self.expected(rates, day, 1)
            rule = acting(rules, day)
            years = int((rule or rules[0]).at["value"])
            for birth in (years_on(day, -years), years_on(day, -years) + DAY):
                old = years_on(birth, years) <= day
                result = came
                if rule is not None and not old and "due" in came:
                    result, rows = {"refusal": "not_eligible"}, []
                asked = {**self.base(day), **variant.request(), **self.applicant(day)}
                asked["birth-date"] = birth.isoformat()
                yield self.case(asked, result, rows, f"{worked}, at the age of {years}")

    def notices(self) -> Iterator[Case]:
        """A travel so many hours ahead, counted by days, and a day earlier."""
        variant, rates = self.first_price()
        rules = [rule for rule in self.service.kind("rule") if rule.at["kind"] == "notice-hours"]
        for day in around(rules):
            came, rows, worked = self.expected(rates, day, 1)
            rule = acting(rules, day)
            days = -(-int((rule or rules[0]).at["value"]) // 24)
            for travel in (day + days * DAY, day + (days - 1) * DAY):
                late = rule is not None and travel < day + days * DAY
                result = came
                if late and "due" in came:
                    result, rows = {"refusal": "not_eligible"}, []
                asked = {**self.base(day), **variant.request(), **self.applicant(day)}
                asked["travel-date"] = travel.isoformat()
                yield self.case(asked, result, rows, f"{worked}, {days} days ahead")

    def places(self) -> Iterator[Case]:
        """To whom the money goes, around the days on which that changes."""
        variant, rates = self.first_price()
        budgets = self.service.kind("budget")
        for row in self.tariff.beneficiaries:
            area = row.at.get("place", "")
            same = [b for b in self.tariff.beneficiaries if b.at.get("place", "") == area]
            for day in around([row]):
                budget = acting(budgets, day)
                if budget is None or budget.at["kbk"] != row.at["kbk"]:
                    continue
                came, used, worked = self.expected(rates, day, 1)
                to = acting([b for b in same if b.at["kbk"] == row.at["kbk"]], day)
                asked = {**self.base(day), **variant.request(), **self.applicant(day)}
                asked["place"] = area.ljust(9, "0")
                used = used + [to.id] if to is not None and used else used
                yield self.case(asked, came, used, f"{worked}, at {area}")

    # ---- exemptions ----

    def exemptions(self) -> Iterator[Case]:
        mine = [e for e in self.tariff.exemptions if self.service.code in e.words("services")]
        for variant, rates in self.variants():
            action = variant.action
            places = ("anywhere", "abroad" if variant.where == "abroad" else "kazakhstan")
            for ground in sorted({e.at["ground"] for e in mine}):
                rows = [e for e in mine if e.at["ground"] == ground]
                rows = [e for e in rows if e.at.get("where", "anywhere") in places]
                rows = [e for e in rows if not e.words("actions") or action in e.words("actions")]
                yield from self.claims(variant, rates, ground, rows)

    def claims(
        self, variant: Variant, rates: list[Row], ground: str, rows: list[Row]
    ) -> Iterator[Case]:
        kinds = {row.at["agreement"] for row in rows if "agreement" in row.at}
        treaties = [a for a in self.tariff.agreements if a.at["kind"] in kinds]
        code = self.service.code
        treaties = [a for a in treaties if "services" not in a.at or code in a.words("services")]
        countries = sorted({a.at["country"] for a in treaties}) or [""]
        for day in around(rows + treaties):
            for country in countries:
                for birth in self.births(rows, treaties, country, day):
                    yield self.claim(variant, rates, ground, day, (rows, treaties, country, birth))

    def limit(self, row: Optional[Row], treaty: Optional[Row]) -> int:
        """The lower of the law's and the country's; 0: any age."""
        limits = [int(r.at["age-below"]) for r in (row, treaty) if r and "age-below" in r.at]
        return min(limits, default=0)

    def births(
        self, rows: list[Row], treaties: list[Row], country: str, day: date
    ) -> list[Optional[date]]:
        row = acting(rows, day)
        treaty = acting([a for a in treaties if a.at["country"] == country], day)
        limit = self.limit(row, treaty)
        if limit == 0:
            return [None]
        return [None, years_on(day, -limit), years_on(day, -limit) + DAY]

    def claim(
        self,
        variant: Variant,
        rates: list[Row],
        ground: str,
        day: date,
        facts: tuple[list[Row], list[Row], str, Optional[date]],
    ) -> Case:
        rows, treaties, country, birth = facts
        came, used, worked = self.expected(rates, day, 1)
        row = acting(rows, day)
        asked = {**self.base(day), **variant.request(), **self.applicant(day)}
        if country:
            asked["nationality"] = country
        if birth is not None:
            asked["birth-date"] = birth.isoformat()
        if row is not None and "due" in came:
            treaty = acting([a for a in treaties if a.at["country"] == country], day)
            limit = self.limit(row, treaty)
            free = "agreement" not in row.at or treaty is not None
            if limit > 0:
                free = free and birth is not None and day < years_on(birth, limit)
            used = used + [r.id for r in (row, treaty) if r is not None]
            if free:
                came = {**came, "relief": came["gross"], "ground": ground}
                came["due"] = money(0, came["gross"].split()[1])
        attributes, _ = self.case(asked, came, used, f"{worked}; {ground}")
        return attributes, [f'<claim ground="{ground}" document="paper"/>']

    # ---- lists of countries ----

    def lists(self) -> Iterator[Case]:
        """Who stands on the list of the day may have it, who does not may not."""
        rows = self.service.kind("eligibility")
        if not rows:
            return
        variant, rates = self.first_price()
        every = set().union(*(self.tariff.lists[row.at["list"]][1] for row in rows))
        for day in around(rows + [self.tariff.lists[row.at["list"]][0] for row in rows]):
            acting_now = [r for r in rows if r.first <= day and (r.last is None or day <= r.last)]
            for category in sorted({c for row in rows for c in row.words("categories")}):
                on = set()
                for row in acting_now:
                    if category in row.words("categories"):
                        on |= self.tariff.lists[row.at["list"]][1]
                yield from self.listed(variant, rates, day, category, (on, every))

    def listed(
        self,
        variant: Variant,
        rates: list[Row],
        day: date,
        category: str,
        sets: tuple[set[str], set[str]],
    ) -> Iterator[Case]:
        on, every = sets
        came, used, worked = self.expected(rates, day, 1)
        for group, listed in ((on, True), (every - on, False), ({"AQ"}, False)):
            for country in sorted(group)[:2]:
                result, rows = came, used
                if not listed and "due" in came:
                    result, rows = {"refusal": "not_eligible"}, []
                asked = {**self.base(day), **variant.request()}
                asked.update(category=category, nationality=country)
                yield self.case(asked, result, rows, f"{worked}; list, {category}")

    def cases(self) -> Iterator[Case]:
        kinds = (self.prices, self.ages, self.notices, self.places, self.exemptions, self.lists)
        for kind in kinds:
            yield from kind()


def text_of(case: Case) -> str:
    attributes, children = case
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    if not children:
        return f"\t<case {said}/>\n"
    return f"\t<case {said}>{''.join(children)}</case>\n"


def index_texts(tariff: Tariff) -> Iterator[str]:
    for purpose in ("benefit", "duty", "fine"):
        rows = tariff.mrp(purpose)
        for day in around(rows):
            row = acting(rows, day)
            value = f' value="{row.at["value"]}"' if row else ""
            yield f'\t<mrp purpose="{purpose}" date="{day}"{value} source="the rows around it"/>\n'


def write(folder: Path, out: Path) -> list[Path]:
    """The documents, of FILE_CASES cases each."""
    tariff = tariff_of(folder)
    texts = list(index_texts(tariff))
    for service in tariff.services:
        texts += [text_of(case) for case in Writer(tariff, service).cases()]
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("boundaries*.xml"):
        old.unlink()
    paths = []
    for start in range(0, len(texts), FILE_CASES):
        body = "".join(texts[start : start + FILE_CASES])
        paths.append(out / f"boundaries{start // FILE_CASES:02}.xml")
        paths[-1].write_text(f"<cases>\n{body}</cases>\n")
    print(f"{len(texts)} cases around the boundaries of {folder}")
    return paths


def main(folder: str, out: str, judge: str = "") -> int:
    paths = write(Path(folder), Path(out))
    return subprocess.run([judge, folder, *paths], check=False).returncode if judge else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
