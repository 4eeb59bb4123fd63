"""What was told binds for ever, and what was invented binds nobody real."""

from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from etl.source import TOLD
from etl.staging import Stock
from etl.steps import Steps
from etl.told import told_before, told_now
from geodata import release

FIGURE = {
    "variable": "own_concerns_received",
    "level": "epci",
    "area_id": "E",
    "status": "observed",
}
SOURCE = dict.fromkeys(
    ("file", "origin", "producer", "dataset", "licence", "vintage", "url", "attribution"), "x"
) | {"retrieved_on": "2026-01-01", "sha256": "x", "rows_read": 0, "rows_loaded": 0}
SOURCE |= {"rows_quarantined": 0, "rows_dropped": 0, "source_id": "own_concerns"}


def figures(*told, source_id="own_concerns"):
    rows = [{**FIGURE, "period": period, "value": value} for period, value in told]
    return pd.DataFrame(rows).assign(source_id=source_id)


@pytest.fixture
def stock(tmp_path):
    """The sources of a refresh, one of which gives these figures."""

    def made(frame, is_invented=False):
        issues = [{"code": "invented"}] if is_invented else []
        step = Steps(tmp_path / "steps", "code").step(
            "own_concerns", [repr(frame)], lambda: ({"figure": frame}, {"issues": issues})
        )
        return Stock(sources={"own_concerns": step})

    return made


def test_what_a_release_told_is_known_after_it_has_gone(
    tmp_path, settings_of, tiny_release, words, stock
):
    settings = replace(settings_of(tmp_path), keep=2)
    for year in ("2021", "2022", "2023", "2024"):
        before = told_before(settings, words)
        now = figures((year, 100.0), ("2020", 50.0 + int(year)))
        tiny_release(tmp_path, {"told": told_now(stock(now), words, before)})
        with release.refresh_lock(tmp_path):
            current = release.current_release(tmp_path)
            release.publish(tmp_path, current.release_id, "x", "again", keep=1)
    assert len(release.kept_releases(tmp_path)) == 1
    told = told_before(settings, words)
    assert list(told.columns) == list(TOLD)
    assert set(told.loc[told["value"] == 100, "period"]) == {"2021", "2022", "2023", "2024"}
    assert sorted(told.loc[told["period"] == "2020", "value"]) == [2071, 2072, 2073, 2074]


def test_what_is_told_says_whether_it_was_invented(
    tmp_path, settings_of, tiny_release, words, stock
):
    hidden = figures(("2024", None))
    now = told_now(
        stock(pd.concat([figures(("2023", 7.0)), hidden]), is_invented=True),
        words,
        told_before(settings_of(tmp_path), words),
    )
    assert now[["period", "is_invented"]].to_numpy().tolist() == [["2023", True]]
    # A release made before there was that table tells of its own figures.
    sources = [SOURCE | {"is_invented": None}]
    sources += [SOURCE | {"source_id": "own_measures", "is_invented": True}]
    both = [figures(("2023", 7.0)), figures(("2022", 8.0), source_id="own_measures")]
    old = {"source": pd.DataFrame(sources), "figure": pd.concat(both, ignore_index=True)}
    made = tiny_release(tmp_path, old)
    with duckdb.connect(made.database) as connection:
        connection.execute("DROP TABLE told")
    told = told_before(settings_of(tmp_path), words).set_index("source_id")
    assert told["is_invented"].to_dict() == {"own_concerns": False, "own_measures": True}
