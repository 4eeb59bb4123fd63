"""Years in the names of columns."""

from etl.inspection.years import dated_names, file_year


def test_whole_years_and_two_digits_that_the_file_bears_out():
    found = dated_names(["NBMEN19", "Q219", "S80S2019", "RD", "Q3_Q1"], "FILO2019_DISP_COM.csv")
    assert {name: (one.year, one.pattern) for name, one in found.items()} == {
        "NBMEN19": ("2019", "NBMEN{yy}"),
        "Q219": ("2019", "Q2{yy}"),
        "S80S2019": ("2019", "S80S{yyyy}"),
    }
    assert not any(one.is_guess for one in found.values())


def test_prefixes_of_a_census_and_lone_suffixes_as_guesses():
    found = dated_names(["P22_POP", "P22_POP0014", "MED21", "CODGEO"], "census.csv")
    assert found["P22_POP0014"].pattern == "P{yy}_POP0014"
    assert not found["P22_POP"].is_guess
    assert (found["MED21"].year, found["MED21"].is_guess) == ("2021", True)
    assert "CODGEO" not in found


def test_numbers_that_are_no_years_are_left_alone():
    assert dated_names(["D1", "D9", "pop_0_14", "part_65"], "table.csv") == {}
    assert dated_names(["rsa_2017", "rsa_2018"], "x")["rsa_2018"].pattern == "rsa_{yyyy}"
    assert file_year("base_2021_geo2025.csv") == "2025"
    assert file_year("base.csv") == ""
