"""Papers: their text is read by pdftotext and their pages are drawn by pdftoppm.

Each check asks `vigie report`; without that command it is skipped.
"""

from __future__ import annotations

import pytest

REPORTS = {
    "gaps.pdf": ("report", "gaps", "--language", "fr"),
    "area.pdf": ("report", "area", "--level", "epci", "--area", "200073419", "--language", "fr"),
}
#: How many pages each has.
PAGES = {"gaps.pdf": range(4, 13), "area.pdf": range(2, 3)}


@pytest.mark.parametrize("name", list(REPORTS))
def test_a_paper_is_read_and_drawn(written, tool, tmp_path, name):
    path = written(name, *REPORTS[name])
    text = tool("pdftotext", "-layout", str(path), "-")
    pages = text.split("\f")[:-1]
    assert len(pages) in PAGES[name]
    assert all(page.strip() for page in pages)
    assert "Haute-Loire" in text or "Puy-en-Velay" in text
    assert "�" not in text
    tool("pdftoppm", "-r", "40", "-png", str(path), str(tmp_path / "page"))
    assert len(list(tmp_path.glob("page*.png"))) == len(pages)
