"""The data page at rest: release, sources, issues, history, levels; and a house without any."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.app import create_app
from etl.refresh import refresh
from geodata import jobs, state
from geodata.release import current_release
from tests.dashboard.drawn_pages import opened


def visit(page, address):
    page.goto(address)
    page.locator("#data-release").wait_for(timeout=30_000)


def test_it_says_what_is_published(page, site, release_data):
    visit(page, f"{site}/fr/donnees")
    release = current_release(release_data)
    expect(page.locator("#data-release")).to_contain_text(release.release_id)
    expect(page.locator("#data-run")).to_contain_text("publié")
    assert page.locator("#data-runs table.runs tbody tr").count() == 1
    expect(page.locator("#data-live")).to_contain_text("Publication n° 1, depuis le")
    expect(page.locator("#data-waiting")).to_contain_text("Aucune publication n’attend")
    expect(page.locator("#data-held")).to_contain_text("Aucune ligne n’est retenue")
    expect(page.locator("#data-publications tbody tr")).to_have_count(1)
    expect(page.locator("#data-publications button")).to_have_count(0)


def test_without_a_worker_it_says_so_and_how_to_start_one(page, site):
    visit(page, f"{site}/fr/donnees")
    expect(page.locator("#data-live")).to_contain_text("Aucun processus de mise à jour ne tourne")
    expect(page.locator("#data-live code")).to_have_text("vigie worker")


def test_no_button_can_be_pressed_without_a_name_which_the_browser_remembers(page, site):
    visit(page, f"{site}/fr/donnees")
    button = page.get_by_role("button", name="Demander une mise à jour")
    expect(button).to_be_disabled()
    expect(page.locator("#data-nameless")).to_be_visible()
    page.get_by_label("Votre nom").fill("  ")
    expect(button).to_be_disabled()
    page.get_by_label("Votre nom").fill("Odile Martin")
    expect(button).to_be_enabled()
    expect(page.locator("#data-nameless")).to_be_hidden()
    visit(page, f"{site}/en/data")
    expect(page.get_by_label("Your name")).to_have_value("Odile Martin")
    expect(page.get_by_role("button", name="Ask for a refresh")).to_be_enabled()


def test_what_was_known_on_a_day(page, site, release_data):
    visit(page, f"{site}/fr/donnees")
    release = current_release(release_data)
    page.get_by_label("Que savait-on le").fill(release.published_at[:10])
    expect(page.locator("#data-known")).to_contain_text("la publication n° 1 était en ligne")
    expect(page.locator("#data-known")).to_contain_text(release.content_sha256[:12])
    page.get_by_label("Que savait-on le").fill("2001-03-01")
    expect(page.locator("#data-known")).to_have_text("Le 1 mars 2001, rien n’était publié.")


def test_each_step_of_the_last_refresh_tells_its_cost(page, site):
    visit(page, f"{site}/en/data")
    page.locator("#data-runs summary").click()
    row = page.locator("#data-runs table.steps tbody tr", has_text="Births by place").first
    expect(row).to_contain_text(" s")
    expect(row).to_contain_text("MiB")
    expect(row).to_contain_text("made")


def test_every_source_has_its_passport_and_its_rows_add_up(page, site, words):
    visit(page, f"{site}/en/data")
    table = page.locator("#data-sources table.sources-table tbody")
    rows = table.locator("tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('.number')].map(c => c.textContent))"
    )
    with_file = [entry for entry in words.sources.values() if entry.file is not None]
    assert len(rows) == len(with_file)
    for row in rows:
        read, loaded, held, dropped = (int(cell.replace(",", "")) for cell in row)
        assert read == loaded + held + dropped
        assert read > 0
    links = table.locator("a")
    assert links.count() == len(rows)
    assert all(link.get_attribute("href").startswith("https://") for link in links.all())
    absent = len(words.territory.sources) - len(with_file)
    if absent:
        expect(page.locator("#data-sources details li")).to_have_count(absent)


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
    assert "Aucune mise à jour n’est notée ici" in opened(settings_of(own_data))


def test_an_empty_house_shows_what_is_done_and_can_be_asked(tmp_path, settings_of):
    said = opened(settings_of(tmp_path))
    assert "Aucune donnée n’est encore publiée" in said
    assert "Rien n’est encore publié." in said
    assert "Demander une mise à jour" in said
    assert "Rien n’a encore été publié" in said
    assert "/fr/donnees" in opened(settings_of(tmp_path), "/fr/carte")


def test_a_job_whose_worker_is_gone_is_not_said_to_run(own_data, settings_of):
    settings = settings_of(own_data)
    engine = state.state_engine(settings.data)
    jobs.ask(engine, "refresh", settings.territory, "Odile Martin")
    jobs.next_job(engine, "worker-1", settings.territory)
    assert "En cours\u00a0: Mise à jour." in opened(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM worker")
    engine.dispose()
    assert "Sans nouvelles\u00a0: Mise à jour." in opened(settings)


@pytest.mark.parametrize("address", ["/fr/donnees", "/en/data"])
def test_axe_finds_nothing(page, site, address):
    visit(page, site + address)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.locator("html").get_attribute("lang") == address[1:3]


def test_nothing_overflows_at_any_width(page, site, sideways):
    visit(page, f"{site}/fr/donnees")
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert sideways(page) == [], width
    page.set_viewport_size({"width": 1024, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


@pytest.mark.parametrize(
    ("path", "said"),
    [("/fr/donnees", "L’état ne se lit pas"), ("/en/data", "The state cannot be read")],
)
def test_of_a_state_that_cannot_be_read_it_says_so_and_shows_the_rest(
    own_data, settings_of, path, said
):
    """A disk that is full leaves no room for the index that reading the state needs."""
    for left in own_data.glob("state.sqlite*"):
        left.unlink()
    (own_data / "state.sqlite").mkdir()
    drawn = opened(settings_of(own_data), path)
    assert drawn.count(said) >= 4
    assert current_release(own_data).release_id in drawn
    answer = (
        create_app(settings_of(own_data)).server.test_client().get("/fr/retenues/insee_births.csv")
    )
    assert answer.status_code == 503
