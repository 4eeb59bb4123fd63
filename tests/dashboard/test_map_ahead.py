"""The map is coloured for a choice before the server has answered; no choice is ever lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dashboard import data
from dashboard.selection import parsed
from geodata.model import Principal

MAP = "#map-areas[data-painted*='{}']"


class Held:
    """Callbacks of the page that are held back until they are let go."""

    def __init__(self, page):
        self.routes, self.is_over = [], False
        page.route("**/_dash-update-component*", self.hold)

    def hold(self, route):
        if self.is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self):
        self.is_over = True
        for route in self.routes:
            route.continue_()


def opened(page, address):
    page.goto(address)
    page.locator("#map-areas[data-painted]").wait_for(timeout=30_000)
    expect(page.locator("#map-figures .figure")).not_to_have_count(0)
    page.wait_for_load_state("networkidle")


@pytest.fixture
def offer(release_data, settings_of):
    """What the release offers to a director."""
    settings = settings_of(release_data)
    who = Principal("director", "director", (settings.territory,))
    return data.offer(who, data.open_release(settings))


def test_the_map_does_not_wait_for_the_page_around_it(page, site):
    opened(page, f"{site}/fr/carte?indicator=rsa_share&level=epci&period=2023")
    legend = page.locator("#map-legend")
    before = legend.inner_text()
    held = Held(page)
    page.select_option("#map-choice-indicator", "birth_rate")
    page.locator(MAP.format("birth_rate/epci")).wait_for()
    assert legend.inner_text() == before, "no answer has come yet"
    expect(page.locator("html")).to_have_class("is-asking")
    page.locator("#map-areas canvas").hover()
    expect(page.locator(".area-map-tooltip strong")).not_to_be_empty()
    expect(page.locator(".area-map-tooltip span")).to_be_empty()
    held.let_go()
    expect(legend).to_contain_text(re.compile("naissances", re.IGNORECASE))
    expect(page.locator("html")).not_to_have_class("is-asking")
    expect(page.locator(MAP.format("birth_rate/epci"))).to_have_count(1)


def test_choices_made_while_the_page_is_drawn_add_up(page, site):
    opened(page, f"{site}/fr/carte?indicator=rsa_share&level=epci&period=2023")
    held = Held(page)
    page.select_option("#map-choice-indicator", "childcare_effective_coverage")
    page.select_option("#map-choice-level", "commune")
    page.locator(".display-block summary").click()
    page.select_option("#map-choice-classing", "equal")
    expect(page.locator("#map-choice-level")).to_have_value("commune")
    held.let_go()
    page.locator(MAP.format("childcare_effective_coverage/commune/2020/equal")).wait_for()
    for name in ("indicator=childcare_effective_coverage", "level=commune", "classing=equal"):
        assert name in page.url
    expect(page.locator("html")).not_to_have_class("is-asking")
    expect(page.locator("#map-choice-level")).to_have_value("commune")
    expect(page.locator("#map-choice-classing")).to_have_value("equal")


def test_a_link_followed_while_the_page_is_drawn_keeps_the_choice(page, site):
    opened(page, f"{site}/fr/carte?indicator=rsa_share&level=epci&period=2023")
    Held(page)
    page.select_option("#map-choice-indicator", "birth_rate")
    page.wait_for_url("**indicator=birth_rate*")
    link = page.locator(".pages a", has_text="Comparer")
    assert "rsa_share" in link.get_attribute("href")
    link.click(no_wait_after=True)
    page.wait_for_url("**/fr/comparer?*indicator=birth_rate*", wait_until="commit")
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    expect(page.locator("h1")).to_contain_text("naissances", ignore_case=True)


def test_an_area_taken_from_a_table_goes_along_to_the_next_page(page, site):
    """Though the links be those of before it was taken."""
    opened(page, f"{site}/fr/carte?indicator=rsa_share&level=epci&period=2023")
    Held(page)
    taken = page.locator("#map-table a.area-link").nth(3)
    name = taken.inner_text()
    taken.click()
    page.wait_for_url("**area=*")
    code = re.search(r"area=(\w+)", page.url).group(1)
    link = page.locator(".pages a", has_text="Profil")
    assert code not in link.get_attribute("href")
    link.click(no_wait_after=True)
    page.wait_for_url(f"**/fr/profil?*area={code}*", wait_until="commit")
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    expect(page.locator("main h1")).to_contain_text(name)


def test_what_is_expected_is_what_the_server_chooses(page, site, offer):
    """The browser's period for every indicator, from every period, is that of the selection."""
    opened(page, f"{site}/fr/carte?level=epci")
    periods = sorted({p for levels in offer.indicators.values() for p in levels.get("epci", ())})
    wanted = [
        {"indicator": indicator, "level": "epci", "period": period}
        for indicator, levels in offer.indicators.items()
        if "epci" in levels
        for period in [*periods, "", "1900", "nonsense"]
    ]
    found = page.evaluate(
        """async (wanted) => {
            const offerUrl = performance
                .getEntriesByType("resource").map((one) => one.name)
                .find((name) => name.includes("/offer/"));
            const classesUrl = "{indicator}/{level}/{period}/{classing}";
            const ahead = {offerUrl, classesUrl, classing: "quantile"};
            return Promise.all(wanted.map((parts) => vigie.classesAhead(ahead, parts, "epci")));
        }""",
        wanted,
    )
    expected = []
    for parts in wanted:
        search = "&".join(f"{name}={text}" for name, text in parts.items() if text)
        chosen, _remarks = parsed("/fr/carte", search, offer)
        expected.append(f"{chosen.indicator}/{chosen.level}/{chosen.period}/{chosen.classing}")
    assert len(wanted) > 100
    assert found == expected


def test_nothing_is_expected_where_the_level_would_change(page, site):
    opened(page, f"{site}/fr/carte?indicator=rsa_share&level=epci&period=2023")
    held = Held(page)
    page.select_option("#map-choice-indicator", "care_rate")
    page.wait_for_url("**indicator=care_rate*")
    expect(page.locator(MAP.format("rsa_share/epci"))).to_have_count(1)
    held.let_go()
    page.locator(MAP.format("care_rate/departement")).wait_for()
