import json
import multiprocessing

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

from geodata import schema
from geodata.release import (
    CURRENT,
    Making,
    ReleaseError,
    current_release,
    draft,
    is_readable,
    is_refreshing,
    kept_releases,
    publications,
    publish,
    readable_release,
    reading_engine,
    refresh_lock,
    refuse,
    release_on,
    roll_back,
    seal,
    wait,
    waiting_release,
)

ABOUT = pd.DataFrame(
    {
        "schema_version": [schema.SCHEMA_VERSION],
        "territory_id": ["haute_loire"],
        "catalogue_sha256": ["c"],
        "recipe_sha256": ["recipe"],
        "inputs_sha256": ["inputs"],
    }
)
FIGURES = pd.DataFrame(
    {
        "variable": ["births", "births"],
        "level": ["commune", "commune"],
        "area_id": ["A", "B"],
        "period": ["2020", "2020"],
        "value": [1 / 7, float("nan")],
        "status": ["observed", "suppressed"],
    }
)


def published(data, frame=FIGURES, keep=5):
    with refresh_lock(data), draft(data) as made:
        made.load(schema.figure, frame)
        made.load(schema.about, ABOUT)
        sealed = seal(made, data, Making("haute_loire", "recipe", "inputs"))
        return publish(data, sealed.release_id, "Test", "test", keep)


def test_nothing_is_published_at_first(tmp_path):
    assert current_release(tmp_path) is None
    assert not is_readable(None)


def test_a_published_release_reads_back_to_the_last_digit_and_nan_is_null(tmp_path):
    release = published(tmp_path)
    assert current_release(tmp_path) == release
    with reading_engine(release.database).connect() as connection:
        rows = connection.execute(sa.select(schema.figure).order_by(schema.figure.c.area_id)).all()
    assert rows[0].value == 1 / 7
    assert rows[1].value is None
    assert rows[1].status == "suppressed"


def power_cut(made):
    made.load(schema.figure, FIGURES)
    raise RuntimeError("power cut")


def test_a_draft_that_is_not_published_leaves_nothing(tmp_path):
    release = published(tmp_path)
    with (
        pytest.raises(RuntimeError, match="power"),
        refresh_lock(tmp_path),
        draft(tmp_path) as made,
    ):
        power_cut(made)
    assert current_release(tmp_path) == release
    assert not (tmp_path / "building").exists()


def test_same_content_gives_the_same_hash_in_any_order_and_numbers_grow(tmp_path):
    first, second = published(tmp_path), published(tmp_path, FIGURES.iloc[::-1])
    assert first.content_sha256 == second.content_sha256
    assert (first.number, second.number) == (1, 2)


def test_other_content_gives_another_hash(tmp_path):
    other = FIGURES.assign(value=[2.0, float("nan")])
    assert published(tmp_path).content_sha256 != published(tmp_path, other).content_sha256


def test_old_releases_go_and_the_kept_ones_can_come_back(tmp_path):
    made = [published(tmp_path, keep=3) for _ in range(5)]
    assert [r.number for r in kept_releases(tmp_path)] == [3, 4, 5]
    assert roll_back(tmp_path).release_id == made[3].release_id
    assert current_release(tmp_path).release_id == made[3].release_id
    assert roll_back(tmp_path, made[4].release_id).release_id == made[4].release_id
    assert [p.release_id for p in publications(tmp_path)[-2:]] == [
        made[3].release_id,
        made[4].release_id,
    ]
    with pytest.raises(ReleaseError, match="No release 000001"):
        roll_back(tmp_path, made[0].release_id)


def test_there_is_nothing_to_go_back_to_from_the_first(tmp_path):
    published(tmp_path)
    with pytest.raises(ReleaseError, match="no earlier release"):
        roll_back(tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"release_id": "gone"}', "[]"])
def test_a_damaged_pointer_is_said_with_its_mend(tmp_path, content):
    published(tmp_path)
    (tmp_path / CURRENT).write_text(content)
    with pytest.raises(ReleaseError, match="vigie rollback"):
        current_release(tmp_path)


