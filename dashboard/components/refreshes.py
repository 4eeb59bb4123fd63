"""The published release, the refreshes before and after it, and what they found wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data, journal
from dashboard.components.record_table import Head, record_table
from dashboard.pages import View
from dashboard.wording import Words
from geodata.model import Issue, Severity
from geodata.state import issues_of

#: How many past refreshes are listed.
_LISTED_RUNS = 20
_GRAVEST_FIRST = list(Severity)


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
    }
    return [
        html.H2(words("data.release_title")),
        _definitions({words(f"data.release_{name}"): said for name, said in entries.items()}),
    ]


def last_refresh(view: View) -> list[Component]:
    """What became of the last refresh, and what it found: of a refused one too."""
    words = view.words
    runs = journal.runs(view.principal, view.settings, limit=1)
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
        _definitions({words(f"data.run_{name}"): said for name, said in entries.items()}),
        html.P(words(f"data.explained_{outcome}")),
    ]
    if outcome == "published" and run["release_id"] == view.release.release_id:
        return [*said, html.P(words("data.run_issues_same"))]
    found = issues_of(journal.run_issues(view.principal, view.settings, int(run["run_id"])))
    none = words("data.run_issues_none")
    if outcome not in ("published", "unchanged"):
        none = ""
    return [*said, *issue_table(view, found, words("data.run_issues"), none)]


def release_issues(view: View) -> list[Component]:
    """The issues that the release was published with."""
    words = view.words
    found = issues_of(data.issues(view.principal, view.release))
    return [
        html.H2(words("data.issues_title")),
        *issue_table(view, found, words("data.issues_caption"), words("data.issues_none")),
    ]


def issue_table(view: View, issues: Sequence[Issue], caption: str, none: str) -> list[Component]:
    """Issues, the gravest first, each with its file, line, column and mend; or ``none``."""
    words = view.words
    if not issues:
        return [html.P(none)] if none else []
    heads = [
        Head(words("data.issue_severity")),
        Head(words("data.issue_file")),
        Head(words("data.issue_line"), is_number=True),
        Head(words("data.issue_column")),
        Head(words("data.issue_what")),
        Head(words("data.issue_mend")),
        Head(words("data.issue_rows"), is_number=True),
    ]
    ordered = sorted(issues, key=lambda issue: _GRAVEST_FIRST.index(issue.severity))
    rows = [_issue_row(words, issue) for issue in ordered]
    return [html.P(caption, className="quiet"), record_table(caption, heads, rows, "issues")]


def past_runs(view: View) -> list[Component]:
    """The latest refreshes, newest first."""
    words = view.words
    runs = journal.runs(view.principal, view.settings, limit=_LISTED_RUNS)
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
    return [title, html.P(caption, className="quiet"), record_table(caption, heads, rows, "runs")]


def moment(words: Words, text: str) -> str:
    """A moment in universal time, written out: "22 novembre 2026 à 02:18 (UTC)"."""
    at = datetime.fromisoformat(text)
    return words("data.moment", day=words.day(text), time=f"{at:%H:%M}")


def _duration(words: Words, started: pd.Timestamp, ended: pd.Timestamp) -> str:
    if pd.isna(ended):
        return words("data.nothing")
    seconds = (pd.Timestamp(ended) - pd.Timestamp(started)).total_seconds()
    return words("data.seconds", seconds=words.number(seconds))


def _issue_row(words: Words, issue: Issue) -> list[Any]:
    severity = html.Span(
        words(f"data.severity_{issue.severity}"), className=f"severity severity-{issue.severity}"
    )
    what = issue.message_fr if words.language == "fr" else issue.message_en
    mend = issue.mend_fr if words.language == "fr" else issue.mend_en
    sample = [html.Br(), html.Code(issue.sample)] if issue.sample else []
    return [
        severity,
        html.Code(issue.file or issue.source_id),
        "" if issue.line is None else words.number(issue.line),
        html.Code(issue.column) if issue.column else "",
        [what, *sample],
        mend or words("data.no_mend"),
        words.number(issue.rows),
    ]


def _definitions(entries: dict[str, Any]) -> Component:
    """Names and what they are, side by side."""
    parts = []
    for name, said in entries.items():
        parts += [html.Dt(name), html.Dd(said)]
    return html.Dl(parts, className="facts")
