"""The published release, the refreshes before and after it, and what they found wrong."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data, journal
from dashboard.components.changes import last_changes
from dashboard.components.issues import issue_table
from dashboard.components.now import step_words
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import definitions, elapsed, folded, moment
from dashboard.pages import Desk, View
from dashboard.wording import Words
from geodata.state import issues_of

#: How many past refreshes are listed.
_LISTED_RUNS = 20
_MEBIBYTE = 1024 * 1024


def published_release(view: View) -> list[Component]:
    """The release that every page shows: its id, its date, what is in it."""
    words, release = view.words, view.release
    sources = data.sources(view.principal, release)
    entries: dict[str, Any] = {
        "release_id": html.Code(release.release_id),
        "published_at": moment(words, release.published_at),
        "territory": words.of(view.catalogue.territory.name),
        "sources": words.number(len(sources)),
        "rows": words.number(int(sources["rows_loaded"].sum())),
        "indicators": words.number(len(view.offer.indicators)),
        "content": html.Code(release.content_sha256[:12], title=release.content_sha256),
        "code": html.Code(release.code_version),
    }
    return [
        html.H2(words("data.release_title")),
        definitions({words(f"data.release_{name}"): said for name, said in entries.items()}),
        *last_changes(view.desk, release),
    ]


def last_refresh(desk: Desk) -> list[Component]:
    """What became of the last refresh, and what it found: of a refused one too."""
    words = desk.words
    runs = journal.runs(desk.principal, desk.settings, limit=1)
    title = html.H2(words("data.run_title"))
    if runs.empty:
        return [title, html.P(words("data.run_none"))]
    run = runs.iloc[0]
    outcome = str(run["outcome"])
    entries: dict[str, Any] = {
        "outcome": html.Span(words(f"data.outcome_{outcome}"), className=f"outcome {outcome}"),
        "started_at": moment(words, str(run["started_at"])),
        "duration": _duration(words, run["started_at"], run["ended_at"]),
    }
    if run["message"]:
        entries["message"] = str(run["message"])
    said = [
        title,
        definitions({words(f"data.run_{name}"): said for name, said in entries.items()}),
        html.P(words(f"data.explained_{outcome}")),
    ]
    shown = journal.publications(desk.principal, desk.settings)
    if outcome == "waiting" or (
        outcome == "published" and shown and run["release_id"] == shown[-1].release_id
    ):
        return [*said, html.P(words(f"data.run_issues_{outcome}"))]
    found = issues_of(journal.run_issues(desk.principal, desk.settings, int(run["run_id"])))
    none = words("data.run_issues_none")
    if outcome not in ("published", "unchanged"):
        none = ""
    return [*said, *issue_table(words, found, words("data.run_issues"), none)]


def release_issues(view: View) -> list[Component]:
    """The issues that the release was published with."""
    words = view.words
    found = issues_of(data.issues(view.principal, view.release))
    return [
        html.H2(words("data.issues_title")),
        *issue_table(words, found, words("data.issues_caption"), words("data.issues_none")),
    ]


def past_runs(desk: Desk) -> list[Component]:
    """The latest refreshes, newest first."""
    words = desk.words
    runs = journal.runs(desk.principal, desk.settings, limit=_LISTED_RUNS)
    title = html.H2(words("data.runs_title"))
    if runs.empty:
        return [title, html.P(words("data.run_none"))]
    heads = [
        Head(words("data.runs_id"), is_number=True),
        *(Head(words(f"data.run_{name}")) for name in ("started_at", "duration", "outcome")),
        Head(words("data.release_release_id")),
        Head(words("data.run_message")),
    ]
    rows = [
        [
            words.number(run["run_id"]),
            moment(words, str(run["started_at"])),
            _duration(words, run["started_at"], run["ended_at"]),
            html.Span(
                words(f"data.outcome_{run['outcome']}"), className=f"outcome {run['outcome']}"
            ),
            html.Code(run["release_id"]) if run["release_id"] else words("data.nothing"),
            run["message"] or "",
        ]
        for run in runs.to_dict("records")
    ]
    caption = words("data.runs_caption")
    table = record_table(caption, heads, rows, "runs")
    return [title, html.P(caption, className="quiet"), table, *last_steps(desk)]


def last_steps(desk: Desk) -> list[Component]:
    """What each step of the last refresh cost, the longest first; folded."""
    words = desk.words
    runs = journal.runs(desk.principal, desk.settings, limit=_LISTED_RUNS)
    for run_id in runs["run_id"]:
        frame = journal.run_steps(desk.principal, desk.settings, int(run_id))
        if not frame.empty:
            break
    else:
        return []
    heads = [
        Head(words("data.step_name")),
        *(Head(words(f"data.step_{name}"), is_number=True) for name in ("seconds", "peak", "rows")),
        Head(words("data.step_reused")),
    ]
    rows = [
        [
            step_words(desk, str(row["step"])),
            words("data.seconds", seconds=words.number(row["seconds"], 2)),
            words.amount(row["peak_bytes"] / _MEBIBYTE, 0, words("data.mebibytes"))
            if row["peak_bytes"]
            else words("data.nothing"),
            words.number(row["rows"]),
            words("data.reused" if row["is_reused"] else "data.made"),
        ]
        for row in frame.to_dict("records")
    ]
    summary = words(
        "data.steps",
        run=words.number(run_id),
        count=words.number(len(frame)),
        reused=words.number(int(frame["is_reused"].sum())),
        seconds=words.number(frame["seconds"].sum(), 1),
    )
    table = record_table(summary, heads, rows, "steps")
    return [folded(summary, [table], is_printed=False)]


def _duration(words: Words, started: pd.Timestamp, ended: pd.Timestamp) -> str:
    if pd.isna(ended):
        return words("data.nothing")
    seconds = (pd.Timestamp(ended) - pd.Timestamp(started)).total_seconds()
    return elapsed(words, seconds)
