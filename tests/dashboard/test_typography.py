"""The spaces of a language: on paper each text, on the screen the answers, in files none."""

from __future__ import annotations

import json

import pytest

from dashboard.typography import typeset, typeset_json
from dashboard.wording import texts


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Source : CNAF ; INSEE", "Source\u00a0: CNAF\u202f; INSEE"),
        ("Sûr ? Oui !", "Sûr\u202f? Oui\u202f!"),
        ("« Espaces » (95 %)", "«\u00a0Espaces\u00a0» (95\u202f%)"),
        ("à 05:00, /fr/carte?a=b;c", "à 05:00, /fr/carte?a=b;c"),
        ("%{x} puis %{y}, %d %B", "%{x} puis %{y}, %d %B"),
        ("12,5\u00a0% et déjà\u00a0: fait", "12,5\u00a0% et déjà\u00a0: fait"),
    ],
)
def test_a_text_within_an_answer_is_set_once(text, made):
    for is_ascii in (True, False):
        sent = json.dumps({"a : b": [text, 1.5]}, ensure_ascii=is_ascii)
        told = typeset_json(sent)
        assert list(json.loads(told).values()) == [[made, 1.5]]
        assert typeset_json(told) == told


def test_no_english_text_is_changed():
    for key, text in texts("en").items():
        if key.endswith(".legal_year"):  # a pattern that the server reads with
            continue
        assert typeset_json(json.dumps(text)) == json.dumps(text), text


def test_the_screen_is_set_as_paper_is_where_signs_are_concerned():
    for text in texts("fr").values():
        on_screen = json.loads(typeset_json(json.dumps(text)))
        assert typeset(on_screen, "fr") == typeset(text, "fr"), text


def test_no_line_of_a_page_may_begin_with_a_mark(page, site):
    for path in ("carte?level=commune", "ecarts", "profil", "priorites", "donnees", "methodes"):
        page.goto(f"{site}/fr/{path}")
        page.wait_for_load_state("networkidle")
        shown = page.locator("main").evaluate("one => one.textContent")
        assert "\u00a0:" in shown
        assert not [mark for mark in (" :", " ;", " ?", " !", " »", "« ") if mark in shown]


def test_what_programs_read_has_the_spaces_of_a_keyboard(page, site):
    heads = page.request.get(f"{site}/fr/chaine.csv?level=epci").text().splitlines()[0]
    assert "Prévention universelle : Social" in heads
    told = page.request.get(f"{site}/api/v1/indicators?f=csv").text()
    assert "commune par commune ; seules les communes" in told
