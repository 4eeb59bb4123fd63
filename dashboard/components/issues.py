"""Issues: the gravest first, each with its file, line, column and mend; the many folded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.record_table import Head, record_table
from dashboard.components.told import folded
from dashboard.wording import Words
from geodata.model import Issue, Severity

#: How many issues one table holds; the next ones are folded under it.
PAGE = 50
_GRAVEST_FIRST = list(Severity)


def issue_table(words: Words, issues: Sequence[Issue], caption: str, none: str) -> list[Component]:
    """Issues, the gravest first; notes are folded, and so is what comes after the fiftieth."""
    if not issues:
        return [html.P(none)] if none else []
    ordered = sorted(issues, key=lambda issue: _GRAVEST_FIRST.index(issue.severity))
    grave = [issue for issue in ordered if issue.severity is not Severity.NOTE]
    notes = [issue for issue in ordered if issue.severity is Severity.NOTE]
    parts: list[Component] = [html.P(caption, className="quiet")]
    if grave:
        parts += _pages(words, grave, caption)
    else:
        parts.append(html.P(words("data.issues_only_notes")))
    if notes:
        summary = words("data.issues_notes", count=words.number(len(notes)))
        parts.append(folded(summary, _pages(words, notes, f"{caption} – {summary}")))
    return parts


def _pages(words: Words, issues: Sequence[Issue], caption: str) -> list[Component]:
    """The first page of issues, and the others behind a line each."""
    heads = [
        *(Head(words(f"data.issue_{name}")) for name in ("severity", "what", "mend", "where")),
        Head(words("data.issue_rows"), is_number=True),
    ]
    made: list[Component] = []
    for first in range(0, len(issues), PAGE):
        page = issues[first : first + PAGE]
        said = words(
            "data.issues_page",
            first=words.number(first + 1),
            last=words.number(first + len(page)),
            count=words.number(len(issues)),
        )
        label = f"{caption} ({said})" if len(issues) > PAGE else caption
        table = record_table(label, heads, [_row(words, issue) for issue in page], "issues")
        made.append(folded(said, [table]) if first else table)
    return made


def _row(words: Words, issue: Issue) -> list[Any]:
    severity = html.Span(
        words(f"data.severity_{issue.severity}"), className=f"severity severity-{issue.severity}"
    )
    what = issue.message_fr if words.language == "fr" else issue.message_en
    mend = issue.mend_fr if words.language == "fr" else issue.mend_en
    sample = [html.Br(), html.Code(issue.sample)] if issue.sample else []
    return [
        severity,
        [what, *sample],
        mend or words("data.no_mend"),
        _where(words, issue),
        words.number(issue.rows),
    ]


def _where(words: Words, issue: Issue) -> list[Any]:
    """The file, and in it the line and the column, as far as they are known."""
    line = "" if issue.line is None else words("data.issue_line", line=words.number(issue.line))
    place = [part for part in (line, issue.column) if part]
    told: list[Any] = [html.Code(issue.file or issue.source_id)]
    if place:
        told.append(html.Span(", ".join(place), className="unit"))
    return told
