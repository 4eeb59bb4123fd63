"""What each table of the compilation holds: its columns -> the variable and the year they count.

From its glossary (`Glossaire.txt`) and its list of sources. Columns that are not here are left
aside. A table may be compared with the glossary line by line.
"""

from __future__ import annotations

from etl.sources.wide_table import Columns


def _yearly(variable: str, column: str, first: int, last: int) -> Columns:
    """The columns of a variable, one a year; ``{y}`` stands for two digits, ``{year}`` for four."""
    return {
        column.format(year=year, y=f"{year % 100:02d}"): (variable, str(year))
        for year in range(first, last + 1)
    }


TABLES: dict[str, Columns] = {
    "all": {
        **_yearly("caf_households", "all_{year}", 2017, 2023),
        "p_ndur": ("caf_persons", "2023"),
        "f_ars": ("ars_households", "2023"),
        "f_asf": ("asf_households", "2023"),
        "f_af": ("family_allowance_households", "2023"),
        "f_cf": ("family_supplement_households", "2023"),
        "f_ndural": ("housing_benefit_households", "2023"),
        "f_ppa": ("activity_bonus_households", "2023"),
        "p_rsa": ("rsa_persons", "2023"),
        "all_qf400": ("family_quotient_under_400", "2023"),
        "all_qf800": ("family_quotient_400_799", "2023"),
    },
    "all30": {
        **_yearly("caf_households_under_30", "all30_{year}", 2017, 2023),
        "al30": ("housing_benefit_households_under_30", "2023"),
        "ins30": ("solidarity_benefit_households_under_30", "2023"),
    },
    "rsa": _yearly("rsa_households", "rsa_{year}", 2017, 2023),
    "paje": {
        "ndurpaje": ("paje_households", "2023"),
        "ndurpajemono": ("paje_single_parent_households", "2023"),
    },
    "cmg": _yearly("cmg_households", "cmg_{year}", 2017, 2023),
    "pre_par_e": _yearly("parental_leave_benefit_households", "pre_par_e_{year}", 2017, 2023),
    "aeeh": _yearly("aeeh_households", "aeeh_{year}", 2016, 2021),
    "aah": _yearly("aah_households", "aah_{year}", 2016, 2021),
    "bas_rev": _yearly("low_income_households", "bas_rev_{year}", 2014, 2019),
    "paccueil": {
        "assmat": ("childcare_places_childminder", "2020"),
        "eaje": ("childcare_places_collective", "2020"),
        "autr": ("childcare_places_other", "2020"),
    },
    "tcg": {"tcg": ("childcare_coverage_rate_published", "2021")},
    "assmat": {
        "enf_gard16": ("children_with_childminder", "2016"),
        "enf_gard19": ("children_with_childminder", "2019"),
    },
    "filo": {
        "nbmenfisc21": ("tax_households", "2021"),
        "nbpersmenfisc21": ("tax_household_persons", "2021"),
        "med21": ("median_income", "2021"),
        "med_30": ("median_income_under_30", "2021"),
        "med_cae": ("median_income_couple_with_children", "2021"),
        "med_mono": ("median_income_single_parent", "2021"),
        "tp6021": ("poverty_rate", "2021"),
        "tp60_30": ("poverty_rate_under_30", "2021"),
        "tp60_30_39": ("poverty_rate_30_39", "2021"),
        "tp60_40_49": ("poverty_rate_40_49", "2021"),
        "tp60_50_59": ("poverty_rate_50_59", "2021"),
        "tp60_60_74": ("poverty_rate_60_74", "2021"),
        "tp60_75": ("poverty_rate_75_plus", "2021"),
        "tp60_hs": ("poverty_rate_man_alone", "2021"),
        "tp60_fs": ("poverty_rate_woman_alone", "2021"),
        "tp60_cse": ("poverty_rate_couple_without_children", "2021"),
        "tp60_cae": ("poverty_rate_couple_with_children", "2021"),
        "tp60_mono": ("poverty_rate_single_parent", "2021"),
        "tp60_complex": ("poverty_rate_complex_household", "2021"),
    },
    "et_civil": {
        **_yearly("births", "naiss{y}", 2008, 2023),
        **_yearly("deaths", "dec{y}", 2008, 2023),
    },
    "defm_an": _yearly("job_seekers", "defm{year}", 2009, 2023),
    "apl": {
        "apl_gen": ("apl_general_practitioner", "2023"),
        "apl_inf": ("apl_nurse", "2023"),
        "apl_sf": ("apl_midwife", "2023"),
    },
    "menj": {
        "prim_ips_public": ("primary_ips_public", "2023"),
        "prim_ips_prive": ("primary_ips_private", "2023"),
        "prim_elev_public": ("primary_pupils_public", "2023"),
        "prim_elev_prive": ("primary_pupils_private", "2023"),
        "col_ips_public": ("lower_secondary_ips_public", "2023"),
        "col_ips_prive": ("lower_secondary_ips_private", "2023"),
        "col_elev_public": ("lower_secondary_pupils_public", "2023"),
        "col_elev_prive": ("lower_secondary_pupils_private", "2023"),
    },
    "mi": {
        "coup_bless_fam": ("domestic_violence_recorded", "2024"),
        "viol_sex": ("sexual_violence_recorded", "2024"),
        "coup_bless_hfam": ("violence_outside_family_recorded", "2024"),
        "usage_stup": ("drug_use_recorded", "2024"),
        "trafic_stup": ("drug_trafficking_recorded", "2024"),
        **_yearly("crime_recorded", "crimdel_{y}", 2018, 2024),
    },
    "odf": {
        "rg_pop": ("health_insured", "2024"),
        "rg_0_15": ("health_insured_under_16", "2024"),
        "rg_16_24": ("health_insured_16_24", "2024"),
        "cssnp_pop": ("solidarity_cover", "2024"),
        "cssnp_0_15": ("solidarity_cover_under_16", "2024"),
        "cssnp_16_24": ("solidarity_cover_16_24", "2024"),
        "cssp_0_15": ("contributory_solidarity_cover_under_16", "2024"),
        "gen_16_24": ("no_general_practitioner_visit_16_24", "2024"),
        "trait_16_24": ("no_regular_doctor_16_24", "2024"),
        "dent_16_24": ("no_dentist_visit_16_24", "2024"),
        "ras_16_24": ("no_care_16_24", "2024"),
        "trait_16": ("no_regular_doctor_16_plus", "2024"),
    },
    "ccas": {
        "cf_ccas": ("ccas_operating_expenditure_eur", "2023"),
        "prodfonc_ccas": ("ccas_operating_income_eur", "2023"),
        "aides_ccas": ("ccas_aid_eur", "2023"),
    },
}
