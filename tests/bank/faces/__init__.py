# SPDX-License-Identifier: Apache-2.0
"""The protocols that the bank speaks besides the sandbox's: a file here, and a row in FACES, each."""

from __future__ import annotations

from bank.faces.bcc import Bcc
from bank.faces.face import Face
from bank.faces.freedompay import FreedomPay
from bank.faces.halyk import Halyk
from bank.faces.rbs import Rbs

# Its name is the first part of its addresses, and of its tests' under /control/faces/.
FACES: dict[str, type[Face]] = {face.NAME: face for face in (Bcc, FreedomPay, Halyk, Rbs)}
