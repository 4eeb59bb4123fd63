"""What directories know in an area is shown on its profile, and judged by nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import duckdb
import pytest

from dashboard.components.directory import directory, directory_words
from dashboard.components.shown_places import reach_words
from dashboard.paper.area_profile import area_document
from dashboard.sight import view_at
from geodata.model import AreaKey, Principal

PUY = AreaKey("epci", "200073419")
CAYRES = AreaKey("epci", "244301123")


@pytest.fixture(scope="module")
def listed(release_data, settings_of, tmp_path_factory):
    """The profile page of a release that holds fifteen services of directories, in one commune."""
    folder = tmp_path_factory.mktemp("listed") / "data"
    shutil.copytree(release_data, folder)
    (database,) = folder.glob("releases/*/*.duckdb")
    told = [("inclusion_family", f"Parents {n:02}") for n in range(1, 15)]
    with duckdb.connect(str(database)) as store:
        for number, (category, name) in enumerate([*told, ("inclusion_rights", "Démarches")]):
            store.execute(
                "INSERT INTO service BY NAME SELECT ? AS service_id, ? AS name, ? AS category,"
                " '43157' AS area_id, 'commune' AS position, '2026' AS period,"
                " 'data_inclusion_services' AS source_id",
                [f"data_inclusion:{number}", name, category],
            )
    reader = Principal("local", "director", ("haute_loire",))
    return view_at(settings_of(folder), reader, "/fr/profil", "level=epci")


def test_each_category_has_its_services_and_their_source(listed):
    _title, note, family, rights = directory(listed, PUY)
    assert "rien n’est jugé" in note.children
    assert [part.children[0].children for part in (family, rights)] == [
        "Inclusion : famille (14)",
        "Inclusion : accès aux droits (1)",
    ]
    head, items = rights.children[1:]
    assert head.children == "Lieux : 1 (data·inclusion : services, 2026)"
    assert [item.children for item in items.children] == [
        "Démarches, Le Puy-en-Velay, capacité inconnue"
    ]
    assert [item.children for item in family.children[2].children][-1] == "et 2 de plus"


def test_an_area_without_one_says_so(listed):
    assert directory(listed, CAYRES)[1].children.startswith("Aucun service d’annuaire")
    assert directory_words(listed, CAYRES) == [directory(listed, CAYRES)[1].children]


def test_paper_says_how_many_of_each_and_from_where(listed):
    (said,) = directory_words(listed, PUY)
    assert said.startswith(
        "Services des annuaires situés ici : Inclusion : famille (14) ; Inclusion : accès aux"
        " droits (1) (sources : data·inclusion : services)."
    )
    chosen = replace(listed, selection=replace(listed.selection, area=PUY))
    assert area_document(chosen, "")["services"]["listed"] == [said]


def test_nothing_is_said_of_directories_that_are_not_there(view_of):
    view = view_of("/fr/profil", "level=epci")
    assert directory(view, PUY) == directory_words(view, PUY) == []


def test_no_link_of_the_chain_and_no_coverage_is_made_of_them(listed):
    told = [one for name, one in listed.catalogue.services.items() if name.startswith("inclusion_")]
    assert len(told) == 13
    assert {one.care_step for one in told} == {"context"}
    assert {one.method for one in told} == {"none"}
    assert not {one.id for one in told} & set(listed.offer.services)


def test_nothing_is_said_of_how_far_they_count(listed):
    """No threshold is declared of them: a number of minutes would be nobody's."""
    family = listed.catalogue.services["inclusion_family"]
    assert family.threshold_minutes is None
    assert reach_words(listed, family).startswith("Montré où il est")
    assert "15 minutes" in reach_words(listed, listed.catalogue.services["childcare"])
