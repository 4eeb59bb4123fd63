"""Invented data are marked wherever they show: on each page, on paper, in the terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import duckdb
import pytest

from dashboard.components.invented import invented_line, is_finding_invented
from dashboard.findings import findings
from dashboard.paper.area_profile import area_document, area_profile
from dashboard.paper.gap_report import gap_document, gap_report
from dashboard.profile import lines
from dashboard.sight import view_at
from geodata.catalogue.loader import catalogue
from geodata.command import main
from geodata.model import AreaKey, Principal
from geodata.release import current_release
from tests.dashboard.drawn_pages import cells_of, opened, region
from tests.dashboard.pdf_text import text_of


def invent(release, source):
    """Have an issue of a release say that a source of it is invented."""
    with duckdb.connect(str(release.database)) as connection:
        connection.execute(
            "INSERT INTO issue (source_id, severity, code, message_fr, message_en, file, rows)"
            " VALUES (?, 'warning', 'invented', 'inventé', 'invented', 'b.csv', 1)",
            [source],
        )


def test_invented_places_are_marked_over_a_map_of_real_figures(own_data, settings_of):
    invent(current_release(own_data), "cnaf_childcare_places")
    settings = settings_of(own_data)
    real = "?indicator=poverty_rate&service=childcare"
    partly = "Une partie de ces chiffres vient de données inventées"
    drawn = opened(settings, "/fr/carte", real)
    assert "INVENTÉ" not in region(drawn, "map-remarks")
    assert drawn.count("INVENTÉ") == region(drawn, "map-panel").count("INVENTÉ")
    drawn = opened(settings, "/fr/carte", f"{real}&layers=services")
    assert partly in region(drawn, "map-remarks")
    assert "INVENTÉ – Source" in drawn


def test_invented_data_are_marked_wherever_they_show(own_data, settings_of):
    release = current_release(own_data)
    invent(release, "insee_births")
    settings = settings_of(own_data)
    assert opened(settings).count("INVENTÉ") == 1
    shown = "Ces chiffres viennent de données inventées"
    assert shown in opened(settings, "/fr/ecarts")
    assert shown in opened(settings, "/fr/carte", "?indicator=childcare_raw_coverage")
    assert shown in opened(settings, "/fr/comparer", "?indicator=childcare_raw_coverage")
    assert "INVENTÉ" not in opened(settings, "/fr/comparer", "?indicator=poverty_rate")
    partly = "Une partie de ces chiffres vient de données inventées"
    heat = opened(settings, "/fr/comparer", "?indicator=childcare_raw_coverage&form=heat")
    assert partly in heat
    assert "invented-mark" in heat
    other = opened(settings, "/fr/comparer", "?indicator=poverty_rate&form=heat")
    assert "INVENTÉ" not in other
    assert partly in opened(settings, "/fr/chaine")
    # Births are who places are for, not the places: the map has none, the panel's chain has.
    over = "?indicator=poverty_rate&service=childcare&layers=services"
    drawn = opened(settings, "/fr/carte", over)
    assert "INVENTÉ" not in region(drawn, "map-remarks")
    assert partly in region(drawn, "map-panel")
    # A second axis marks the scatter that draws it, not what does not.
    second = "?indicator=poverty_rate&beside=childcare_raw_coverage&form="
    assert partly in opened(settings, "/fr/comparer", f"{second}scatter")
    assert "INVENTÉ" not in opened(settings, "/fr/comparer", f"{second}beeswarm")
    profile = opened(settings, "/fr/profil", "?level=epci&area=200073419")
    assert partly in profile
    # Of the figures of a profile, those that births are in have the mark, and they alone.
    known = catalogue(release.territory_id)
    marked = {}
    for row in cells_of(json.loads(profile), "spine"):
        name = re.search(r"indicator=(\w+)", json.dumps(row))
        if name:
            marked[name.group(1)] = "invented-mark" in json.dumps(row)
    assert set(marked.values()) == {True, False}
    for name, is_marked in marked.items():
        assert is_marked == ("insee_births" in known.sources_of(known.indicators[name])), name


def test_an_invented_directory_is_marked_in_each_chain(own_data, settings_of, monkeypatch, capsys):
    """It is in no indicator: the gap report, whose figures are real, marks its chains."""
    release = current_release(own_data)
    invent(release, "services_menj_ips")
    reader = Principal("local", "director", ("haute_loire",))
    view = view_at(settings_of(own_data), reader, "/fr/ecarts", "level=epci")
    document = gap_document(view, "")
    assert document["invented"] == ""
    (chain,) = document["chains"]
    assert chain["invented"].startswith("INVENTÉ Une partie de ces chiffres vient")
    assert "INVENTÉ Une partie" in text_of(gap_report(view, ""))
    monkeypatch.setenv("VIGIE_DATA", str(own_data))
    assert main(["area", "epci", "200073419", "--language", "fr"]) == 0
    assert capsys.readouterr().out.splitlines()[2].startswith("INVENTÉ Une partie")


def test_a_page_whose_every_source_is_invented_is_not_said_to_be_so_in_part(own_data, settings_of):
    release = current_release(own_data)
    settings = settings_of(own_data)
    with duckdb.connect(str(release.database), read_only=True) as store:
        known = [one for (one,) in store.execute("SELECT source_id FROM source").fetchall()]
    for source in known:
        invent(release, source)
    said = region(opened(settings, "/fr/chaine"), "chain-remarks")
    assert "Ces chiffres viennent de données inventées" in said


def test_ages_are_marked_that_are_in_no_figure_and_no_service(own_data, settings_of):
    """A territory may know the ages of its people and nothing else of their source."""
    release = current_release(own_data)
    invent(release, "insee_census_2022")
    reader = Principal("local", "director", ("haute_loire",))
    view = view_at(settings_of(own_data), reader, "/fr/profil", "level=epci&area=200073419")
    view = replace(
        view,
        offer=replace(view.offer, indicators={}),
        catalogue=replace(view.catalogue, services={}),
    )
    (line,) = invented_line(view)
    assert line.children[0].children == "INVENTÉ"
    assert line.children[2].startswith("Ces chiffres viennent de données inventées")
    beyond = AreaKey("epci", "000000000")
    assert invented_line(replace(view, selection=replace(view.selection, area=beyond))) == []


@pytest.mark.parametrize(
    ("source", "step", "of_services"),
    [
        ("services_menj_ips", "detection", {("chain", True), ("gap", False)}),
        (
            "cnaf_childcare_places",
            "placement",
            {("chain", False), ("gap", True), ("gap", False)},  # of childcare, of nursery schools
        ),
    ],
)
def test_of_the_findings_of_an_area_those_drawn_from_invented_data_are_marked(
    own_data, settings_of, source, step, of_services
):
    """Those of a gap and of a chain are of no indicator; what they are drawn from tells."""
    release, settings = current_release(own_data), settings_of(own_data)
    with duckdb.connect(str(release.database)) as connection:
        connection.execute("UPDATE broken_link SET verdict = 'broken', care_step = ?", [step])
        connection.execute("UPDATE care_chain SET state = 'absent' WHERE care_step = ?", [step])
    invent(release, source)
    reader = Principal("local", "director", ("haute_loire",))
    told = set()
    for area in ("244301123", "200073419", "244301016"):
        search = f"level=epci&area={area}"
        view, key = view_at(settings, reader, "/fr/profil", search), AreaKey("epci", area)
        made = findings(view, key, lines(view, key))
        drawn = region(opened(settings, "/fr/profil", f"?{search}"), "profile-findings")
        is_marked = ["INVENTÉ" in said for said in drawn.split('"type": "Li"')[:-1]]
        assert [is_finding_invented(view, one) for one in made] == is_marked
        told |= set(zip((one.kind for one in made), is_marked, strict=True))
    assert {one for one in told if one[0] in ("chain", "gap")} == of_services


def test_a_finding_drawn_from_invented_data_is_marked_on_paper(own_data, settings_of):
    release, settings = current_release(own_data), settings_of(own_data)
    reader = Principal("local", "director", ("haute_loire",))
    invent(release, "cnaf_childcare_places")
    view = view_at(settings, reader, "/fr/profil", "level=epci&area=244301123")
    (gap, *others) = area_document(view, "")["findings"]
    assert gap["invented"] == "INVENTÉ"
    assert "" in {one["invented"] for one in others}
    told, said = (" ".join(text.split()) for text in (text_of(area_profile(view, "")), gap["text"]))
    assert f"{said} INVENTÉ" in told
