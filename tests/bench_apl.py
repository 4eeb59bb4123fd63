"""Our accessibility of general practitioners beside the one that DREES publishes (`make bench`).

Ours: doctors of the survey of equipment of 2018, counted as heads, shared out by E2SFCA over the
whole population, with the time of a straight line. Theirs (APL, 2023): consultations, ages, roads.
They are not the same quantity, so ranks are compared, not values.
"""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from geodata.schema import area_membership, coverage, figure

SERVICE, PUBLISHED = "general_practitioner", "apl_general_practitioner"
#: The département whose communes are told apart.
ONE = "43"


def side_by_side(engine: sa.Engine) -> pd.DataFrame:
    """One row a commune: our access, density and minutes, the published APL, the département."""
    ours = sa.select(
        coverage.c.area_id,
        coverage.c.coverage,
        coverage.c.demand,
        coverage.c.supply,
        coverage.c.nearest_minutes,
    ).where(coverage.c.service == SERVICE, coverage.c.level == "commune")
    theirs = sa.select(figure.c.area_id, figure.c.value.label("published")).where(
        figure.c.variable == PUBLISHED, figure.c.level == "commune", figure.c.period == "2023"
    )
    part = sa.select(
        area_membership.c.area_id, area_membership.c.parent_id.label("departement")
    ).where(area_membership.c.level == "commune", area_membership.c.parent_level == "departement")
    with engine.connect() as connection:
        frames = [
            pd.read_sql(query, connection).set_index("area_id") for query in (ours, theirs, part)
        ]
    made = frames[0].join(frames[1]).join(frames[2])
    made["raw"] = made["supply"] / made["demand"]
    return made.dropna(subset=["coverage", "published"])


def correlations(communes: pd.DataFrame) -> dict[str, float]:
    """Spearman's rank correlation of each of our measures with the published one."""
    measures = {
        "shared out (E2SFCA)": communes["coverage"],
        "minutes to the nearest, reversed": -communes["nearest_minutes"],
        "doctors of the commune per resident": communes["raw"],
    }
    return {
        name: float(spearmanr(values, communes["published"]).statistic)
        for name, values in measures.items()
    }


def told(console: Console, engine: sa.Engine) -> None:
    """Print the rank correlations for the whole country and for one département."""
    communes = side_by_side(engine)
    if communes.empty:
        console.print("No release with both our accessibility and the published one.")
        return
    table = Table(
        "our measure of 2018, with the APL of 2023",
        "France",
        f"département {ONE}",
        title="Access to general practitioners: rank correlation (Spearman) over communes",
    )
    one = communes[communes["departement"] == ONE]
    here, there = correlations(communes), correlations(one)
    for name in here:
        table.add_row(name, f"{here[name]:.2f}", f"{there[name]:.2f}")
    table.add_row("communes", f"{len(communes):,}", f"{len(one):,}")
    console.print(table)
    console.print(
        "What parts them: five years (retirements, new health centres); doctors counted as heads, "
        "theirs by the consultations they give; no ages here; a straight line at one speed here, "
        "roads there. Sharing out explains more than nearness, and nearness more than what stands "
        "in the commune itself."
        if here["shared out (E2SFCA)"] == max(here.values())
        else "Sharing out is not the closest of the three here: look into it."
    )
