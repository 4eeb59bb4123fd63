"""The data page: the release, a refused refresh, sources, and levels that do not add up."""

from __future__ import annotations

import json
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.app import create_app
from etl.refresh import refresh
from geodata.release import current_release


def visit(page, address):
    page.goto(address)
    page.locator("#data-release").wait_for(timeout=30_000)


def opened(settings, path="/fr/donnees"):
    """What the server draws for the data page, as the browser asks for it."""
    answer = (
        create_app(settings)
        .server.test_client()
        .post(
            "/_dash-update-component",
            json={
                "output": "shell.children",
                "outputs": {"id": "shell", "property": "children"},
                "inputs": [{"id": "location", "property": "pathname", "value": path}],
                "state": [{"id": "location", "property": "search", "value": ""}],
                "changedPropIds": ["location.pathname"],
            },
        )
    )
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


@pytest.fixture
def own_data(release_data, tmp_path):
    """A copy of the release and its log, to be refreshed at will."""
    return shutil.copytree(release_data, tmp_path / "vigie")


def test_it_says_what_is_published(page, site, release_data):
    visit(page, f"{site}/fr/donnees")
    release = current_release(release_data)
    expect(page.locator("#data-release")).to_contain_text(release.release_id)
    expect(page.locator("#data-run")).to_contain_text("publié")
    assert page.locator("#data-runs tbody tr").count() == 1
    found = page.locator("#data-issues tbody tr").count()
    assert found or "Aucune anomalie" in page.locator("#data-issues").inner_text()


def test_every_source_has_its_passport_and_its_rows_add_up(page, site, words):
    visit(page, f"{site}/en/data")
    rows = [
        [cell.strip() for cell in row.split("\t")]
        for row in page.locator("#data-sources tbody tr").all_inner_texts()
    ]
    assert len(rows) == len(words.sources)
    for row in rows:
        read, loaded, quarantined, dropped = (int(cell.replace(",", "")) for cell in row[-5:-1])
        assert read == loaded + quarantined + dropped
        assert read > 0
    links = page.locator("#data-sources tbody a")
    assert links.count() == len(rows)
    assert all(link.get_attribute("href").startswith("https://") for link in links.all())
    assert page.locator("#data-sources [title]").count() >= len(rows)


def test_levels_that_disagree_are_listed_and_births_are_exact(page, site):
    visit(page, f"{site}/fr/donnees")
    exact = page.locator("#data-levels ul")
    expect(exact).to_contain_text("Naissances domiciliées, 2023\u00a0: 1\u202f746")
    expect(exact).to_contain_text("Demandeurs d’emploi")
    row = page.locator("#data-levels tbody tr", has_text="assistantes maternelles")
    cells = row.locator("td").all_inner_texts()
    assert cells == ["2020", "2\u202f804", "2\u202f805", "2\u202f806", "\u22122", "+2"]


def test_a_refused_refresh_says_file_line_and_mend_and_the_release_stays(own_data, settings_of):
    settings = settings_of(own_data)
    before = current_release(own_data)
    settings.incoming.mkdir(exist_ok=True)
    (settings.incoming / "insee_births.csv").write_text("<!DOCTYPE html><p>Erreur</p>", "utf-8")
    outcome = refresh(settings)
    assert outcome.outcome == "rejected"
    (issue, *_) = [i for i in outcome.issues if i.severity == "reject"]
    said = opened(settings)
    assert "refusé" in said
    assert issue.message_fr in said
    assert issue.mend_fr in said
    assert issue.message_en in opened(settings, "/en/data")
    assert before.release_id in said
    assert current_release(own_data).release_id == before.release_id


def test_an_unchanged_refresh_and_a_lost_log_are_told(own_data, settings_of):
    settings = settings_of(own_data)
    assert refresh(settings).outcome == "unchanged"
    assert "rien n’a été refait" in opened(settings)


def test_without_a_log_the_page_says_why(own_data, settings_of):
    for file in own_data.glob("state.sqlite*"):
        file.unlink()
    assert "Aucun rafraîchissement n’est noté ici" in opened(settings_of(own_data))


@pytest.mark.parametrize("address", ["/fr/donnees", "/en/data"])
def test_axe_finds_nothing(page, site, address):
    visit(page, site + address)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.locator("html").get_attribute("lang") == address[1:3]


def test_nothing_overflows_at_any_width(page, site):
    visit(page, f"{site}/fr/donnees")
    for width in (320, 390, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
