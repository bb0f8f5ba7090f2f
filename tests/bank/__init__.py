# SPDX-License-Identifier: Apache-2.0
"""A bank that speaks the `sandbox` gateway's protocol, behaves, and misbehaves on request."""

from bank.control import Control, ControlError
from bank.payer import Payer
from bank.server import Bank

__all__ = ["Bank", "Control", "ControlError", "Payer"]
