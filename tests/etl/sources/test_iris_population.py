"""Population of communes as the sum of their IRIS."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from etl.source import Known
from etl.sources import iris_population
from geodata.catalogue.loader import catalogue

AREAS = {"commune": frozenset({"01004", "43157", "75056"})}


def table(rows: list[tuple[str, str, int, int, int, int]]) -> bytes:
    names = ["iris", "com", "pop", "pop_0_19", "pop_20_64", "pop_65p"]
    buffer = io.BytesIO()
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[2:], "int32"))
    frame.assign(maisons=1).to_parquet(buffer)
    return buffer.getvalue()


def staged(content: bytes, known: Known | None = None):
    known = known or Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources["insee_iris_2021"]
    return iris_population.stage(entry, "insee_iris_2021.parquet", content, known)


ROWS = [
    ("010040101", "01004", 100, 20, 60, 20),
    ("010040102", "01004", 51, 10, 30, 10),  # each rounded: 1 apart
    ("751010101", "75101", 30, 5, 20, 5),
    ("751020101", "75102", 40, 5, 25, 10),
]


def test_iris_are_summed_by_commune_and_arrondissements_with_theirs():
    made = staged(table(ROWS))
    rows = made.tables["figure"].set_index(["variable", "area_id"])["value"]
    assert rows["population", "01004"] == 151
    assert rows["population_0_19", "01004"] == 30
    assert rows["population", "75056"] == 70
    assert rows["population_65_plus", "75056"] == 15
    assert (made.rows_read, made.rows_loaded) == (4, 4)


def test_a_commune_with_a_hole_is_held_back_whole():
    many = [(f"43157{n:04d}", "43157", 30, 10, 10, 10) for n in range(300)]
    bad = [("010040103", "01004", 100, 20, 60, 50)]
    made = staged(table([*many, ROWS[0], *bad]))
    reasons = made.held.set_index("line")["code"].to_dict()
    assert reasons == {302: "sum_with_a_hole", 303: "ages_do_not_add_up"}
    assert set(made.tables["figure"]["area_id"]) == {"43157"}


@pytest.mark.shared
def test_the_real_file(dated_france, shared_data):
    made = staged((shared_data / "need" / "insee_iris_2021.parquet").read_bytes(), dated_france)
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped))
    assert made.rows_read == 49280
    assert made.held["code"].tolist() == ["split_area"] * 3
    rows = made.tables["figure"].set_index(["variable", "area_id"])
    assert not rows.index.duplicated().any()
    ours = rows.loc["population", "value"]
    haute_loire = ours[ours.index.str.startswith("43")]
    assert len(haute_loire) == 257
    assert haute_loire.sum() == 227_285  # summed by hand from the 268 IRIS of the file
    assert ours["75056"] == pytest.approx(2_133_111, abs=20)  # RP2021; each IRIS is rounded
