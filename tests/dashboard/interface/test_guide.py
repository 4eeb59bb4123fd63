"""The guide: in both languages, without a barrier, and its line of Python is true."""

from __future__ import annotations

import ast
import html
import re

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.addresses import GUIDE_PATHS
from dashboard.interface.guide import PROBLEMS
from dashboard.wording import texts


@pytest.mark.parametrize("language", list(GUIDE_PATHS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_no_barrier_is_found(page, site, sideways, language, scheme, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(site + GUIDE_PATHS[language])
    page.locator("main h1").wait_for()
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert [part for part in sideways(page) if part != "scroll"] == []
    page.emulate_media(color_scheme="light")


def test_the_footer_and_the_methods_lead_to_it(page, site):
    page.goto(f"{site}/fr/methodes")
    page.locator(f'main a[href="{GUIDE_PATHS["fr"]}"]').wait_for()
    page.locator(f'footer a[href="{GUIDE_PATHS["fr"]}"]').click()
    page.locator("body.guide h1").wait_for()


def test_its_line_of_python_reads_the_values(site, page):
    page.goto(site + GUIDE_PATHS["en"])
    line = next(text for text in page.locator("pre code").all_text_contents() if "read_csv" in text)
    call = ast.parse(html.unescape(line), mode="eval").body
    frame = pd.read_csv(ast.literal_eval(call.args[0]), dtype={"area_id": "str"})
    assert call.func.attr == "read_csv"
    assert len(frame) == 257
    assert frame["area_id"].str.fullmatch("43[0-9]{3}").all()
    assert frame["value"].notna().any()


def test_every_problem_has_its_words():
    for language in GUIDE_PATHS:
        known = texts(language)
        for code in PROBLEMS:
            for key in (f"problem.{code}", f"problem.{code}_title", f"problem.{code}_mend"):
                assert known[key]
        found = {key for key in known if re.fullmatch(r"problem\.[a-z_]+_title", key)}
        assert found == {f"problem.{code}_title" for code in PROBLEMS}
