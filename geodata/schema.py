"""Every table and column, of a release and of the state; no other module declares one.

A release is what is published, read-only, in DuckDB. The state is what happens and what people
write, in SQLite. Areas are keyed by (level, area_id). Geometry is WKB in EPSG:4326.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

#: Raised when a table or a column changes: an older release is then rebuilt, never misread.
SCHEMA_VERSION = 1

release = MetaData()
state = MetaData()


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


about = Table(
    "about",
    release,
    Column("schema_version", Integer, nullable=False),
    Column("territory_id", Text, nullable=False),
    Column("catalogue_sha256", Text, nullable=False),
    Column("recipe_sha256", Text, nullable=False),
    Column("inputs_sha256", Text, nullable=False),
)

source = Table(
    "source",
    release,
    _key("source_id"),
    Column("file", Text, nullable=False),
    Column("origin", Text, nullable=False),  # embedded, or brought by an officer
    Column("producer", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("vintage", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("retrieved_on", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_loaded", Integer, nullable=False),
    Column("rows_quarantined", Integer, nullable=False),
    Column("rows_dropped", Integer, nullable=False),
)

issue_columns = (
    ("source_id", Text),
    ("severity", Text),
    ("code", Text),
    ("file", Text),
    ("line", Integer),
    ("column", Text),
    ("message_fr", Text),
    ("message_en", Text),
    ("mend_fr", Text),
    ("mend_en", Text),
    ("sample", Text),
    ("rows", Integer),
)

#: role: territory (ours), comparison (another area of a compared level), edge (a neighbour that
#: counts in the engine, is drawn grey, and is never ranked or exported).
area = Table(
    "area",
    release,
    _key("level"),
    _key("area_id"),
    Column("fid", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("legal_population", Integer),
    Column("seat_longitude", Double),
    Column("seat_latitude", Double),
    Column("west", Double),
    Column("south", Double),
    Column("east", Double),
    Column("north", Double),
    Column("geometry", LargeBinary),
)

area_membership = Table(
    "area_membership",
    release,
    _key("level"),
    _key("area_id"),
    _key("parent_level"),
    Column("parent_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("source_id", Text, nullable=False),
)

#: What producers published, and what is derived from it (source_id NULL), before any indicator.
figure = Table(
    "figure",
    release,
    _key("variable"),
    _key("level"),
    _key("area_id"),
    _key("period"),
    Column("value", Double),
    Column("status", Text, nullable=False),
    Column("source_id", Text),
    Column("parts", Integer),
    Column("parts_expected", Integer),
)

#: Sums of communes beside what the producer published for the whole: they need not agree.
reconciliation = Table(
    "reconciliation",
    release,
    _key("variable"),
    _key("period"),
    _key("level"),
    _key("area_id"),
    Column("parts_sum", Double, nullable=False),
    Column("published", Double, nullable=False),
    Column("difference", Double, nullable=False),
)

observation = Table(
    "observation",
    release,
    _key("indicator"),
    _key("level"),
    _key("area_id"),
    _key("period"),
    Column("value", Double),
    Column("status", Text, nullable=False),
    Column("numerator", Double),
    Column("denominator", Double),
    Column("parts", Integer),
    Column("parts_expected", Integer),
)

#: How each indicator was computed: method, parameters, sources. One row an indicator.
lineage = Table(
    "lineage",
    release,
    _key("indicator"),
    Column("method", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("source_ids", Text, nullable=False),
)

#: Need, effective places, triad and gap, in places, for one service under one standard.
coverage = Table(
    "coverage",
    release,
    _key("service"),
    _key("standard"),
    _key("period"),
    _key("level"),
    _key("area_id"),
    Column("demand", Double, nullable=False),
    Column("supply", Double, nullable=False),
    Column("tau", Double, nullable=False),
    Column("need", Double, nullable=False),
    Column("effective", Double, nullable=False),
    Column("served", Double, nullable=False),
    Column("within_reach", Double, nullable=False),
    Column("out_of_reach", Double, nullable=False),
    Column("unmet", Double, nullable=False),
    Column("gap", Double, nullable=False),
    Column("coverage", Double),
    Column("unmet_rate", Double),
    Column("gap_rate", Double),
    Column("nearest_minutes", Double),
    Column("status", Text, nullable=False),
)

service = Table(
    "service",
    release,
    _key("service_id"),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("area_id", Text),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("position", Text, nullable=False),
    Column("capacity", Double),
    Column("capacity_unit", Text),
    Column("detail", Text),
    Column("source_id", Text, nullable=False),
    Column("period", Text, nullable=False),
)

equipment = Table(
    "equipment",
    release,
    _key("area_id"),
    _key("equipment_code"),
    _key("period"),
    Column("category", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("source_id", Text, nullable=False),
)

tile = Table(
    "tile",
    release,
    Column("z", Integer, primary_key=True, autoincrement=False),
    Column("x", Integer, primary_key=True, autoincrement=False),
    Column("y", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

issue = Table("issue", release, *(Column(name, kind) for name, kind in issue_columns))

#: One row a refresh, whatever became of it.
run = Table(
    "run",
    state,
    Column("run_id", Integer, primary_key=True),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("outcome", Text, nullable=False),  # running published unchanged rejected failed
    Column("release_id", Text),
    Column("message", Text),
    Column("process_id", Integer, nullable=False),
    Column("has_ended", Boolean, nullable=False, default=False),
)

run_issue = Table(
    "run_issue",
    state,
    Column("run_issue_id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    *(Column(name, kind) for name, kind in issue_columns),
    Index("run_issue_by_run", "run_id"),
)
