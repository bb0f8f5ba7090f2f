# SPDX-License-Identifier: Apache-2.0
"""The bank as a whole: an HTTPS server in front of orders, callbacks, pages and switches."""

from __future__ import annotations

import http.server
import random
import socketserver
import ssl
import sys
import threading
import time
from typing import Any, Optional
from urllib.parse import urlsplit

from bank import faults as switches
from bank.callbacks import RETRY, Callback, Callbacks
from bank.control_api import MODES, ControlApi
from bank.faces import FACES
from bank.faults import Faults
from bank.http_types import CloseConnection, Reply, Request
from bank.merchant_api import MerchantApi
from bank.orders import Operation, Order, Orders, Refused, seconds
from bank.page_api import PageApi
from bank.signing import Signer
from bank.timetable import Timetable
from bank.vault import Vault
from bank.wire import Wire

BODY_SIZE_MAX = 1 << 20
HANDSHAKE_TIMEOUT_S = 10
IDLE_TIMEOUT_S = 120


class Bank:
    """`with Bank(...) as bank:` serves until the block ends.

    `ca` verifies Alym's certificate; `state` is a file that outlives the bank.
    """

    def __init__(
        self,
        cert: str,
        key: str,
        ca: str,
        secret: bytes,
        merchant: str = "demo",
        listen: tuple[str, int] = ("127.0.0.1", 0),
        state: Optional[str] = None,
        verbose: bool = False,
    ) -> None:
        self.merchant = merchant
        self.mode: dict[str, Any] = dict(MODES, retry=dict(RETRY))
        self.refused_strangers = 0
        self._verbose = verbose
        self._stopping = threading.Event()
        self.vault = Vault(state)
        self.signer = Signer(secret, self.clock)
        self.faults = Faults()
        self.orders = Orders(self.vault, merchant, self.clock)
        self.timetable = Timetable()
        trust = ssl.create_default_context(cafile=ca)
        trust.load_cert_chain(cert, key)  # shown where Alym asks for a client's certificate
        self.wire = Wire(trust)
        self.callbacks = Callbacks(
            self.vault, self.signer, self.wire, self.timetable, self.faults, self._settled
        )
        self.faces = {name: face(self) for name, face in FACES.items()}
        self._pages = PageApi(self)
        self._doors = {"v1": MerchantApi(self), "control": ControlApi(self), **self.faces}
        self._server = _Server(listen, _tls(cert, key), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    # ---- its life ----

    def start(self) -> Bank:
        self.callbacks.resume()
        for order in self.orders.orders():
            if order["status"] == "pending":
                self._watch_expiry(order)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        self.timetable.stop()
        self.vault.close()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"https://{self._server.server_address[0]}:{self.port}"

    def clock(self) -> float:
        return time.time() + self.mode["clock_offset_s"]

    def note(self, line: str) -> None:
        if self._verbose:
            print(f"bank: {line}", file=sys.stderr, flush=True)

    def pause(self, ms: float) -> None:
        """Waits, but not beyond the bank's own end."""
        self._stopping.wait(ms / 1000)

    def set_mode(self, wish: dict[str, Any]) -> dict[str, Any]:
        unknown = set(wish) - set(MODES) or set(wish.get("retry", {})) - set(RETRY)
        if unknown:
            raise ValueError(f"no such mode: {sorted(unknown)[0]}")
        retry = {**self.mode["retry"], **wish.get("retry", {})}
        self.mode.update(wish, retry=retry)
        self.callbacks.retry.update(retry)
        self.callbacks.hold_all = bool(self.mode["hold"])
        self.faults.seed = self.mode["seed"]
        return self.mode

    def callback_url(self) -> str:
        """Where codes are asked about: as told, else where the last order wanted its callbacks."""
        url = self.mode["callback_url"] or self.orders.last_callback_url
        if not url:
            raise ValueError("no callback_url: set the mode, or register an order first")
        return url

    # ---- what happens to orders ----

    def register(self, wish: dict[str, Any]) -> Order:
        order = self.orders.register(wish, lambda token: f"{self.url}/pay/{token}")
        self._watch_expiry(order)
        if self.mode["auto_pay"]:
            delay_s = self.mode["auto_pay_delay_ms"] / 1000
            self.timetable.after(delay_s, lambda: self._auto_pay(order["order"]))
        return order

    def pay(self, number: str, **how: Any) -> Operation:
        struck = self.faults.take(switches.PAY, number)
        order = self.orders.find(number)
        if "amount" in struck:
            how.setdefault("amount", max(1, order["amount"] + struck["amount"]))
        if "currency" in struck:
            how.setdefault("currency", struck["currency"])
        how.setdefault("hold", "authorize" in struck or self.mode["two_stage"])
        operation = self.orders.pay(number, **how)
        self._tell_paid(order, operation)
        if "twice" in struck:
            self._tell_paid(order, self.orders.pay(number, **dict(how, again=True)))
        return operation

    def decline(self, number: str) -> Order:
        order = self.orders.decline(number)
        self._tell_end(order)
        return order

    def expire(self, number: str) -> Order:
        order = self.orders.expire(number)
        self._tell_end(order)
        return order

    # ---- what happens to codes ----

    def check(
        self, code: str, amount: Optional[int], currency: Optional[str]
    ) -> dict[str, Any]:
        """Asks Alym what is due by a code: {"status", "answer", "problem"}."""
        message = {"kind": "check", "merchant": self.merchant, "code": code}
        if amount is not None:
            message.update(amount=amount, currency=currency or "KZT")
        struck = self.faults.take(switches.PER_ATTEMPT, code, "check")
        return self.callbacks.exchange(self.callbacks.compose(self.callback_url(), message, struck))

    def pay_code(
        self, code: str, amount: int, currency: str, paid_at: Optional[str], refusable: bool
    ) -> tuple[Operation, Callback]:
        url = self.callback_url()
        operation = self.orders.pay_code(code, amount, currency, paid_at, refusable)
        message = {"code": code, **_paid(self.merchant, operation)}
        if refusable:
            message["refusable"] = True
        return operation, self.callbacks.call(url, message)

    # ---- inside ----

    def _tell_paid(self, order: Order, operation: Operation) -> None:
        number = order["order"]
        if operation["kind"] == "hold":
            message = {"kind": "hint", "merchant": self.merchant, "order": number}
        else:
            message = {"order": number, **_paid(self.merchant, operation)}
        self.note(f"order {number}: {operation['kind']} of {operation['amount']}")
        self.callbacks.call(order["callback_url"], message)

    def _tell_end(self, order: Order) -> None:
        names = ("order", "status", "amount", "currency")
        message = {name: order[name] for name in names}
        message.update(kind="payment", merchant=self.merchant)
        self.note(f"order {order['order']}: {order['status']}")
        self.callbacks.call(order["callback_url"], message)

    def _settled(self, callback: Callback) -> None:
        message = callback["message"]
        if message["kind"] == "payment" and "code" in message:
            self.orders.settle_code(message["operation"], callback["state"] == "delivered")

    def _auto_pay(self, number: str) -> None:
        declines = self.mode["auto_pay_declines"]
        chance = random.Random(f"{self.faults.seed}/auto/{number}").random()
        try:
            if chance < declines:
                self.decline(number)
            else:
                self.pay(number)
        except Refused:
            pass  # somebody was faster

    def _watch_expiry(self, order: Order) -> None:
        delay_s = max(0.0, seconds(order["expires_at"]) - self.clock()) + 0.05
        number = order["order"]
        self.timetable.after(delay_s, lambda: self._expire_in_time(number), background=True)

    def _expire_in_time(self, number: str) -> None:
        if self.orders.expire_if_due(number):
            self._tell_end(self.orders.find(number))

    def answer(self, request: Request) -> Reply:
        first = urlsplit(request.path).path.split("/")[1:2]
        return self._doors.get("".join(first), self._pages).answer(request)


def _paid(merchant: str, operation: Operation) -> dict[str, Any]:
    names = ("amount", "currency", "operation", "paid_at")
    message = {name: operation[name] for name in names}
    message.update(kind="payment", merchant=merchant, status="paid")
    return message


def _tls(cert: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, listen: tuple[str, int], context: ssl.SSLContext, bank: Bank) -> None:
        self._context = context
        self.bank = bank
        super().__init__(listen, _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks the DNS for our name
        self.server_name, self.server_port = self.server_address[:2]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread, or one peer could stop all."""
        try:
            request.settimeout(HANDSHAKE_TIMEOUT_S)
            request = self._context.wrap_socket(request, server_side=True)
        except OSError:
            self.shutdown_request(request)
            return
        super().process_request_thread(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # peers may vanish
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "PracticeBank"
    sys_version = ""
    timeout = IDLE_TIMEOUT_S
    disable_nagle_algorithm = True
    wbufsize = 65536
    server: _Server

    def _handle(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdigit() or int(size) > BODY_SIZE_MAX or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(size))
        request = Request(self.command, self.path, self.headers, body, self.client_address[0])
        try:
            self._reply(self.server.bank.answer(request))
        except CloseConnection:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PUT = _handle

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.body and "Content-Type" not in reply.headers:
            self.send_header("Content-Type", "application/json")
        promised = len(reply.body) + (100 if reply.truncate else 0)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.truncate:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass  # Bank.note() says what matters
