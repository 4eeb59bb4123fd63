"""What leaves on paper: every figure is the release's, nothing protected is in any layer."""

from __future__ import annotations

import re
import time

import pytest

from dashboard.components.area_filter import kept_gaps
from dashboard.components.gap_table import cell_text
from dashboard.paper.area_profile import area_profile, profile_key
from dashboard.paper.gap_ranking import MOST_ROWS, paper_columns
from dashboard.paper.gap_report import gap_document, gap_report
from dashboard.paper.map_plate import plate
from dashboard.paper.typesetting import pdf
from dashboard.profile import lines
from dashboard.typography import typeset, typeset_document
from tests.dashboard.pdf_text import bare, text_of

HERE = "http://127.0.0.1:8050"
CAYRES = "level=epci&area=244301123"


@pytest.mark.parametrize(
    ("path", "search"),
    [("/fr/ecarts", CAYRES), ("/en/gaps", "level=commune&only=within:epci/244301123")],
)
def test_every_printed_row_of_the_gap_report_is_that_of_the_screen(view_of, path, search):
    view = view_of(path, search)
    started = time.perf_counter()
    content = gap_report(view, HERE)
    assert time.perf_counter() - started < 60  # 10 s on a quiet machine: the bench says so
    told = text_of(content)
    rows = kept_gaps(view).rows.head(MOST_ROWS)
    assert len(rows) > 5
    for row in rows.to_dict("records"):
        cells = [
            bare(typeset(cell_text(view.words, c, row), view.words.language))
            for c in paper_columns(view)
        ]
        numbers = " ".join(cells)
        assert numbers in told, (row["name"], numbers)
    assert view.release.release_id in told
    assert f"release={view.release.release_id}" in told.replace(" ", "")


def test_the_gap_report_has_4_to_12_pages_tags_a_title_and_a_language(view_of):
    for search in ("level=commune", CAYRES):
        content = gap_report(view_of("/fr/ecarts", search), HERE)
        pages = len(re.findall(rb"/Type\s*/Page\b", content))
        assert 4 <= pages <= 12
        assert b"pdfuaid" in content
        assert b"/Lang" in content
        assert b"/MarkInfo" in content


def test_the_same_release_gives_the_same_bytes(view_of):
    view = view_of("/fr/profil", CAYRES)
    assert area_profile(view, HERE) == area_profile(view, HERE)


@pytest.mark.parametrize(
    ("path", "search"), [("/fr/profil", CAYRES), ("/en/profile", "level=departement")]
)
def test_a_profile_has_two_pages_with_every_value_of_the_area(view_of, path, search):
    view = view_of(path, search)
    content = area_profile(view, HERE)
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2
    told = text_of(content)
    for line in lines(view, profile_key(view)):
        written = view.words.value(line.value, line.status, line.indicator.decimals)
        assert bare(written) in told, line.indicator.id


def test_nothing_protected_is_in_the_text_of_a_report_or_a_map(view_of, masked_view):
    """A figure that is masked on the screen is in no layer of what leaves."""
    view, secret = masked_view
    told = (
        text_of(gap_report(view, HERE)) + bare(plate(view).sheet()) + str(gap_document(view, HERE))
    )
    assert secret not in told
    assert view.words.status("suppressed") in told


def test_what_a_name_or_a_note_says_is_never_read_as_markup(view_of):
    view = view_of("/fr/ecarts", CAYRES)
    document = gap_document(view, HERE)
    nasty = '#panic("no") $x$ *b* _i_ @ref <label> \\ #read("/etc/passwd") [x](y) // z'
    document["table"]["rows"][0]["cells"][1] = nasty
    document["summary"][0] = nasty
    told = text_of(pdf("gap_report", typeset_document(document, "fr"), view.release.made_at))
    assert '#read("/etc/passwd")' in told
    assert "root:" not in told


def test_french_has_thin_spaces_before_its_marks_and_addresses_are_left_alone():
    assert typeset("Vrai ? Oui : « 12,5 % » ; 8 min", "fr") == (
        "Vrai\u202f? Oui\u00a0: «\u00a012,5\u202f%\u00a0»\u202f; 8\u00a0min"
    )
    assert typeset("Really? Yes: 12.5%; 8 min", "en") == "Really? Yes: 12.5%; 8\u00a0min"
    kept = typeset_document({"link": "http://x/ : ?", "a": [{"svg": "a ; b"}, "a ; b"]}, "fr")
    assert kept == {"link": "http://x/ : ?", "a": [{"svg": "a ; b"}, "a\u202f; b"]}
