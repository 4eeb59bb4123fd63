"""The director in a real browser: from the door to the area that lacks most, and its file."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from dashboard import data
from dashboard.certainty import verdict
from geodata.model import Principal

ROWS = "#gaps-table tbody tr"


def largest_certain(release_data, settings_of):
    """The EPCI that lacks most places for sure where each child has one, from the release."""
    settings = settings_of(release_data)
    who = Principal("director", "director", (settings.territory,))
    release = data.open_release(settings)
    period = data.offer(who, release).services["childcare"]["epci"][-1]
    frame = data.gaps(who, release, "childcare", "one_per_child", period, "epci")
    told = zip(frame["gap"], frame["p_gap"], frame["status"], strict=True)
    sure = frame[[verdict(*row) == "shortage" for row in told]]
    return sure.sort_values("gap", ascending=False).iloc[0]


def test_from_the_door_to_the_area_that_lacks_most(page, site, release_data, settings_of):
    expected = largest_certain(release_data, settings_of)
    page.goto(site)
    page.get_by_role("link", name="Écarts", exact=True).click()
    page.locator("#gaps-choice-standard").select_option("one_per_child")
    page.locator("#gaps-map[data-painted*=one_per_child]").wait_for()
    page.locator("#gaps-choice-sort").select_option("-gap")
    page.wait_for_url("**sort=-gap*")
    page.get_by_label("manque certain de places").check()
    page.wait_for_url("**only=shortage*")
    first = page.locator(ROWS).first
    expect(first).to_contain_text(expected["name"])
    first.get_by_role("link").first.click()
    page.wait_for_url(f"**area={expected['area_id']}*")
    page.get_by_role("link", name="Profil", exact=True).click()
    expect(page.locator("main h1")).to_contain_text(expected["name"])
    finding = page.locator("#profile-findings li").first
    expect(finding).to_contain_text("Accueil du jeune enfant : il manque")
    expect(finding).to_contain_text("Une place pour chaque enfant")
    page.get_by_role("link", name="Écarts", exact=True).click()
    page.wait_for_url("**only=shortage*")
    with page.expect_download() as told:
        page.get_by_text("Télécharger", exact=True).click()
        page.get_by_role("link", name="Télécharger ce tableau (CSV)").click()
    text = told.value.path().read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[1][1] == expected["name"]
    column = next(n for n, head in enumerate(rows[0]) if head.startswith("Écart net"))
    assert float(rows[1][column].replace(",", ".")) == round(float(expected["gap"]), 1)


def test_a_page_is_asked_for_once_and_going_back_shows_the_page_left(page, site):
    """Its frame brings it: no callback opens it; and each page of the history is its own."""
    asked = []
    page.on("request", lambda one: asked.append((one.url.removeprefix(site), one.post_data or "")))
    heads = {}
    for path in ("/fr/carte?level=commune", "/fr/methodes"):
        page.goto(f"{site}{path}")
        page.locator("h1").wait_for()
        page.wait_for_load_state("networkidle")
        heads[path] = page.locator("h1").inner_text()
        assert [url for url, _body in asked if url == "/_dash-layout"] == ["/_dash-layout"]
        assert not [body for _url, body in asked if '"shell.children"' in body]
        asked.clear()
    assert len(set(heads.values())) == 2
    page.go_back()
    page.get_by_role("heading", level=1, name=heads["/fr/carte?level=commune"]).wait_for()
    page.go_forward()
    page.get_by_role("heading", level=1, name=heads["/fr/methodes"]).wait_for()
