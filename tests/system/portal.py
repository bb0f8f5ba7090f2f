# SPDX-License-Identifier: Apache-2.0
"""A service's side of the socket, in the words tests are written in."""

from __future__ import annotations

import threading
import uuid
from typing import Any, Callable, Optional

from bank.payer import Payer, Visit
from client import Answer, Client
from daemon import Alym, wait_until

AT_A_BANK = {"gateway": "sandbox", "return_url": "https://localhost/thanks"}
EXIT_VISA = {"service": "visa.exit"}
INVESTOR = [{"ground": "investor", "document": "MFA note 11-5/123"}]
PATIENCE_S = 30.0

Payment = dict[str, Any]


def money(amount: int, currency: str = "KZT") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


class Portal:
    """`with Portal(alym) as portal:`; every refusal that is not expected fails the test."""

    def __init__(self, alym: Alym) -> None:
        self.alym = alym
        self.client = Client(alym.socket)

    def __enter__(self) -> Portal:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    # ---- asking ----

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status == 200, f"{path}: {answer.json}"
        return answer.json

    def post(self, path: str, body: Any, key: Optional[str] = None) -> Any:
        answer = self.client.post(path, body, key)
        assert answer.status in (200, 201), f"{path} {body}: {answer.json}"
        return answer.json

    def refused(
        self, status: int, code: str, method: str, path: str, body: Any = None
    ) -> dict[str, Any]:
        """The problem that answers it."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        answer = self.client.request(method, path, body, headers)
        said = (answer.status, answer.json.get("code"))
        assert said == (status, code), f"{method} {path} {body}: {answer.json}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.json

    # ---- payments ----

    def quote(self, **request: Any) -> dict[str, Any]:
        return self.post("/v1/quotes", request, key="")

    def create(
        self, reference: str = "", quote: Optional[dict[str, Any]] = None, **more: Any
    ) -> Payment:
        body = {"reference": reference or uuid.uuid4().hex, "quote": quote or EXIT_VISA, **more}
        return self.post("/v1/payments", body)

    def create_at_bank(self, quote: Optional[dict[str, Any]] = None, **more: Any) -> Payment:
        """A payment whose order the bank has."""
        made = self.create(quote=quote, **AT_A_BANK, **more)
        self.reach(made, attempt="pending")
        return made

    def payment(self, made: Payment) -> Payment:
        return self.get(f"/v1/payments/{made['id']}")

    def act(self, made: Payment, what: str, body: Any = None) -> Payment:
        return self.post(f"/v1/payments/{made['id']}/{what}", {} if body is None else body)

    def reach(
        self, made: Payment, state: str = "", attempt: str = "", timeout_s: float = PATIENCE_S
    ) -> Payment:
        """The payment once it, or its last attempt, is in that state."""

        def reached() -> Optional[Payment]:
            now = self.payment(made)
            last = now["attempts"][-1]["state"] if now["attempts"] else ""
            is_there = state in ("", now["state"]) and attempt in ("", last)
            return now if is_there else None

        try:
            return wait_until(reached, timeout_s, f"{made['id']} to be {state} {attempt}")
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.payment(made)}") from None

    def order(self, made: Payment) -> str:
        return self.payment(made)["attempts"][-1]["order"]

    def pay_by_page(self, made: Payment, action: str = "pay") -> Visit:
        return Payer(self.alym.ca).pay(self.payment(made)["pay_url"], action)

    # ---- what came of it ----

    def events(self, made: Optional[Payment] = None) -> list[dict[str, Any]]:
        items = self.get("/v1/events?limit=500")["items"]
        return [e for e in items if made is None or e["subject"] == made["id"]]

    def event_types(self, made: Payment) -> list[str]:
        return [event["type"] for event in self.events(made)]

    def entries(self, made: Optional[Payment] = None) -> list[dict[str, Any]]:
        about = f"&payment={made['id']}" if made else ""
        return self.get(f"/v1/ledger/entries?limit=500{about}")["items"]

    def postings(self, made: Optional[Payment] = None) -> list[tuple[str, dict[str, int]]]:
        """(cause, {account and currency: debit less credit}) of each entry."""
        return [
            (
                entry["cause"],
                {
                    f"{p['account']} {p['amount']['currency']}": p["amount"]["amount"]
                    for p in entry["postings"]
                },
            )
            for entry in self.entries(made)
        ]

    def balance(self, account: str, currency: str = "KZT") -> int:
        """Debit less credit."""
        for item in self.get("/v1/ledger/balances")["items"]:
            if (item["account"], item["balance"]["currency"]) == (account, currency):
                return item["balance"]["amount"]
        return 0

    def metric(self, name: str) -> int:
        return int(self.client.get("/metrics").json.split(f"\n{name} ")[1].split()[0])


def together(count: int, work: Callable[[int], Answer]) -> list[Answer]:
    """What `count` threads that begin at once are answered."""
    barrier = threading.Barrier(count)
    answers: list[Optional[Answer]] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        answers[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers), "somebody was not answered"
    return [answer for answer in answers if answer]
