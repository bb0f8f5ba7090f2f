# SPDX-License-Identifier: Apache-2.0
"""Signatures of the sandbox protocol (gateways/sandbox/README.md, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import re
from email.message import Message
from typing import Callable, Optional

WINDOW_S = 300
TIMESTAMP = "X-Sandbox-Timestamp"
SIGNATURE = "X-Sandbox-Signature"

_TIMESTAMP = re.compile(r"(0|[1-9][0-9]{0,15})", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def digest(secret: bytes, *parts: bytes) -> str:
    return hmac.new(secret, b".".join(parts), hashlib.sha256).hexdigest()


class Signer:
    """Signs and checks with one secret and one clock."""

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        self.secret = secret
        self.clock = clock

    def sign_request(self, method: str, path: str, body: bytes, age_s: int = 0) -> dict[str, str]:
        timestamp = str(int(self.clock()) - age_s)
        signature = digest(self.secret, timestamp.encode(), method.encode(), path.encode(), body)
        return {TIMESTAMP: timestamp, SIGNATURE: signature}

    def sign_answer(
        self, status: int, body: bytes, request_signature: str, age_s: int = 0
    ) -> dict[str, str]:
        timestamp = str(int(self.clock()) - age_s)
        signature = digest(
            self.secret, timestamp.encode(), str(status).encode(), body, request_signature.encode()
        )
        return {TIMESTAMP: timestamp, SIGNATURE: signature}

    def request_fault(
        self, headers: Message, method: str, path: str, body: bytes
    ) -> Optional[str]:
        """What is wrong with a request's signature ("signature", "stale"); None: nothing."""
        return self._fault(headers, method.encode(), path.encode("latin-1", "replace"), body)

    def answer_fault(
        self, headers: Message, status: int, body: bytes, request_signature: str
    ) -> Optional[str]:
        """What is wrong with an answer's signature ("signature", "stale"); None: nothing."""
        return self._fault(headers, str(status).encode(), body, request_signature.encode())

    def _fault(self, headers: Message, *parts: bytes) -> Optional[str]:
        timestamps = headers.get_all(TIMESTAMP, [])
        signatures = headers.get_all(SIGNATURE, [])
        if len(timestamps) != 1 or len(signatures) != 1:
            return "signature"
        timestamp, signature = timestamps[0], signatures[0]
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return "signature"
        want = digest(self.secret, timestamp.encode(), *parts)
        if not hmac.compare_digest(signature.encode(), want.encode()):
            return "signature"
        if abs(int(timestamp) - int(self.clock())) > WINDOW_S:
            return "stale"
        return None
