"""Invented places and posts, beside the invented caseload: how many, where, filled or not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from etl.records.volumes import Volumes

#: Children to a home, to a foster family, to a supported flat; share of beds taken.
PER_HOME, PER_FAMILY, TAKEN = 14, 1.75, 0.92
#: Cases of one key worker; concerns of one assessor in a year; people under 21 of one team.
PER_WORKER, PER_ASSESSOR, PER_TEAM = 26, 90, 8000
VACANT = 0.08
#: Share of homes and families that are beyond the territory; ages of foster carers.
BEYOND = 0.06
YOUNGEST_CARER, OLDEST_CARER = 32, 67


def places(volumes: Volumes, as_of: date, rng: np.random.Generator) -> pd.DataFrame:
    """Columns of the contract own_places, as text, without what the file says of itself."""
    areas = list(volumes.under_21)
    people = np.array([volumes.under_21[area] for area in areas])
    published = volumes.published
    beds = published["placed_in_institution"] / TAKEN
    homes = max(2, round(beds / PER_HOME))
    families = max(2, round(published["placed_in_foster_family"] / PER_FAMILY / TAKEN))
    small = max(1, homes // 4)
    kinds = ["emergency_home"] + ["children_home"] * (homes - 1)
    kinds += ["small_home"] * small + ["supported_lodging"] * small + ["foster_family"] * families
    sizes = np.concatenate(
        [
            4 + rng.multinomial(max(0, round(beds) - 4 * homes), [1 / homes] * homes),
            rng.integers(3, 8, small),
            rng.integers(4, 13, small),
            rng.integers(1, 4, families),
        ]
    )
    in_towns = people**1.3 / (people**1.3).sum()
    is_family = np.array(kinds) == "foster_family"
    old = rng.integers(400, 22 * 365, len(kinds)) + np.where(is_family, 0, 6 * 365)
    at = np.where(
        is_family,
        rng.choice(areas, len(kinds), p=people / people.sum()),
        rng.choice(areas, len(kinds), p=in_towns),
    )
    gone = (rng.random(len(kinds)) < 0.12) & is_family
    closed = rng.integers(1, 390, len(kinds))
    born = as_of.year - rng.integers(YOUNGEST_CARER, OLDEST_CARER + 1, len(kinds))
    if volumes.beside:
        is_beyond = rng.random(len(kinds)) < BEYOND
        is_beyond[0] = False
        at = np.where(is_beyond, rng.choice(list(volumes.beside), len(kinds)), at)
    return pd.DataFrame(
        {
            "place_id": [f"P{n:05d}" for n in range(1, len(kinds) + 1)],
            "kind": kinds,
            "area_id": at,
            "capacity": sizes,
            "authorised_on": [(as_of - timedelta(days=int(d))).isoformat() for d in old],
            "closed_on": [
                (as_of - timedelta(days=int(d))).isoformat() if is_gone else ""
                for d, is_gone in zip(closed, gone, strict=True)
            ],
            "holder_birth_year": np.where(is_family, born.astype(str), ""),
        }
    )


def staff(volumes: Volumes, concerns_a_year: float, rng: np.random.Generator) -> pd.DataFrame:
    """Columns of the contract own_staff, as text, without what the file says of itself."""
    published = volumes.published
    measures = sum(
        published[name]
        for name in (
            "educational_actions_administrative",
            "entrusted_administrative",
            "entrusted_judicial",
        )
    )
    areas = list(volumes.under_21)
    people = np.array([volumes.under_21[area] for area in areas])
    teams = min(max(2, round(people.sum() / PER_TEAM)), int((people > 0).sum()))
    at = rng.choice(areas, teams, replace=False, p=people / people.sum())
    workers = max(teams, round(measures / PER_WORKER))
    posts = {
        "educator": workers,
        "social_worker": max(teams, round(workers * 0.8)),
        "assessor": max(2, round(concerns_a_year / PER_ASSESSOR)),
        "psychologist": max(2, workers // 6),
        "nurse": max(2, workers // 3),
        "lead": teams,
        "office": teams,
    }
    functions = [name for name, count in posts.items() for _ in range(count)]
    team = np.arange(len(functions)) % teams
    return pd.DataFrame(
        {
            "post_id": [f"S{n:04d}" for n in range(1, len(functions) + 1)],
            "team": [f"T{n:02d}" for n in team + 1],
            "area_id": at[team],
            "function": functions,
            "full_time_equivalents": rng.choice([1.0, 0.8, 0.5], len(functions), p=[0.7, 0.2, 0.1]),
            "state": np.where(rng.random(len(functions)) < VACANT, "vacant", "filled"),
        }
    )
