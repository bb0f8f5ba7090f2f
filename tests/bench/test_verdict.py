# SPDX-License-Identifier: Apache-2.0
"""Whether promises are judged as a person would judge them."""

from __future__ import annotations

from verdict import Verdict, median_ratio, table


def main() -> None:
    for measured, reached in ((5.9, "**no**"), (6.0, "must"), (9.99, "must"), (10.0, "goal")):
        assert Verdict("rate", measured, 6, 10).reached() == reached, measured
    for measured, reached in ((1.01, "**no**"), (1.0, "must"), (0.34, "must"), (0.33, "goal")):
        assert Verdict("delay", measured, 1, 0.33, most=True).reached() == reached, measured
    assert Verdict("loss", 10, 10, most=True).reached() == "must"  # there is no goal to reach
    assert Verdict("told", 3).reached() == ""

    # The ratio of neighbours, not of the medians: 2, 1 and 3 here, where the medians' is 1.5.
    assert median_ratio([20, 10, 30], [10, 10, 10]) == 2
    assert median_ratio([20, 30, 90], [10, 30, 30]) == 2
    for wrong in ([], [1.0]):
        try:
            median_ratio(wrong, [1.0, 2.0])
        except ValueError:
            continue
        raise AssertionError(wrong)

    lines = table([Verdict("rate", 7.125, 6, 10), Verdict("loss", 4, 10, most=True, form="{:.0f} %")])
    assert lines.splitlines()[2:] == [
        "| rate | **7.12 x** | 6.00 x | 10.00 x | must |",
        "| loss | **4 %** | at most 10 % |  | must |",
    ], lines


if __name__ == "__main__":
    main()
