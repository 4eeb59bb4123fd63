"""The data officer's acts on the page, in a real browser, done by a real worker process."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard import journal
from dashboard.app import create_app
from etl.held_commands import REASONS, mended
from etl.source import Ledger
from geodata import jobs, state
from geodata.model import Principal
from geodata.queries import refreshes
from geodata.release import current_release, publications, waiting_release
from tests.dashboard.conftest import leave, served

HERE = "haute_loire"
LOCAL = Principal("local", "director", (HERE,))
BIRTHS = Path(__file__).parents[2] / "geodata/embedded/figures/insee_births.csv"
#: A refresh on a machine that is busy with other things.
PATIENCE_MS = 240_000


@pytest.fixture
def office(release_data, tmp_path, settings_of):
    """Settings of a copy of the release, with the steps it was made of."""
    return settings_of(Path(shutil.copytree(release_data, tmp_path / "vigie")))


@pytest.fixture
def desk(page, office):
    """The address of the dashboard of the office; the page, which asks often, is left first."""
    with served(create_app(office).server) as address:
        yield address
        leave(page)


@contextmanager
def worker(settings):
    """A worker process, stopped as the system stops it."""
    environment = os.environ | {
        "VIGIE_DATA": str(settings.data),
        "VIGIE_DOWNLOADS": "no",
        "VIGIE_SETTLE": "0",
    }
    command = [sys.executable, "-m", "geodata.command", "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def bring(settings, change):
    """Bring a file of births in which ``change`` makes another line of each line."""
    settings.incoming.mkdir(exist_ok=True)
    lines = BIRTHS.read_text("utf-8").splitlines(keepends=True)
    changed = "".join(change(number, line) for number, line in enumerate(lines, 1))
    (settings.incoming / "insee_births.csv").write_text(changed, "utf-8")


def one_more_birth(_number, line):
    """One birth more in one commune in 2023: a change that nothing holds."""
    return re.sub(r"^(commune,43157,births,2023),\d+", r"\1,167", line)


def three_times_as_many(number, line):
    """Three times the births of 2023, and three lines that are wrong, one of them a formula."""
    if number in (101, 231):
        return line.replace("observed", "sure")
    if number == 301:
        return re.sub(r"^commune,[^,]+", "commune,=1+1", line)
    found = re.match(r"^(commune,43\d{3},births,2023),(\d+)(.*)$", line, re.DOTALL)
    return f"{found[1]},{3 * int(found[2])}{found[3]}" if found else line


def opened(page, address):
    page.goto(address)
    page.locator("#data-now").wait_for(timeout=30_000)
    page.locator("#data-name").fill("Odile Martin")


def confirmed(page, button):
    page.get_by_role("button", name=button).click()
    expect(page.locator("#data-confirm")).to_be_visible()
    page.locator("#data-confirm-yes").click()
    expect(page.locator("#data-confirm")).to_be_hidden()


def test_ask_see_it_published_go_back_and_come_back(page, desk, office):
    first = current_release(office.data)
    bring(office, one_more_birth)
    opened(page, f"{desk}/fr/donnees")
    page.locator("#data-reason").fill("Naissances de mars")
    page.get_by_role("button", name="Demander une mise à jour").dblclick()
    expect(page.locator("#data-answer")).to_contain_text("Demande n° 1 enregistrée")
    expect(page.locator("#data-said")).to_contain_text("Elles attendent")
    assert len(journal.jobs(LOCAL, office)) == 1
    with worker(office):
        expect(page.locator("#data-task progress")).to_be_visible(timeout=PATIENCE_MS)
        page.locator("#data-log-title").click()
        expect(page.locator("#data-log")).to_contain_text("Naissances", timeout=PATIENCE_MS)
        expect(page.locator("#data-live")).to_contain_text(
            "Publication n° 2, depuis le", timeout=PATIENCE_MS
        )
        expect(page.locator("#data-log")).to_be_visible()
        second = current_release(office.data)
        assert second.number == 2
        latest = page.locator("#data-publications tbody tr").first
        expect(latest).to_contain_text("Odile Martin")
        expect(latest).to_contain_text("Naissances de mars")
        expect(page.locator("#data-release")).to_contain_text(second.release_id)
        confirmed(page, "Revenir à la publication n° 1")
        expect(page.locator("#data-live")).to_contain_text(
            "Publication n° 1, depuis le", timeout=PATIENCE_MS
        )
        expect(page.locator("#data-publications tbody tr")).to_have_count(3)
        expect(page.get_by_role("button", name="Revenir à la publication n° 2")).to_be_enabled()
    assert current_release(office.data).release_id == first.release_id
    assert [p.by for p in publications(office.data)][1:] == ["Odile Martin"] * 2


def test_a_release_that_is_held_says_what_it_changes_and_is_approved(page, desk, office):
    bring(office, three_times_as_many)
    engine = state.state_engine(office.data)
    jobs.ask(engine, "refresh", HERE, "Odile Martin")
    opened(page, f"{desk}/fr/donnees")
    with worker(office):
        waits = page.locator("#data-waiting")
        expect(waits).to_contain_text("La publication n° 2 attend", timeout=PATIENCE_MS)
        expect(waits).to_contain_text("Naissances domiciliées, 2023")
        expect(waits).to_contain_text("Les plus grands écarts")
        moves = waits.locator("table.changes", has_text="Écart").locator("tbody tr")
        assert 1 <= moves.count() <= 10
        waiting = waiting_release(office.data)
        assert waiting.number == 2
        assert current_release(office.data).number == 1
        check_held_rows(page, desk, refreshes.held_rows(engine))
        check_accessible_at_every_width(page)
        page.get_by_role("button", name="Approuver et publier").click()
        page.keyboard.press("Escape")
        expect(page.locator("#data-confirm")).to_be_hidden()
        assert len(journal.jobs(LOCAL, office)) == 1, "nothing was decided"
        confirmed(page, "Approuver et publier")
        expect(waits).to_contain_text("Aucune publication n’attend", timeout=PATIENCE_MS)
        expect(page.locator("#data-release")).to_contain_text(waiting.release_id)
    engine.dispose()
    assert current_release(office.data).release_id == waiting.release_id
    assert waiting_release(office.data) is None
    assert publications(office.data)[-1].by == "Odile Martin"


def check_held_rows(page, desk, held):
    """Listed with their reasons; the file has their cells, harmless, and is read back."""
    assert held["line"].tolist() == [101, 231, 301]
    section = page.locator("#data-held")
    section.locator("summary").click()
    expect(section.locator("tbody tr")).to_have_count(3)
    expect(section).to_contain_text("vigie mend insee_births retenues_insee_births.csv")
    answer = page.request.get(f"{desk}/fr/retenues/insee_births.csv")
    assert answer.headers["content-disposition"].endswith('"retenues_insee_births.csv"')
    heads, *rows = csv.reader(io.StringIO(answer.body().decode("utf-8-sig")))
    assert tuple(heads[: len(REASONS)]) == REASONS
    assert heads[len(REASONS) :] == BIRTHS.read_text("utf-8").split("\n", 1)[0].split(",")
    assert [row[0] for row in rows] == ["101", "231", "301"]
    assert rows[2][heads.index("area_id")] == "'=1+1"
    text = answer.body()
    ledger = Ledger("insee_births", "retenues.csv")
    assert mended(text, held, ledger) == {}, "nothing was mended yet"
    corrected = mended(text.replace(b",sure", b",observed"), held, ledger)
    sha256 = held["sha256"].iloc[0]
    assert corrected == {sha256: {101: {"status": "observed"}, 231: {"status": "observed"}}}
    for path in ("/fr/retenues/insee_filosofi.csv", "/fr/retenues/..%2Fstate.csv"):
        assert page.request.get(f"{desk}{path}").status == 404


def check_accessible_at_every_width(page):
    for details in page.locator("#data-waiting details, #data-issues details").all():
        details.evaluate("details => (details.open = true)")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    for width in (320, 390, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_job_that_waits_and_one_that_runs_are_cancelled(page, desk, office):
    before = current_release(office.data)
    bring(office, one_more_birth)
    opened(page, f"{desk}/en/data")
    page.get_by_role("button", name="Ask for a refresh").click()
    page.get_by_role("button", name="Cancel job no. 1").click()
    expect(page.locator("#data-answer")).to_contain_text("Job no. 1 is cancelled")
    expect(page.locator("#data-live")).to_contain_text("Cancelled by Odile Martin")
    page.get_by_role("button", name="Ask for a refresh").click()
    expect(page.locator("#data-answer")).to_contain_text("Request no. 2")
    with worker(office):
        expect(page.locator("#data-task")).to_be_visible(timeout=PATIENCE_MS)
        page.get_by_role("button", name="Cancel job no. 2").click()
        expect(page.locator("#data-said")).to_have_text(
            "Nothing is being done.", timeout=PATIENCE_MS
        )
        expect(page.locator("#data-live")).to_contain_text("cancelled")
    assert journal.jobs(LOCAL, office)["state"].tolist() == ["cancelled", "cancelled"]
    assert current_release(office.data) == before


def test_a_page_from_elsewhere_cannot_ask(page, desk, office):
    opened(page, f"{desk}/fr/donnees")
    wish = {"kind": "refresh", "by": "Odile Martin"}
    body = {
        "output": "..data-answer.children...data-answered.data..",
        "outputs": [
            {"id": "data-answer", "property": "children"},
            {"id": "data-answered", "property": "data"},
        ],
        "inputs": [{"id": "data-wish", "property": "data", "value": wish}],
        "state": [{"id": "location", "property": "pathname", "value": "/fr/donnees"}],
        "changedPropIds": ["data-wish.data"],
    }
    address = f"{desk}/_dash-update-component"
    evil = page.request.post(address, data=body, headers={"Origin": "http://evil.example"})
    assert evil.status == 403
    assert journal.jobs(LOCAL, office).empty
