"""Every table and column of the state: what happens and what people write, in SQLite.

Its tables are brought to this form by `geodata.upgrades`; those of a release are in
`geodata.schema`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from geodata.schema import issue_columns, key

state = MetaData()

#: One row a refresh, whatever became of it.
run = Table(
    "run",
    state,
    Column("run_id", Integer, primary_key=True),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    #: running published waiting unchanged rejected failed interrupted
    Column("outcome", Text, nullable=False),
    Column("release_id", Text),
    Column("message", Text),
    Column("process_id", Integer, nullable=False),
    Column("has_ended", Boolean, nullable=False, default=False),
    Column("territory_id", Text),
    Column("job_id", Integer),
)

run_issue = Table(
    "run_issue",
    state,
    Column("run_issue_id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    *(Column(name, kind) for name, kind in issue_columns),
    Index("run_issue_by_run", "run_id"),
)

#: What each step of a run cost. ``is_reused``: its result was at hand, nothing was computed.
run_step = Table(
    "run_step",
    state,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    key("step"),
    Column("is_reused", Boolean, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("peak_bytes", BigInteger),
    Column("rows", Integer),
)

#: Every step that brought the state to its present tables (geodata.upgrades).
state_version = Table(
    "state_version",
    state,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", DateTime, nullable=False),
)

#: What is asked of the worker. The two indexes hold the queue's promises, whoever writes: the
#: same request waits once, and a territory has one job at work.
job = Table(
    "job",
    state,
    Column("job_id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("territory_id", Text, nullable=False),
    Column("argument", Text, nullable=False),  # JSON object, keys in order
    Column("asked_by", Text, nullable=False),
    Column("asked_at", DateTime, nullable=False),
    Column("state", Text, nullable=False),  # queued running done failed cancelled
    Column("started_at", DateTime),
    Column("ended_at", DateTime),
    Column("step", Text),
    Column("share", Double),
    Column("cancel_asked", DateTime),
    Column("cancel_asked_by", Text),
    Column("worker", Text),
    Column("message_fr", Text),
    Column("message_en", Text),
    Column("run_id", Integer),
    Column("outcome", Text),
    Column("is_told", Boolean, nullable=False, default=False),
)
Index(
    "job_waits_once",
    job.c.kind,
    job.c.territory_id,
    job.c.argument,
    unique=True,
    sqlite_where=job.c.state == "queued",
    postgresql_where=job.c.state == "queued",
)
Index(
    "job_runs_alone",
    job.c.territory_id,
    unique=True,
    sqlite_where=job.c.state == "running",
    postgresql_where=job.c.state == "running",
)

#: What a job says while it works, in the order it was said.
log_line = Table(
    "log_line",
    state,
    Column("log_line_id", Integer, primary_key=True),
    Column("job_id", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("text_fr", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Index("log_line_by_job", "job_id"),
)

#: The workers and the last sign of life of each.
worker = Table(
    "worker",
    state,
    key("worker"),
    Column("territory_id", Text),
    Column("beat_at", DateTime, nullable=False),
)

#: A message to people outside, one row a channel; kept with its error until it is delivered.
notice = Table(
    "notice",
    state,
    Column("notice_id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("job_id", Integer),
    Column("kind", Text, nullable=False),  # failed rejected held
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("channel", Text, nullable=False),  # webhook email
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try_at", DateTime),
    Column("delivered_at", DateTime),
    Column("error", Text),
)

#: A row of a source's file in quarantine; ``cells`` is a JSON object, empty for record-level rows.
held_row = Table(
    "held_row",
    state,
    key("source_id"),
    key("sha256"),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("file", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("column", Text),
    Column("message_fr", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    Column("mend_fr", Text, nullable=False),
    Column("mend_en", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("found_at", DateTime, nullable=False),
)

#: An officer's correction of one line of one very file.
mend = Table(
    "mend",
    state,
    key("source_id"),
    key("sha256"),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("cells", Text, nullable=False),  # JSON object: column -> text
    Column("mended_by", Text, nullable=False),
    Column("mended_at", DateTime, nullable=False),
)

#: Who decided what of a release, and why. A release may be decided upon more than once.
review = Table(
    "review",
    state,
    Column("review_id", Integer, primary_key=True),
    Column("release_id", Text, nullable=False),
    Column("decision", Text, nullable=False),  # approved refused
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Index("review_by_release", "release_id"),
)

#: What a person wrote of an area. One that is withdrawn is shown to nobody, and stays here.
note = Table(
    "note",
    state,
    Column("note_id", Integer, primary_key=True),
    Column("territory_id", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("area_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", DateTime, nullable=False),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime),
    Index("note_by_area", "territory_id", "level", "area_id"),
)

#: A view that a person saved: an address under a short code, pinned to a release.
saved_view = Table(
    "saved_view",
    state,
    key("code"),
    Column("territory_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("query", Text, nullable=False),  # of the address, without its release
    Column("title", Text, nullable=False),
    Column("release_id", Text, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("saved_at", DateTime, nullable=False),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime),
    Index("saved_view_by_release", "release_id"),
)
