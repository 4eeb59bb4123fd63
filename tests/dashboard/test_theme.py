"""Light and dark in a real browser: as the machine says, then as a person chose."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

THEME = "document.documentElement.dataset.theme"


@pytest.fixture
def dark_page(page):
    page.emulate_media(color_scheme="dark")
    yield page
    page.emulate_media(color_scheme="light")


def test_the_machine_decides_until_a_person_does(dark_page, site):
    page = dark_page
    page.goto(f"{site}/fr/methodes")
    button = page.get_by_role("button", name="Thème sombre")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(THEME) == "dark"
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(THEME) == "light"
    page.emulate_media(color_scheme="light", media="print")
    page.emulate_media(media="screen")
