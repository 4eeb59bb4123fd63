"""A draft takes what fits its tables, and reads the release it is compared with."""

import duckdb
import pyarrow
import pytest
import sqlalchemy as sa

from geodata import schema
from geodata.release import Making, ReleaseError, draft, drafting, refresh_lock, seal

BOTH = sa.select(schema.figure.c.area_id, schema.figure.c.value, schema.base_figure.c.value).join(
    schema.base_figure, schema.figure.c.area_id == schema.base_figure.c.area_id
)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda figures: figures.assign(colour="red"), "no column colour"),
        (lambda figures: figures.drop(columns="status"), "refuses its rows"),
    ],
)
def test_rows_that_break_the_schema_are_refused(tmp_path, spoil, said, figures):
    with draft(tmp_path) as made, pytest.raises(ReleaseError, match=said):
        made.load(schema.figure, spoil(figures))


@pytest.mark.parametrize("name", ["data", "data d'été", 'data "2026"; DROP'])
def test_a_draft_reads_its_base_beside_its_own_tables(tmp_path, name, published, figures):
    data = tmp_path / name
    base = published(data)
    with refresh_lock(data), draft(data) as made:
        made.load(schema.figure, figures.assign(value=[2.0, 3.0], status="observed"))
        made.attach(base)
        frame = made.ask(BOTH.order_by(schema.figure.c.area_id))
        made.detach()
        alone = made.ask(sa.select(schema.figure.c.value).order_by(schema.figure.c.area_id))
    assert frame.columns.tolist() == ["area_id", "value", "value_1"]
    assert frame["value"].tolist() == [2.0, 3.0]
    assert frame["value_1"].tolist()[0] == 1 / 7
    assert frame["value_1"].isna().tolist() == [False, True]
    assert alone["value"].tolist() == [2.0, 3.0]


def test_the_base_is_read_only_and_let_go(tmp_path, published, about, figures):
    base = published(tmp_path)
    before = base.database.read_bytes()
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        made.load(schema.figure, figures)
        for _ in range(2):  # let go, it may be taken again
            made.attach(base)
            assert len(made.ask(sa.select(schema.base_figure))) == 2
            made.detach()
        with pytest.raises(duckdb.CatalogException):
            made.ask(sa.select(schema.base_figure))
        made.load(schema.about, about)
        seal(made, tmp_path, Making("haute_loire", "r", "i"))
    assert base.database.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_a_base_that_cannot_be_opened_is_said(tmp_path, content, published):
    base = published(tmp_path)
    base.database.unlink() if content is None else base.database.write_bytes(content)
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        with pytest.raises(ReleaseError, match=r"release.duckdb cannot be opened"):
            made.attach(base)
        assert made.ask(sa.select(schema.figure)).empty


def test_a_statement_asks_with_its_words_as_they_are(tmp_path, figures):
    """A quote in a word is a quote, not the end of it."""
    with draft(tmp_path) as made:
        made.load(schema.figure, figures.assign(area_id=["L'Étrat", "B"]))
        f = schema.figure.c
        frame = made.ask(sa.select(f.area_id).where(f.area_id == "L'Étrat"))
        assert frame["area_id"].tolist() == ["L'Étrat"]
        assert made.ask(sa.select(f.area_id).where(f.area_id == "' OR 1=1 --")).empty


def test_several_tables_are_loaded_together_as_one_by_one(tmp_path, figures, monkeypatch):
    part = pyarrow.Table.from_pandas(figures, preserve_index=False)
    empty_column = part.set_column(
        part.column_names.index("value"), "value", pyarrow.nulls(part.num_rows)
    )
    text = part.column_names.index("area_id")
    large = part.set_column(text, "area_id", part["area_id"].cast(pyarrow.large_string()))
    parts = [part, large, empty_column, part.drop_columns(["value"]), part]
    for at_once in (1, 3, 500):
        monkeypatch.setattr(drafting, "ROWS_AT_ONCE", at_once)
        with draft(tmp_path / str(at_once)) as made:
            assert made.load_all(schema.figure, iter(parts)) == 5 * len(figures)
            found = made.ask(sa.select(schema.figure.c.area_id, schema.figure.c.value))
        assert len(found) == 5 * len(figures)
        assert found["value"].isna().sum() == 2 * len(figures) + 3 * figures["value"].isna().sum()


def test_no_table_at_all_loads_nothing(tmp_path):
    with draft(tmp_path) as made:
        assert made.load_all(schema.figure, ()) == 0


def test_kinds_that_only_the_database_makes_one_are_loaded_one_by_one(tmp_path, figures):
    part = pyarrow.Table.from_pandas(figures, preserve_index=False)
    place = part.column_names.index("period")
    years = part.set_column(place, "period", pyarrow.array([2024] * part.num_rows))
    with draft(tmp_path) as made:
        assert made.load_all(schema.figure, [part, years]) == 2 * len(figures)
        found = made.ask(sa.select(schema.figure.c.period))
    assert found["period"].tolist()[-1] == "2024"
