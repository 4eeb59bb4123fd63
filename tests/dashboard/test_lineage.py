"""Where a figure comes from, two clicks away: the release, the method, the file and its rows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from geodata.queries import refreshes
from geodata.release import current_release, reading_engine


@pytest.mark.parametrize(
    "address",
    [
        "/fr/carte?indicator=childcare_raw_coverage&level=epci",
        "/fr/ecarts",
        "/fr/comparer?indicator=childcare_raw_coverage&level=epci",
    ],
)
def test_a_figure_tells_its_release_method_and_files(page, site, release_data, address):
    page.goto(site + address)
    page.get_by_text("D’où vient ce chiffre ?").click()
    told = page.locator(".lineage dl")
    release = current_release(release_data)
    expect(told).to_contain_text(release.release_id)
    expect(told).to_contain_text("Calcul")
    sources = refreshes.sources(reading_engine(release.database))
    used = sources[[f"{sha}"[:12] in told.inner_text() for sha in sources["sha256"]]]
    assert len(used) >= 1
    for row in used.to_dict("records"):
        line = told.locator("li", has_text=row["file"]).first.inner_text()
        digits = "".join(c for c in line if c.isdigit())
        for name in ("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped"):
            assert str(row[name]) in digits
        assert row["producer"] in line


def test_from_a_profile_a_figure_is_two_clicks_from_its_file(page, site):
    page.goto(f"{site}/fr/profil?level=epci&area=200073419")
    page.locator(".spine a, .tile a").first.click()
    page.get_by_text("D’où vient ce chiffre ?").click()
    expect(page.locator(".lineage code").last).to_be_visible()


def test_each_figure_of_an_order_of_priority_tells_where_it_comes_from(page, site):
    page.goto(f"{site}/en/priorities?level=epci")
    page.get_by_text("Where does “Poverty").first.click()
    expect(page.locator(".lineage[open] dl")).to_contain_text("rows read =")
