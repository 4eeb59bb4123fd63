import os
import stat
from datetime import date

import pandas as pd
import pytest

from etl.records.folders import ZoneError
from etl.records.vault import Extract, Zone

RECORDS = pd.DataFrame({"child_id": ["a" * 32], "started_on": pd.to_datetime(["2024-01-02"])})


@pytest.fixture
def zone(tmp_path):
    return Zone(tmp_path / "records", tmp_path / "keys" / "k")


def extract(name="one", on=date(2026, 1, 31)):
    return Extract("own_measures", name, "key", on, date(2022, 1, 1), True, 1)


def test_what_is_kept_comes_back(zone):
    zone.keep(extract(), RECORDS)
    assert zone.extracts("own_measures") == [extract()]
    back = zone.records("own_measures", "one")
    pd.testing.assert_frame_equal(back, RECORDS, check_dtype=False)


def test_everything_in_it_is_for_its_owner_alone_whatever_the_umask(zone):
    before = os.umask(0)
    try:
        zone.keep(extract(), RECORDS)
    finally:
        os.umask(before)
    found = [zone.folder, *zone.folder.rglob("*")]
    assert len(found) == 4
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_extracts_come_oldest_first(zone):
    zone.keep(extract("new", date(2026, 2, 28)), RECORDS)
    zone.keep(extract("old", date(2026, 1, 31)), RECORDS)
    assert [kept.snapshot_id for kept in zone.extracts("own_measures")] == ["old", "new"]


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
@pytest.mark.parametrize("part", [".", "own_measures"])
def test_an_open_zone_is_neither_written_nor_read(zone, mode, part):
    zone.keep(extract(), RECORDS)
    (zone.folder / part).chmod(mode)
    with pytest.raises(ZoneError) as caught:
        zone.keep(extract("two"), RECORDS)
    assert caught.value.code == "zone_open"
    with pytest.raises(ZoneError):
        zone.records("own_measures", "one")
    assert not (zone.folder / "own_measures" / "two.parquet").exists()


def test_an_open_file_is_not_read(zone):
    zone.keep(extract(), RECORDS)
    (zone.folder / "own_measures" / "one.parquet").chmod(0o644)
    with pytest.raises(ZoneError):
        zone.records("own_measures", "one")


def test_a_zone_that_is_a_link_is_refused(zone, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    zone.folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ZoneError) as caught:
        zone.keep(extract(), RECORDS)
    assert caught.value.code == "zone_link"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_interrupted_write_leaves_nothing(zone, monkeypatch):
    zone.keep(extract(), RECORDS)

    def broken(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="No space"):
        zone.keep(extract("two"), RECORDS)
    names = {path.name for path in (zone.folder / "own_measures").iterdir()}
    assert names == {"one.parquet", "one.json"}


def test_an_extract_can_be_erased(zone):
    zone.keep(extract(), RECORDS)
    assert zone.forget("own_measures", "one")
    assert not zone.forget("own_measures", "one")
    assert zone.extracts("own_measures") == []


def test_a_source_is_no_path(zone):
    with pytest.raises(ValueError, match="not the id"):
        zone.extracts("../own_measures")