def test_a_damaged_database_is_said_with_its_mend(tmp_path):
    release = published(tmp_path)
    release.database.write_bytes(b"not a database")
    with pytest.raises(ReleaseError, match="vigie rollback"):
        reading_engine(release.database)
    assert readable_release(tmp_path) is None


def test_numbers_grow_past_a_release_whose_manifest_is_lost(tmp_path):
    (published(tmp_path).folder / "manifest.json").write_text("{")
    assert published(tmp_path).number == 2


def test_one_can_see_that_a_refresh_is_running(tmp_path):
    assert not is_refreshing(tmp_path)
    with refresh_lock(tmp_path):
        assert is_refreshing(tmp_path)
    assert not is_refreshing(tmp_path)


def test_a_release_of_another_schema_is_not_read(tmp_path):
    release = published(tmp_path)
    path = release.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 0}))
    assert not is_readable(current_release(tmp_path))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (FIGURES.assign(colour="red"), "no column colour"),
        (FIGURES.drop(columns="status"), "refuses its rows"),
    ],
)
def test_rows_that_break_the_schema_are_refused(tmp_path, frame, said):
    with draft(tmp_path) as made, pytest.raises(ReleaseError, match=said):
        made.load(schema.figure, frame)


def test_a_key_that_is_there_twice_is_never_sealed(tmp_path):
    first = published(tmp_path)
    with pytest.raises(ReleaseError, match=r"figure has the key \(births, .*\) 2 times"):
        published(tmp_path, pd.concat([FIGURES, FIGURES]))
    assert current_release(tmp_path) == first


def test_a_release_waits_and_is_published_or_taken_back(tmp_path):
    first = published(tmp_path)
    for other in (2.0, 3.0):
        with refresh_lock(tmp_path), draft(tmp_path) as made:
            made.load(schema.figure, FIGURES.assign(value=[other, float("nan")]))
            made.load(schema.about, ABOUT)
            sealed = seal(made, tmp_path, Making("haute_loire", "r", "i", first.release_id))
            wait(tmp_path, sealed.release_id)
        assert waiting_release(tmp_path) == sealed
        assert current_release(tmp_path) == first
        assert sealed not in kept_releases(tmp_path)
        with pytest.raises(ReleaseError, match="kept: 000001"):
            roll_back(tmp_path, sealed.release_id)
        if other == 2.0:
            refuse(tmp_path, sealed.release_id)
            assert not sealed.folder.exists()
        else:
            publish(tmp_path, sealed.release_id, "A. Martin", "checked", keep=5)
        assert waiting_release(tmp_path) is None
    assert [(p.by, p.reason) for p in publications(tmp_path)] == [
        ("Test", "test"),
        ("A. Martin", "checked"),
    ]
    with pytest.raises(ReleaseError, match="does not wait"):
        refuse(tmp_path, sealed.release_id)


def test_what_was_known_on_a_day(tmp_path):
    first, second = published(tmp_path), published(tmp_path)
    pointer = tmp_path / CURRENT
    told = json.loads(pointer.read_text())
    for row, day in zip(told["publications"], ("2026-02-27", "2026-03-02"), strict=True):
        row["at"] = f"{day}T10:00:00Z"
    pointer.write_text(json.dumps(told))
    assert release_on(tmp_path, "2026-02-26") is None
    assert release_on(tmp_path, "2026-03-01").release_id == first.release_id
    assert release_on(tmp_path, "2026-03-02").release_id == second.release_id
    assert release_on(tmp_path, "2026-03-02T09:00:00Z").release_id == first.release_id


def test_a_damaged_release_is_never_published(tmp_path):
    first = published(tmp_path)
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        made.load(schema.about, ABOUT)
        sealed = seal(made, tmp_path, Making("haute_loire", "r", "i"))
        with sealed.database.open("ab") as handle:
            handle.write(b"x")
        with pytest.raises(ReleaseError, match="damaged"):
            publish(tmp_path, sealed.release_id, "Test", "test", keep=5)
    assert current_release(tmp_path) == first


