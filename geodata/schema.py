"""Every table and column of a release: what is published, read-only, in DuckDB.

Areas are keyed by (level, area_id). Geometry is WKB in EPSG:4326. The tables of the state are in
`geodata.state_schema`; no other module declares one.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

#: Raised when a table or a column changes: an older release is then rebuilt, never misread.
SCHEMA_VERSION = 5

release = MetaData()
#: Schema under which a draft sees the tables of the release it is compared with.
BASE = "base"


def key(name: str) -> Column[str]:
    """A column of text that is (part of) the primary key of its table."""
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
    key("source_id"),
    Column("file", Text, nullable=False),
    Column("origin", Text, nullable=False),  # incoming | downloaded | kept | embedded
    Column("is_invented", Boolean),
    Column("met", Text),  # whether the reader has met the real file: real | documented
    Column("dropped", Text),  # rows dropped by each named rule, as JSON
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
    key("level"),
    key("area_id"),
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
    key("level"),
    key("area_id"),
    key("parent_level"),
    Column("parent_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("source_id", Text, nullable=False),
)

#: What producers published, and what is derived from it (source_id NULL), before any indicator.
figure = Table(
    "figure",
    release,
    key("variable"),
    key("level"),
    key("area_id"),
    key("period"),
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
    key("variable"),
    key("period"),
    key("level"),
    key("area_id"),
    Column("parts_sum", Double, nullable=False),
    Column("published", Double, nullable=False),
    Column("difference", Double, nullable=False),
)

observation = Table(
    "observation",
    release,
    key("indicator"),
    key("level"),
    key("area_id"),
    key("period"),
    Column("value", Double),
    Column("status", Text, nullable=False),
    Column("numerator", Double),
    Column("denominator", Double),
    Column("parts", Integer),
    Column("parts_expected", Integer),
    # What chance alone may have made of it (95 %), and by which method: byar exact wilson drawn.
    Column("low", Double),
    Column("high", Double),
    Column("interval", Text),
    # Beside the value, never instead of it: drawn towards its peers (empirical Bayes).
    Column("smoothed", Double),
    Column("smoothed_low", Double),
    Column("smoothed_high", Double),
    Column("standing", Text),  # in the funnel of its level: geodata.model.Standing
    Column("flags", Integer),  # geodata.model.Flag
)

#: How each series moves: a tested slope, with at most one break. One row an area and a segment.
tested_trend = Table(
    "tested_trend",
    release,
    key("indicator"),
    key("level"),
    key("area_id"),
    key("first_period"),
    Column("last_period", Text, nullable=False),
    Column("periods", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("yearly_change", Double, nullable=False),  # percent a year
    Column("low", Double),
    Column("high", Double),
    Column("p_value", Double),
    Column("verdict", Text, nullable=False),  # rising falling unclear
)

#: Places that are high or low together with those beside them, at the latest period.
cluster = Table(
    "cluster",
    release,
    key("indicator"),
    key("level"),
    key("area_id"),
    Column("period", Text, nullable=False),
    Column("kind", Text, nullable=False),  # high_high low_low high_low low_high none alone
    Column("local_i", Double),
    Column("p_value", Double),
    Column("is_sure", Boolean, nullable=False),  # after the false discovery rate
)

#: How unequal a level is for an indicator, in one number of a named measure.
inequality = Table(
    "inequality",
    release,
    key("indicator"),
    key("level"),
    key("period"),
    key("measure"),  # gini concentration sii rii
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("areas", Integer, nullable=False),
)

#: What areas are alike by: each describing indicator, standardised. See methods/neighbours.
neighbour_score = Table(
    "neighbour_score",
    release,
    key("neighbours"),
    key("level"),
    key("area_id"),
    key("indicator"),
    Column("period", Text, nullable=False),
    Column("value", Double),
    Column("score", Double),
)

#: Every figure that is withheld, and why; never what it is. There is no other road to a number.
mask = Table(
    "mask",
    release,
    key("variable"),
    key("level"),
    key("area_id"),
    key("period"),
    Column("reason", Text, nullable=False),  # geodata.model.Withheld
    Column("source_id", Text, nullable=False),
)

#: Every figure of own records that a release ever told, this one included: it binds the next ones
#: after the release that told it has gone. One row a figure and a value; revised ones have several.
told = Table(
    "told",
    release,
    Column("variable", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("area_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("is_invented", Boolean, nullable=False),
)

#: What the audit of a release found: one row a source, a scope and a measure.
disclosure_audit = Table(
    "disclosure_audit",
    release,
    key("source_id"),
    key("scope"),  # release: all counts of the source, with what was told before; or a level
    key("measure"),  # cells protected secondary narrowest below utility_cells utility_count ...
    Column("value", Double, nullable=False),
)

#: How each indicator was computed: method, parameters, sources. One row an indicator.
lineage = Table(
    "lineage",
    release,
    key("indicator"),
    Column("method", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("source_ids", Text, nullable=False),
)

#: Need, effective places, triad and gap, in places, for one service under one standard.
coverage = Table(
    "coverage",
    release,
    key("service"),
    key("standard"),
    key("period"),
    key("level"),
    key("area_id"),
    Column("demand", Double),
    Column("supply", Double),
    Column("tau", Double, nullable=False),
    Column("need", Double),
    Column("effective", Double),
    Column("served", Double),
    Column("within_reach", Double),
    Column("out_of_reach", Double),
    Column("unmet", Double),
    Column("gap", Double),
    Column("coverage", Double),
    Column("unmet_rate", Double),
    Column("gap_rate", Double),
    # Nine draws in ten lie between; p_gap is the share of them in which places are missing.
    Column("gap_low", Double),
    Column("gap_high", Double),
    Column("p_gap", Double),
    Column("nearest_minutes", Double),  # a mean over the people, where they live in many places
    Column("parts", Integer),  # of a larger area: how many of its finest areas are known
    Column("parts_expected", Integer),
    Column("status", Text, nullable=False),
)

#: What each area has of each link of the care chain: a step, for a sector. The best of its
#: categories stands for it, with the worst beside it (see `geodata.methods.care_chain`).
care_chain = Table(
    "care_chain",
    release,
    key("level"),
    key("area_id"),
    key("care_step"),
    key("sector"),
    Column("state", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("worst_state", Text, nullable=False),
    Column("worst_service", Text, nullable=False),
    Column("categories", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
)

#: The first link of the chain that is broken in an area, or that none is, or that nobody knows.
broken_link = Table(
    "broken_link",
    release,
    key("level"),
    key("area_id"),
    Column("verdict", Text, nullable=False),  # broken holds unknown
    Column("care_step", Text),
    Column("unknown_before", Text),
)

#: An order of areas made of several indicators, with how far it can be trusted.
priority = Table(
    "priority",
    release,
    key("priority"),
    key("level"),
    key("area_id"),
    Column("value", Double),
    Column("status", Text, nullable=False),
    Column("missing_weight", Double, nullable=False),
    Column("rank", Integer),
    Column("rank_low", Integer),
    Column("rank_high", Integer),
    Column("p_worst_fifth", Double),
    Column("share_in_top", Double),
    Column("ranked", Integer, nullable=False),  # how many areas are in the order
)

#: What an area's priority is made of: contributions add up to its value.
priority_part = Table(
    "priority_part",
    release,
    key("priority"),
    key("level"),
    key("area_id"),
    key("indicator"),
    Column("period", Text, nullable=False),
    Column("value", Double),
    Column("standard_error", Double),
    Column("score", Double),
    Column("weight", Double, nullable=False),
    Column("contribution", Double),
)

service = Table(
    "service",
    release,
    key("service_id"),
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
    key("area_id"),
    key("equipment_code"),
    key("period"),
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

#: What happened to areas: on a day, one code became another. See `geodata.methods.succession`.
area_event = Table(
    "area_event",
    release,
    Column("level", Text, nullable=False),
    Column("on", Text, nullable=False),
    Column("step", Integer),
    Column("before_id", Text),
    Column("after_id", Text),
    Column("kind", Text, nullable=False),
    Column("source_id", Text),
)

#: What kind of place an area is, after a published typology.
area_trait = Table(
    "area_trait",
    release,
    key("level"),
    key("area_id"),
    key("trait"),
    Column("code", Text),
    Column("label", Text),
    Column("status", Text),
    Column("period", Text, nullable=False),
    Column("source_id", Text, nullable=False),
)

#: What this release changes against the one that was published when it was made.
change = Table(
    "change",
    release,
    Column("kind", Text, nullable=False),
    Column("indicator", Text),
    Column("level", Text),
    Column("area_id", Text),
    Column("period", Text),
    Column("before", Double),
    Column("after", Double),
    Column("rows", Integer),
    Column("detail", Text),
)

#: The same tables in the release that a draft is compared with.
base_area, base_figure, base_observation = (
    table.to_metadata(MetaData(schema=BASE)) for table in (area, figure, observation)
)

issue = Table("issue", release, *(Column(name, kind) for name, kind in issue_columns))
