"""What is published now, what is being done, what waits to be done: the part that lives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import journal
from dashboard.components.told import button, definitions, elapsed, moment, number_of
from dashboard.pages import Desk
from geodata import jobs
from geodata.model import Principal
from geodata.settings import Settings
from geodata.state import StateError, now

#: Milliseconds between two looks while something waits or runs, and while nothing does.
BUSY_PULSE, QUIET_PULSE = 2_000, 15_000
#: How many lines of a log are shown, the last ones.
_LOG_LINES = 200
#: What a publication by no one's words was published for: said in the language of the page.
_USUAL_REASONS = ("refresh", "roll-back")


@dataclass(frozen=True, slots=True)
class Now:
    """The living part at one moment.

    ``said`` is read aloud when it changes; ``log_title`` and ``log`` are what the job at work, or
    else the last one, said; ``pulse`` is when to look again; ``stamp`` changes when the rest of
    the page is to be drawn anew.
    """

    said: str
    shown: list[Component]
    log_title: str
    log: str
    pulse: int
    stamp: str


def at_this_moment(desk: Desk) -> Now:
    """What is shown of this moment; of a state that cannot be read, why it cannot."""
    try:
        return _moment(desk)
    except StateError as error:
        said = desk.words.of(error.message)
        return Now(said, [], desk.words("desk.no_log"), "", QUIET_PULSE, "")


def _moment(desk: Desk) -> Now:
    pending = journal.pending_jobs(desk.principal, desk.settings)
    is_alive = journal.is_worker_alive(desk.principal, desk.settings)
    rows = pending.to_dict("records")
    running = [row for row in rows if row["state"] == jobs.RUNNING]
    queued = [row for row in rows if row["state"] == jobs.QUEUED]
    shown: list[Component] = [_facts(desk, is_alive)]
    shown += [_at_work(desk, row, is_alive) for row in running]
    shown += _queue(desk, queued)
    if not rows:
        shown += _last(desk)
    told = journal.jobs(desk.principal, desk.settings, limit=1)["job_id"].tolist()
    title, lines = _log(desk, int(running[0]["job_id"] if running else told[0]) if told else None)
    return Now(
        said=_said(desk, running, queued, is_alive),
        shown=shown,
        log_title=title,
        log=lines,
        pulse=BUSY_PULSE if rows else QUIET_PULSE,
        stamp=stamp(desk.principal, desk.settings),
    )


def stamp(principal: Principal, settings: Settings) -> str:
    """A text that changes with what is published, what waits, and the jobs and refreshes done."""
    shown = journal.publications(principal, settings)
    waiting = journal.waiting(principal, settings)
    runs = journal.runs(principal, settings, limit=1)
    tasks = journal.jobs(principal, settings, limit=10)
    told = {
        "shown": [shown[-1].release_id, shown[-1].at] if shown else None,
        "waiting": waiting.release_id if waiting else None,
        "runs": runs[["run_id", "outcome"]].astype("str").to_numpy().tolist(),
        "jobs": tasks[["job_id", "state"]].astype("str").to_numpy().tolist(),
    }
    return json.dumps(told)


def reason_of(desk: Desk, reason: str) -> str:
    """Why something was published, as its person wrote it, or the usual words."""
    return desk.words(f"desk.reason_{reason}") if reason in _USUAL_REASONS else reason


def _said(
    desk: Desk,
    running: Sequence[dict[Any, Any]],
    queued: Sequence[dict[Any, Any]],
    is_alive: bool,
) -> str:
    """The one sentence that says how things stand; it changes with the phase, not the second."""
    words = desk.words
    if running and not is_alive:
        return words("desk.lost", task=_task(desk, running[0]))
    if running:
        phase = words.known(f"desk.phase_{str(running[0]['step'] or '').split(' ')[0]}", "")
        if phase:
            return words("desk.running_phase", task=_task(desk, running[0]), phase=phase)
        return words("desk.running", task=_task(desk, running[0]))
    if queued:
        return words("desk.queued" if is_alive else "desk.queued_alone", count=len(queued))
    return words("desk.idle")


def _facts(desk: Desk, is_alive: bool) -> Component:
    words = desk.words
    shown = journal.publications(desk.principal, desk.settings)
    entries: dict[str, Any] = {}
    if shown:
        last = shown[-1]
        by = last.by or words("desk.nobody")
        online = words(
            "desk.online",
            number=number_of(words, last.release_id),
            moment=moment(words, last.at),
            by=by,
        )
        reason = reason_of(desk, last.reason)
        entries["shown"] = [online, html.Br(), html.Span(reason, className="quiet")]
    else:
        entries["shown"] = words("desk.nothing_online")
    entries["worker"] = (
        words("desk.worker_ready")
        if is_alive
        else [words("desk.worker_none"), " ", html.Code("vigie worker")]
    )
    return definitions({words(f"desk.{name}"): said for name, said in entries.items()})


def _at_work(desk: Desk, row: dict[Any, Any], is_alive: bool) -> Component:
    """The job at work: how far, at which step, for how long, and what it said."""
    words = desk.words
    share = float(row["share"] or 0.0)
    step = step_words(desk, str(row["step"] or ""))
    seconds = (pd.Timestamp(now()) - pd.Timestamp(row["started_at"])).total_seconds()
    percent = words.amount(100 * share, 0, "%")
    is_stopping = row["cancel_asked_by"] is not None
    stopping = words("desk.stopping", by=row["cancel_asked_by"]) if is_stopping else ""
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(_task(desk, row)),
                    html.Span(
                        words(
                            "desk.asked_by",
                            by=row["asked_by"],
                            moment=moment(words, _iso(row["asked_at"])),
                        ),
                        className="quiet",
                    ),
                ],
                className="task-name",
            ),
            html.Progress(value=f"{share:.3f}", max="1", **{"aria-label": words("desk.progress")}),
            html.Div(
                [
                    html.Span(f"{percent} · {step}" if step else percent, className="step"),
                    html.Span(words("desk.since", elapsed=elapsed(words, seconds))),
                ],
                className="task-progress",
            ),
            html.P(words("desk.lost_mend"), className="note") if not is_alive else None,
            html.Div(
                [
                    html.Span(stopping, className="quiet")
                    if is_stopping
                    else _cancel(desk, int(row["job_id"])),
                ],
                className="task-acts",
            ),
        ],
        className="task",
        id="data-task",
    )


def _queue(desk: Desk, rows: Sequence[dict[Any, Any]]) -> list[Component]:
    words = desk.words
    if not rows:
        return []
    lines = [
        html.Li(
            [
                html.Span(
                    [
                        f"{words('desk.job_number', number=row['job_id'])} · {_task(desk, row)} · ",
                        words(
                            "desk.asked_by",
                            by=row["asked_by"],
                            moment=moment(words, _iso(row["asked_at"])),
                        ),
                    ]
                ),
                _cancel(desk, int(row["job_id"])),
            ]
        )
        for row in rows
    ]
    return [html.H3(words("desk.queue")), html.Ul(lines, className="queue")]


def _last(desk: Desk) -> list[Component]:
    """What became of the last job."""
    words = desk.words
    frame = journal.jobs(desk.principal, desk.settings, limit=1)
    if frame.empty:
        return [html.P(words("desk.no_job"), className="quiet")]
    row = frame.iloc[0].to_dict()
    name = f"{words('desk.job_number', number=row['job_id'])} · {_task(desk, row)}"
    said = str((row["message_fr"] if words.language == "fr" else row["message_en"]) or "")
    state = str(row["state"])
    return [
        html.H3(words("desk.last_job")),
        html.P(
            [
                html.Span(words(f"desk.state_{state}"), className=f"outcome {state}"),
                f" {name}, ",
                words(
                    "desk.asked_by",
                    by=row["asked_by"],
                    moment=moment(words, _iso(row["asked_at"])),
                ),
            ]
        ),
        *([html.P(said)] if said else []),
    ]


def _cancel(desk: Desk, job_id: int) -> Component:
    return button(
        desk.words("desk.cancel", number=job_id), "cancel", is_second=True, job=str(job_id)
    )


def _log(desk: Desk, job_id: int | None) -> tuple[str, str]:
    """What a job said, the last line first; empty when none was ever asked for."""
    words = desk.words
    if job_id is None:
        return words("desk.no_log"), ""
    frame = journal.log_lines(desk.principal, desk.settings, job_id)
    lines = [
        f"{pd.Timestamp(row['at']):%H:%M:%S}  {_line(desk, row)}"
        for row in frame.tail(_LOG_LINES).iloc[::-1].to_dict("records")
    ]
    return words("desk.log", number=job_id, lines=words.number(len(frame))), "\n".join(lines)


def _line(desk: Desk, row: dict[Any, Any]) -> str:
    french, english = str(row["text_fr"]), str(row["text_en"])
    if french == english:  # the name of a step, in no one's language
        return step_words(desk, french)
    return french if desk.words.language == "fr" else english


def _task(desk: Desk, row: dict[Any, Any]) -> str:
    words = desk.words
    release = str(row["release_id"])
    named = number_of(words, release) if release else words("desk.one_before")
    return words(f"desk.task_{row['kind']}", release=named)


def step_words(desk: Desk, step: str) -> str:
    """A step of a job in words: what is done, and to what."""
    head, _, tail = step.partition(" ")
    phase = desk.words.known(f"desk.phase_{head.strip('()')}", "")
    if not phase:
        return _named(desk, step)
    what = _named(desk, tail)
    return desk.words("desk.step", phase=phase, what=what) if what else phase


def _named(desk: Desk, thing: str) -> str:
    known = desk.catalogue
    if thing in known.sources:
        return desk.words.of(known.sources[thing].name)
    if thing in known.variables:
        return desk.words.of(known.variables[thing].name)
    if thing in known.indicators:
        return desk.words.of(known.indicators[thing].short)
    return thing


def _iso(at: Any) -> str:
    return pd.Timestamp(at).isoformat()
