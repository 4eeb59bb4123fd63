"""Jobs that ran, as the journal tells them, and moments on the clocks of a zone."""

from __future__ import annotations

import pandas as pd


def history(*rows):
    """Jobs, newest first: (state, asked_at, argument, is cancelled by someone)."""
    return pd.DataFrame(
        [
            (len(rows) - n, name, asked, asked, argument, by_someone)
            for n, (name, asked, argument, by_someone) in enumerate(rows)
        ],
        columns=[
            "job_id",
            "state",
            "asked_at",
            "ended_at",
            "argument",
            "is_cancelled_by_someone",
        ],
    ).astype({"asked_at": "datetime64[ns]", "ended_at": "datetime64[ns]"})
