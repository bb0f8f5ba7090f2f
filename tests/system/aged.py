# SPDX-License-Identifier: Apache-2.0
"""A book whose every day lies further back, for tests of months that are over.

No clock is moved: the file's owner takes the triggers off, moves the days, and puts them on again.
The leaves stay as they were.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ALMATY = ZoneInfo("Asia/Almaty")
DAYS = 40  # so many days ago it was another month


def month_of_aged() -> str:
    """The month that an entry of today is of once its book is aged."""
    return (datetime.now(ALMATY).date() - timedelta(DAYS)).isoformat()[:7]


def age(book: Path) -> None:
    """Of a daemon that has ended."""
    db = sqlite3.connect(book)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(f"UPDATE record SET booked_at = booked_at - {DAYS * 86400}")
    db.execute(
        f"UPDATE entry SET booked_at = booked_at - {DAYS * 86400}, booked_day = booked_day - {DAYS},"
        f" value_date = value_date - {DAYS}, paid_on = paid_on - {DAYS}"
    )
    db.execute(f"UPDATE day_sum SET day = day - {DAYS}")
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()
