# SPDX-License-Identifier: Apache-2.0
"""Clients that keep a daemon busy whatever becomes of it.

Each repeats a request, with its Idempotency-Key, until it is answered; what was acknowledged is
remembered to the byte.  What a client wants is a matter of its seed alone.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from typing import Any, NamedTuple, Optional

from bank.control import ControlError
from client import Answer, Client
from daemon import Alym

PATIENCE_S = 90.0  # a daemon that is gone for so long will not come back
PAUSE_S = (0.0, 0.08)
RETRY_S = 0.01
SERVICES = ("visa.exit", "visa.entry-exit", "visa.multiple", "invitation")
INVESTOR = [{"ground": "investor", "document": "MFA note 11-5/123"}]
AT_A_BANK = {"gateway": "sandbox", "return_url": "https://localhost/thanks"}


class Acknowledged(NamedTuple):
    """A request that was granted, and what it was answered first."""

    path: str
    body: dict[str, Any]
    key: str
    status: int
    bytes: bytes


class Worker(threading.Thread):
    """Works until stopped; `fault` tells why it ended before."""

    def __init__(self, name: str, alym: Alym) -> None:
        super().__init__(name=name)
        self.alym = alym
        self.fault = ""
        self._stopping = threading.Event()
        self._client = Client(alym.socket)

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.work()
        except Exception:  # what it was belongs into the test's failure
            self.fault = f"{self.name}: {traceback.format_exc()}"
        finally:
            self._client.close()

    def work(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._stopping.set()

    def pause(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def ask(
        self, method: str, path: str, body: Optional[dict[str, Any]] = None, key: str = ""
    ) -> Answer:
        """The first answer that is not "come again"."""
        headers = {"Idempotency-Key": key} if key else {}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self._client.request(method, path, body, headers)
                if answer.status != 503:
                    return answer
            except OSError:
                pass
            assert time.monotonic() < deadline, f"{method} {path} is not answered"
            time.sleep(RETRY_S)  # also when stopping: what was begun is ended


class Service(Worker):
    """A service of the state: creates payments, takes back, fulfils, tries again."""

    def __init__(self, name: str, alym: Alym, seed: str) -> None:
        super().__init__(name, alym)
        self.acknowledged: list[Acknowledged] = []
        self._random = random.Random(seed)
        self._count = 0
        self._ids: list[str] = []

    def work(self) -> None:
        chance = self._random.random()
        if chance < 0.75 or not self._ids:
            self._create()
        elif chance < 0.82:
            self._act("cancel", {"reason": "applicant changed his mind"})
        elif chance < 0.90:
            self._act("fulfilment", {"outcome": "performed", "document": "visa 12345678"})
        elif chance < 0.95:
            self._act("attempts", AT_A_BANK)
        else:
            self.replay(self._random.choice(self.acknowledged))
        self.pause(self._random.uniform(*PAUSE_S))

    def replay(self, once: Acknowledged) -> None:
        answer = self.ask("POST", once.path, once.body, once.key)
        assert answer.headers.get("Idempotency-Replayed") == "true", f"{once}: a first time again"
        said = (answer.status, answer.bytes)
        assert said == (once.status, once.bytes), f"{once}: {said}"

    def _post(self, path: str, body: dict[str, Any]) -> Answer:
        self._count += 1
        key = f"{self.name}-{self._count}"
        answer = self.ask("POST", path, body, key)
        if answer.status in (200, 201):
            self.acknowledged.append(Acknowledged(path, body, key, answer.status, answer.bytes))
        return answer

    def _create(self) -> None:
        quote: dict[str, Any] = {"service": self._random.choice(SERVICES)}
        chance = self._random.random()
        if chance < 0.05:
            quote = {"service": "eta"}
        elif chance < 0.15:
            quote = {"service": "visa.multiple", "claims": INVESTOR}
        reference = f"{self.name}/{self._count + 1}"
        body = {"reference": reference, "quote": quote, "payer": {"iin": "900401300018"}}
        if self._random.random() < 0.6:
            body.update(AT_A_BANK)
        answer = self._post("/v1/payments", body)
        assert answer.status == 201, f"{body}: {answer}"
        assert answer.json["reference"] == reference
        self._ids.append(answer.json["id"])
        if "gateway" not in body and answer.json["state"] == "open":
            self._go_to_a_cash_desk(answer.json["code"], answer.json["due"]["amount"])

    def _act(self, what: str, body: dict[str, Any]) -> None:
        answer = self._post(f"/v1/payments/{self._random.choice(self._ids)}/{what}", body)
        assert answer.status in (200, 201, 409), f"{what}: {answer}"

    def _go_to_a_cash_desk(self, code: str, due: int) -> None:
        """The bank tells the daemon on its own, until it is answered."""
        chance = self._random.random()
        if chance < 0.5:
            self._cash(code, due)
        elif chance < 0.65:
            self._cash(code, due, refusable=True)
        elif chance < 0.75:
            self._cash(code, due - 100, refusable=True)  # is refused
        elif chance < 0.85:
            self._cash(code, due // 3)
            self._cash(code, due - due // 3)
        elif chance < 0.92:
            self._cash(code, due + 12345)
        elif chance < 0.95:
            self._cash(code, due, currency="USD")
        elif chance < 0.98:
            self._cash("000000000000", due)

    def _cash(self, code: str, amount: int, **how: Any) -> None:
        try:
            self.alym.bank.control.cash(code, amount, wait_s=0, **how)
        except ControlError as error:
            raise AssertionError(f"cash {code}: {error}") from error


class Listener(Worker):
    """Follows the client's events, as a service does."""

    def __init__(self, name: str, alym: Alym) -> None:
        super().__init__(name, alym)
        self.events: list[dict[str, Any]] = []
        self._after = ""

    def work(self) -> None:
        position = f"&after={self._after}" if self._after else ""
        answer = self.ask("GET", f"/v1/events?wait=2&limit=50{position}")
        assert answer.status == 200, answer
        self.events += answer.json["items"]
        self._after = answer.json["next"]


class Crowd:
    """`with Crowd(...)`: all work; afterwards all have ended, and none for a fault."""

    def __init__(self, alym: Alym, seed: str, services: int) -> None:
        self.services = [Service(f"s{i}", alym, f"{seed}/{i}") for i in range(services)]
        self.listener = Listener("events", alym)
        self._workers: list[Worker] = [*self.services, self.listener]

    def __enter__(self) -> Crowd:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop()
        assert kind is not None or not self.faults(), "\n".join(self.faults())

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.join()

    def faults(self) -> list[str]:
        return [worker.fault for worker in self._workers if worker.fault]
