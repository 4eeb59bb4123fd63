"""Comparison in a real browser: the choice, the verdict in words, and the address that keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.typing_spaces import typed

LE_PUY = "200073419"
SHARE = "indicator=single_parent_share&level=epci"


@pytest.fixture
def opened(page: Page, site: str) -> Callable[[str], Page]:
    def at(search: str, language: str = "fr") -> Page:
        path = {"fr": "/fr/carte", "en": "/en/map"}[language]
        page.goto(f"{site}{path}?{search}")
        expect(page.locator("#map-choice-against")).to_be_visible()
        return page

    return at


def asked(page: Page) -> dict[str, str]:
    """The parts of the address."""
    return {name: texts[0] for name, texts in parse_qs(urlsplit(page.url).query).items()}


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def verdict(page: Page):
    return page.locator("#map-against + p")


def rows(page: Page) -> list[str]:
    return page.locator(".comparison th").all_inner_texts()


def test_an_area_stands_beside_the_whole_unless_told(opened: Callable[..., Page]) -> None:
    page = opened(f"{SHARE}&area={LE_PUY}")
    expect(page.locator("#map-choice-against")).to_have_value("departement")
    options = page.locator("#map-choice-against option").all_inner_texts()
    assert options == [
        *("Haute-Loire", "France", "Voisins statistiques"),
        *("Des territoires au choix", "Une cible"),
    ]
    expect(verdict(page)).to_contain_text("Plus élevé que Haute-Loire")
    expect(page.locator(".comparison .benchmark")).to_contain_text("repère")
    # Each value has its interval, in numbers and as a line.
    assert page.locator(".comparison .whisker").count() == 2
    assert re.search(r"\d+,\d à \d+,\d", page.locator(".comparison .here").inner_text())


def test_a_commune_may_be_compared_with_each_larger_area(opened: Callable[..., Page]) -> None:
    page = opened("indicator=rsa_share&level=commune&area=43157")
    values = page.locator("#map-choice-against option").evaluate_all("all => all.map(o => o.value)")
    assert values[:2] == ["departement", "epci"]
    assert "country" in values
    assert "commune" not in values
    page.select_option("#map-choice-against", "epci")
    expect(verdict(page)).to_contain_text("CA du Puy-en-Velay")
    assert asked(page)["against"] == "epci"


def test_statistical_neighbours_and_why(
    opened: Callable[..., Page], sideways: Callable[[Page], list[str]]
) -> None:
    page = opened(f"{SHARE}&area={LE_PUY}")
    page.focus("#map-choice-against")
    page.select_option("#map-choice-against", "similar_people")
    expect(verdict(page)).to_contain_text("l’ensemble des voisins statistiques (5)")
    assert asked(page)["against"] == "similar_people"
    assert focused(page) == "map-choice-against"
    names = rows(page)
    assert len(names) == 2 + 5
    far = [float(name.split("distance ")[1].replace(",", ".")) for name in names[2:]]
    assert far == sorted(far)
    assert 0 < far[0] < far[-1] <= 1
    why = page.locator(".why-neighbours")
    expect(why.locator("table")).to_be_hidden()
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(why.locator("caption")).to_have_text("Ce qui décrit CA du Puy-en-Velay")
    weights = [int(w.split("\u00a0")[0]) for w in why.locator("td:nth-child(2)").all_inner_texts()]
    assert sum(weights) == pytest.approx(100, abs=len(weights) / 2)
    lines = why.locator("li").all_inner_texts()
    assert len(lines) == 5
    for line in lines:
        shares = [int(share) for share in re.findall(r"(\d+)\u00a0%", line.split(")\u00a0:")[1])]
        assert sum(shares) == pytest.approx(100, abs=len(shares) / 2)
    page.set_viewport_size({"width": 390, "height": 844})
    assert "HTML" not in sideways(page)
    assert page.locator("#map-panel").evaluate("it => it.scrollWidth <= it.clientWidth")
    right = page.locator("#map-panel").bounding_box()
    inner = why.locator("table").bounding_box()
    assert inner["x"] + inner["width"] <= right["x"] + right["width"]


def test_the_101_departements_have_neighbours_too(opened: Callable[..., Page]) -> None:
    page = opened("indicator=care_rate&level=departement&against=similar_people", "en")
    expect(verdict(page)).to_contain_text("the statistical neighbours together (10)")
    assert len(rows(page)) == 2 + 10
    expect(page.locator(".why-neighbours")).to_contain_text("Compared with 101 areas")


def test_a_target_is_written_and_kept(opened: Callable[..., Page]) -> None:
    page = opened(f"{SHARE}&area={LE_PUY}")
    page.select_option("#map-choice-against", "target")
    expect(page.locator("#map-against + p")).to_have_text("Écrivez une cible pour comparer.")
    page.focus("#map-target")
    page.keyboard.type("12,5")
    assert "target" not in asked(page)  # nothing is asked before the number is whole
    page.keyboard.press("Enter")
    expect(verdict(page)).to_contain_text("Plus élevé que la cible")
    assert asked(page)["target"] == "12.5"
    assert focused(page) == "map-target"
    page.reload()
    expect(page.locator("#map-target")).to_have_value("12,5")
    expect(page.locator(".comparison .benchmark")).to_contain_text("12,5")
    page.select_option("#map-choice-indicator", "rsa_share")
    expect(page.locator("#map-target")).to_have_value("")
    assert "target" not in asked(page)


def test_areas_are_found_added_and_removed_with_the_keyboard(opened: Callable[..., Page]) -> None:
    page = opened(f"{SHARE}&area={LE_PUY}&against=areas")
    page.focus("#map-find")
    page.keyboard.type("mezenc")  # without its accent
    expect(page.locator("#map-found a")).to_have_text("Ajouter CC Mézenc-Loire-Meygal (200073401)")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen-areas li")).to_have_count(1)
    assert asked(page)["compared"] == "200073401"
    assert focused(page) == "map-find"
    page.keyboard.type("244301099")  # by its code
    page.locator("#map-add-244301099").click()
    expect(verdict(page)).to_contain_text("l’ensemble des territoires choisis (2)")
    assert [name.split("\n")[0] for name in rows(page)[2:]] == [
        "CC Mézenc-Loire-Meygal",
        "CC Auzon Communauté",
    ]
    page.get_by_label("Retirer CC Mézenc-Loire-Meygal").press("Enter")
    expect(page.locator(".chosen-areas li")).to_have_count(1)
    assert asked(page)["compared"] == "244301099"
    page.go_back()
    expect(page.locator(".chosen-areas li")).to_have_count(2)


def test_what_does_not_add_up_has_no_value_together(opened: Callable[..., Page]) -> None:
    page = opened(f"indicator=median_income&level=epci&area={LE_PUY}&against=similar_people")
    said = "ces valeurs ne s’additionnent pas"
    expect(page.get_by_text(said)).to_be_visible()
    assert len(rows(page)) == 1 + 5
    # A published value has no interval: against an area it is told, and not tested.
    page.select_option("#map-choice-against", "departement")
    expect(verdict(page)).to_contain_text("écart non testé")


def test_what_is_not_offered_is_said(opened: Callable[..., Page]) -> None:
    page = opened(f"{SHARE}&area={LE_PUY}&against=moon&target=beaucoup&compared=1")
    remarks = typed(page.locator(".remarks").inner_text())
    assert all(text in remarks for text in ("« moon »", "« beaucoup »", "« 1 »"))
    expect(page.locator("#map-choice-against")).to_have_value("departement")


def test_another_area_is_compared_anew(opened: Callable[..., Page]) -> None:
    """From an area to the whole: what it was compared with is no longer beside it."""
    page = opened(f"{SHARE}&area={LE_PUY}&against=areas&compared=244301099")
    page.locator(".panel .back").click()
    expect(page.locator("#map-panel h2")).to_have_text("Haute-Loire")
    expect(page.locator("#map-choice-against")).to_have_value("country")
    assert page.locator(".remarks").inner_text() == ""
    assert "compared" not in asked(page)
