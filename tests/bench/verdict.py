# SPDX-License-Identifier: Apache-2.0
"""What was promised, what was measured, and whether the one reaches the other."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Optional, Sequence


def median_ratio(these: Sequence[float], others: Sequence[float]) -> float:
    """The median of the rounds' ratios: each of what was measured side by side."""
    if not these or len(these) != len(others):
        raise ValueError(f"{len(these)} rounds beside {len(others)}")
    return statistics.median(a / b for a, b in zip(these, others))


@dataclass(frozen=True)
class Verdict:
    """One promise.  Without `must` it is told and not judged."""

    concern: str
    measured: float
    must: Optional[float] = None
    goal: Optional[float] = None
    most: bool = False  # the promise is a bound above, not below
    form: str = "{:.2f} x"  # of the three figures

    def _holds(self, bound: Optional[float]) -> bool:
        if bound is None:
            return False
        return self.measured <= bound if self.most else self.measured >= bound

    def reached(self) -> str:
        if self._holds(self.goal) and (self.must is None or self._holds(self.must)):
            return "goal"
        if self.must is None:
            return ""
        return "must" if self._holds(self.must) else "**no**"

    def _bound(self, bound: Optional[float]) -> str:
        if bound is None:
            return ""
        return ("at most " if self.most else "") + self.form.format(bound)

    def row(self) -> list[str]:
        measured = f"**{self.form.format(self.measured)}**"
        bounds = [self._bound(self.must), self._bound(self.goal)]
        return [self.concern, measured, *bounds, self.reached()]


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def table(verdicts: Sequence[Verdict]) -> str:
    return markdown(["", "measured", "must", "goal", "reached"], [v.row() for v in verdicts])
