"""The spaces of a language: on paper each text, on the screen the answers, in files none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import pytest

from dashboard.typography import typeset, typeset_json
from dashboard.wording import texts
from geodata.catalogue.nouns import Text

#: A mark that a plain space lets begin a line, or end one.
ADRIFT = re.compile("[ ][:;?!»%‰]|«[ ]")
#: The texts of a page and of its attributes where that is so.
_FOUND = """mark => {
    const found = [], adrift = new RegExp(mark);
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const isText = node.nodeType === Node.TEXT_NODE;
        if (isText && !node.parentElement.closest("script, style")) {
            found.push(node.data);
        }
        found.push(...[...(node.attributes || [])].map(one => `${one.name}=${one.value}`));
    }
    return found.filter(text => adrift.test(text));
}"""


def catalogue_texts(part, seen):
    """Every text of a catalogue, wherever it is in it."""
    if isinstance(part, Text):
        yield part
    elif id(part) not in seen:
        seen.add(id(part))
        inside = ()
        if is_dataclass(part):
            inside = [getattr(part, one.name) for one in fields(part)]
        elif isinstance(part, Mapping):
            inside = part.values()
        elif isinstance(part, list | tuple | set | frozenset):
            inside = part
        for one in inside:
            yield from catalogue_texts(one, seen)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Source : CNAF ; INSEE", "Source\u00a0: CNAF\u202f; INSEE"),
        ("Sûr ? Oui !", "Sûr\u202f? Oui\u202f!"),
        ("« Espaces » (95 %)", "«\u00a0Espaces\u00a0» (95\u202f%)"),
        ("pour 10 000 habitants, à ± 50 %", "pour 10\u202f000 habitants, à ±\u202f50\u202f%"),
        ("SIREN 100 000 123, 2 100 000", "SIREN 100 000 123, 2 100 000"),
        ("12 ‰ : {count} aires", "12\u202f‰\u00a0: {count} aires"),
        ("{name} : {share:.1f} % ; {why!r}", "{name}\u00a0: {share:.1f}\u202f%\u202f; {why!r}"),
        ("à 05:00, /fr/carte?a=b;c", "à 05:00, /fr/carte?a=b;c"),
        ("https://exemple.fr:80/a?b=c%20d!e;f", "https://exemple.fr:80/a?b=c%20d!e;f"),
        ('schedule = "yearly", naissances.csv', 'schedule = "yearly", naissances.csv'),
        ("Sûr\u202f? «\u00a0Oui\u00a0»\u202f!", "Sûr\u202f? «\u00a0Oui\u00a0»\u202f!"),
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


def test_no_french_text_leaves_a_mark_adrift(words):
    known = [text.fr for text in catalogue_texts(words, set())]
    assert len(known) > 1000
    for text in (*known, *texts("fr").values()):
        assert not ADRIFT.search(json.loads(typeset_json(json.dumps(text)))), text


def test_no_english_text_is_changed(words):
    for text in catalogue_texts(words, set()):
        assert typeset_json(json.dumps(text.en)) == json.dumps(text.en), text
    for key, text in texts("en").items():
        if key.endswith(".legal_year"):  # a pattern that the server reads with
            continue
        assert typeset_json(json.dumps(text)) == json.dumps(text), text


def test_the_screen_is_set_as_paper_is_where_signs_are_concerned():
    for text in texts("fr").values():
        on_screen = json.loads(typeset_json(json.dumps(text)))
        assert typeset(on_screen, "fr") == typeset(text, "fr"), text


@pytest.mark.parametrize(
    "path",
    [
        "carte?level=commune&layers=services",
        "ecarts?level=epci",
        "profil?level=epci&area=244301123",
        "priorites",
        "chaine?level=epci",
        "comparer?form=scatter&indicator=rsa_share&beside=poverty_rate",
        "donnees",
        "methodes",
        "interface",
        "reunion?level=epci",
    ],
)
def test_neither_texts_nor_what_is_said_of_parts_leave_a_mark_adrift(page, site, path):
    page.goto(f"{site}/fr/{path}")
    page.wait_for_load_state("networkidle")
    page.locator("h1").first.wait_for()
    assert page.evaluate(_FOUND, ADRIFT.pattern) == []


def test_what_programs_read_has_the_spaces_of_a_keyboard(page, site):
    heads = page.request.get(f"{site}/fr/chaine.csv?level=epci").text().splitlines()[0]
    assert "Prévention universelle : Social" in heads
    told = page.request.get(f"{site}/api/v1/indicators?f=csv").text()
    assert "commune par commune ; seules les communes" in told
