"""Which column holds the codes, and of which level."""

from dataclasses import replace

import pandas as pd

from etl.inspection.codes import chosen_areas, fits_of, is_code_column

COMMUNES = [f"43{n:03d}" for n in range(1, 41)]


def chosen(frame, known):
    frame = frame.astype("str")
    fits = {name: fits_of(name, frame[name], known) for name in frame.columns}
    return chosen_areas(frame, fits, known)


def test_the_column_of_codes_among_columns_of_numbers(places):
    frame = pd.DataFrame(
        {
            "population": [str(43001 + 7 * n) for n in range(40)],
            "dep": ["43"] * 40,
            "insee": COMMUNES,
            "births": [str(n) for n in range(40)],
        }
    )
    found = chosen(frame, places)
    assert (found.column, found.level, found.located) == ("insee", "commune", 40)


def test_lost_leading_zeros_are_found(places):
    frame = pd.DataFrame({"code": ["1001", "1002", "43001", "43002"], "n": ["1", "2", "3", "4"]})
    found = chosen(frame, places)
    assert (found.column, found.level, found.padded) == ("code", "commune", 0.5)


def test_parts_beside_or_instead_of_their_whole(places):
    both = pd.DataFrame({"code": [*COMMUNES, "75056", "75101", "75102"]})
    assert chosen(both, places).parts == "left_out"
    alone = pd.DataFrame({"code": [*COMMUNES, "75101", "75102"]})
    assert chosen(alone, places).parts == "summed"


def test_levels_after_the_words_of_a_column(places):
    frame = pd.DataFrame(
        {
            "GEO": [*COMMUNES, "75056", "75101", "75102", "43", "63", "01", "XX1", "XX2"],
            "KIND": ["COM"] * 41 + ["ARM"] * 2 + ["DEP"] * 3 + ["OTHER"] * 2,
            "region": ["A", "B"] * 24,
        }
    )
    found = chosen(frame, places)
    assert found.level_column == "KIND"
    assert found.levels == {"COM": "commune", "ARM": "", "DEP": "departement", "OTHER": ""}


def test_a_column_of_regions_tells_no_level(places):
    frame = pd.DataFrame({"GEO": [*COMMUNES, "ZZZZZ"], "region": ["A", "B"] * 20 + ["A"]})
    found = chosen(frame, places)
    assert (found.column, found.level, found.level_column) == ("GEO", "commune", "")


def test_levels_mixed_in_one_column(places):
    frame = pd.DataFrame({"GEO": [*COMMUNES[:6], "43", "63", "01", "FR"]})
    found = chosen(frame, places)
    assert found.mixed == ("commune", "departement", "country")


def test_no_column_of_codes(places):
    frame = pd.DataFrame({"town": ["Agnat", "Ally"], "n": ["1", "2"]})
    assert chosen(frame, places) is None


def test_codes_of_another_level_are_no_figures(places):
    cells = pd.Series(["01", "43", "63"])
    assert is_code_column(fits_of("whatever", cells, places)[0], cells, places)
    plain = pd.Series(["43", "63", "75"])
    assert is_code_column(fits_of("DEP", plain, places)[0], plain, places)
    assert not is_code_column(fits_of("births", plain, places)[0], plain, places)


def test_the_edition_is_the_latest_at_which_all_codes_stand(places):
    events = pd.DataFrame(
        [("commune", "2022-01-01", 1, "43900", "43001", "merged")],
        columns=["level", "on", "step", "before_id", "after_id", "kind"],
    )
    events = pd.concat(
        [
            events,
            events.assign(before_id="43001", after_id="43001"),
        ]
    )
    known = replace(places, tables={"events": {"area_event": events}})
    old = pd.DataFrame({"code": [*COMMUNES, "43900"]})
    assert chosen(old, known).edition == "2021"
    assert chosen(pd.DataFrame({"code": COMMUNES}), known).edition == ""


def test_codes_of_another_country(belgium):
    frame = pd.DataFrame(
        {"nuts": [f"BE{r}{p}{n}" for r in (2, 3) for p in range(1, 6) for n in range(1, 5)]}
    )
    found = chosen(frame, belgium)
    assert (found.column, found.level, found.located) == ("nuts", "arrondissement", 40)