def hold(data, ready, done):
    with refresh_lock(data):
        ready.set()
        done.wait(30)


def test_a_second_writer_is_refused_and_told_who_holds_the_lock(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path, ready, done))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(ReleaseError, match=f"process {holder.pid}"), refresh_lock(tmp_path):
        pass
    holder.kill()
    holder.join()
    with refresh_lock(tmp_path):
        assert (tmp_path / "refresh.lock").exists()


def test_a_reader_has_no_way_to_other_files_and_cannot_write(tmp_path):
    engine = reading_engine(published(tmp_path).database)
    with engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match=r"(?i)permission"):
            connection.execute(sa.text("SELECT * FROM read_text('/etc/hostname')"))
        connection.rollback()
        with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read-only"):
            connection.execute(sa.delete(schema.figure))


def test_a_moment_that_is_no_date_is_refused(tmp_path):
    published(tmp_path)
    with_time = ("2026-02-27T10:00", "2026-02-27T10:00:00+01:00")
    for moment in ("27/02/2026", "2026-13-45", "2026", "", *with_time):
        with pytest.raises(ReleaseError, match="is no date"):
            release_on(tmp_path, moment)


# A draft beside the release it is compared with.

BOTH = sa.select(schema.figure.c.area_id, schema.figure.c.value, schema.base_figure.c.value).join(
    schema.base_figure, schema.figure.c.area_id == schema.base_figure.c.area_id
)


@pytest.mark.parametrize("name", ["data", "data d'été", 'data "2026"; DROP'])
def test_a_draft_reads_its_base_beside_its_own_tables(tmp_path, name):
    data = tmp_path / name
    base = published(data)
    with refresh_lock(data), draft(data) as made:
        made.load(schema.figure, FIGURES.assign(value=[2.0, 3.0], status="observed"))
        made.attach(base)
        frame = made.ask(BOTH.order_by(schema.figure.c.area_id))
        made.detach()
        alone = made.ask(sa.select(schema.figure.c.value).order_by(schema.figure.c.area_id))
    assert frame.columns.tolist() == ["area_id", "value", "value_1"]
    assert frame["value"].tolist() == [2.0, 3.0]
    assert frame["value_1"].tolist()[0] == 1 / 7
    assert frame["value_1"].isna().tolist() == [False, True]
    assert alone["value"].tolist() == [2.0, 3.0]


def test_the_base_is_read_only_and_let_go(tmp_path):
    base = published(tmp_path)
    before = base.database.read_bytes()
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        made.load(schema.figure, FIGURES)
        for _ in range(2):  # let go, it may be taken again
            made.attach(base)
            assert len(made.ask(sa.select(schema.base_figure))) == 2
            made.detach()
        with pytest.raises(duckdb.CatalogException):
            made.ask(sa.select(schema.base_figure))
        made.load(schema.about, ABOUT)
        seal(made, tmp_path, Making("haute_loire", "r", "i"))
    assert base.database.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_a_base_that_cannot_be_opened_is_said(tmp_path, content):
    base = published(tmp_path)
    base.database.unlink() if content is None else base.database.write_bytes(content)
    with refresh_lock(tmp_path), draft(tmp_path) as made:
        with pytest.raises(ReleaseError, match=r"release.duckdb cannot be opened"):
            made.attach(base)
        assert made.ask(sa.select(schema.figure)).empty


def test_a_statement_asks_with_its_words_as_they_are(tmp_path):
    """A quote in a word is a quote, not the end of it."""
    with draft(tmp_path) as made:
        made.load(schema.figure, FIGURES.assign(area_id=["L'Étrat", "B"]))
        f = schema.figure.c
        frame = made.ask(sa.select(f.area_id).where(f.area_id == "L'Étrat"))
        assert frame["area_id"].tolist() == ["L'Étrat"]
        assert made.ask(sa.select(f.area_id).where(f.area_id == "' OR 1=1 --")).empty
