# SPDX-License-Identifier: Apache-2.0
"""Payments that name a method: the gateway is chosen, and another one when the first is not there."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from bank.payer import Payer
from daemon import MERCHANT, Alym
from portal import Portal, money
from ports import free_port

BY_CARD = {"method": "card", "return_url": "https://localhost/thanks"}
EXIT_2026 = 216250  # 0.5 of 4,325 tenge, in tiyn


@pytest.fixture
def routed(make_alym: Callable[..., Alym]) -> Alym:
    """`nearby` comes first, and nobody listens where it is said to be."""
    made = make_alym({"gateway sandbox": {"method": "card", "rank": 2, "currencies": "KZT"}})
    made.configure(
        {
            "gateway nearby": {
                "plugin": made.settings["gateway sandbox"]["plugin"],
                "endpoint": f"https://127.0.0.1:{free_port()}",
                "ca": made.ca,
                "merchant": MERCHANT,
                "secret_file": made.bank.secret_file,
                "method": "card",
                "amount_max": "5000.00",
            }
        }
    )
    made.open()
    return made


def route(attempt: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    skipped = attempt["route"]["skipped"]
    return attempt["gateway"], [(one["gateway"], one["why"]) for one in skipped]


def test_a_payment_goes_on_where_somebody_listens_and_is_booked_once(routed: Alym) -> None:
    with Portal(routed) as portal:
        made = portal.create(**BY_CARD)
        now = portal.reach(made, attempt="pending")
        assert [one["state"] for one in now["attempts"]] == ["not_attempted", "pending"]
        assert route(now["attempts"][0]) == ("nearby", [])
        assert route(now["attempts"][1]) == ("sandbox", [("nearby", "tried")])
        # The payer has the address that was told first.
        assert made["pay_url"] != now["pay_url"]
        Payer(routed.ca).pay(made["pay_url"], "pay")
        paid = portal.reach(made, state="paid")
        assert paid["paid"] == money(EXIT_2026)
        assert portal.balance("clearing:sandbox") == EXIT_2026
        assert portal.balance("clearing:nearby") == 0
        assert portal.event_types(made) == [
            "payment.created",
            "attempt.not_attempted",
            "attempt.created",
            "attempt.pending",
            "payment.paid",
        ]
        assert portal.metric("alym_failovers_total") == 1
    assert "attempt.failed_over" in routed.said()
    assert ": 0 faults." in routed.alymctl("book", "verify").stdout


def test_who_does_not_answer_is_passed_over_until_he_has_rested(routed: Alym) -> None:
    with Portal(routed) as portal:
        for _ in range(5):
            portal.reach(portal.create(**BY_CARD), attempt="pending")
        last = portal.reach(portal.create(**BY_CARD), attempt="pending")
        assert [route(one) for one in last["attempts"]] == [("sandbox", [("nearby", "resting")])]
        assert portal.metric('alym_gateway_breaker{gateway="nearby"}') == 2
        warnings = [one["code"] for one in portal.get("/readyz")["warnings"]]
        assert "gateway_resting" in warnings
    assert routed.said().count("gateway.breaker_opened") == 1


def test_rules_choose_and_refuse(routed: Alym) -> None:
    with Portal(routed) as portal:
        dear = portal.create(quote={"service": "visa.multiple"}, **BY_CARD)
        assert route(dear["attempts"][0]) == ("sandbox", [("nearby", "amount")])
        body = {"reference": "R-1", "quote": {"service": "visa.exit"}, **BY_CARD, "method": "bank"}
        portal.refused(422, "no_gateway", "POST", "/v1/payments", body)
        said = routed.alymctl("pay", "visa.multiple", "--reference", "R-2", "--method", "card",
                              "--return-url", "https://localhost/thanks").stdout
        assert "sandbox" in said
