"""Proposed, approved, listed, removed; and the descriptions carried with the project."""

from __future__ import annotations

import tomllib

import pytest

from etl import descriptions
from etl.description import layout
from etl.descriptions import DescriptionError
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue

TEXT = """
[sources.own]
reader = "described"
name = "Ma table"
published_as = ["own.csv"]
[sources.own.options]
format = "csv"
area_column = "code"
level = "commune"
period = "2023"
columns.n = { variable = "own_n" }
[variables.own_n]
sources = ["own"]
name = { fr = "Nombre" }
unit = "?"
period_kind = "year"
additivity = "exact"
minimum = 0
is_whole = true
"""


@pytest.fixture
def chosen(tmp_path, settings_of):
    return settings_of(tmp_path)


def test_a_proposal_is_approved_with_its_file_listed_and_removed(chosen):
    path = descriptions.propose(chosen, "own", TEXT)
    assert [one.approved for one in descriptions.every_description(chosen)] == [""]
    assert descriptions.blanks(path) == ["variables.own_n.unit"]
    with pytest.raises(DescriptionError, match=r"still to be filled in: variables\.own_n\.unit"):
        descriptions.approve(chosen, "own", "x.csv", b"code,n\n", "Odile")
    assert "own" not in catalogue("haute_loire", chosen.descriptions).sources
    path.write_text(TEXT.replace('"?"', '"bénévoles"'), "utf-8")
    incoming = descriptions.approve(chosen, "own", "x.csv", b"code,n\n", "Odile\n# evil")
    assert incoming == chosen.incoming / "own.csv"
    assert incoming.read_bytes() == b"code,n\n"
    assert not path.exists()
    words = catalogue("haute_loire", chosen.descriptions)
    assert words.variables["own_n"].name.en == "Nombre"
    assert words.variables["own_n"].unit.en == "bénévoles"
    assert words.territory.sources[-1] == "own"
    (one,) = descriptions.every_description(chosen)
    assert one.approved.startswith("Odile # evil on 20")
    with pytest.raises(DescriptionError, match="already a source"):
        descriptions.check_id("own", words)
    gone = descriptions.remove(chosen, "own")
    assert incoming in gone
    assert not incoming.exists()
    assert "own" not in catalogue("haute_loire", chosen.descriptions).sources


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[sources.own]", "[sources.other]", DescriptionError),
        ('reader = "described"', 'reader = "figures"', DescriptionError),
        ('level = "commune"', 'level = "village"', CatalogueError),
        ("own_n]", "births]", CatalogueError),
        ("[variables.own_n]", "[services.own_n]", CatalogueError),
        ('period = "2023"', "", CatalogueError),
        ("format =", "format", DescriptionError),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(chosen, old, new, error):
    text = TEXT.replace('"?"', '"x"').replace(old, new)
    descriptions.propose(chosen, "own", text)
    with pytest.raises(error):
        descriptions.approve(chosen, "own", "x.csv", b"x", "Odile")
    assert not descriptions.approved_path(chosen, "own").exists()
    assert not (chosen.incoming / "own.csv").exists()


@pytest.mark.parametrize("source_id", ["", "../x", "Own", "a b", "9x", "x" * 99, "births/../x"])
def test_ids_that_could_be_paths_are_refused(source_id, chosen):
    with pytest.raises(DescriptionError):
        descriptions.check_id(source_id, catalogue("haute_loire"))
    with pytest.raises(DescriptionError):
        descriptions.remove(chosen, source_id)


def test_a_source_of_the_project_is_not_described_again():
    with pytest.raises(DescriptionError, match="already a source"):
        descriptions.check_id("insee_births", catalogue("haute_loire"))


def test_a_description_that_another_needs_is_kept(chosen):
    descriptions.propose(chosen, "own", TEXT.replace('"?"', '"x"'))
    descriptions.approve(chosen, "own", "x.csv", b"x", "Odile")
    other = TEXT.replace("own", "two").replace('"?"', '"x"')
    other = other.replace('reader = "described"', 'reader = "described"\nneeds = ["own"]')
    descriptions.propose(chosen, "two", other)
    descriptions.approve(chosen, "two", "x.csv", b"x", "Odile")
    with pytest.raises(DescriptionError, match="needed by another"):
        descriptions.remove(chosen, "own")
    assert "own" in catalogue("haute_loire", chosen.descriptions).sources


@pytest.mark.parametrize("territory", ["haute_loire", "france"])
def test_every_shipped_description_is_complete_and_says_what_was_not_verified(territory, tmp_path):
    shipped = descriptions.shipped_descriptions(territory)
    assert len(shipped) >= 4
    for name, text in shipped.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        assert descriptions.blanks(path) == []
        assert "# Not verified" in text
        words = catalogue(territory, None, path)
        entry = words.sources[name]
        assert entry.met == "documented"
        layout(entry, words)
        for fed in tomllib.loads(text)["variables"]:
            assert words.variables[fed].sources[-1] == name


def test_a_country_may_ship_none():
    assert descriptions.shipped_descriptions("belgium") == {}
