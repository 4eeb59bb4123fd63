"""Every reader of a source, on one page. `sources.toml` lists the files, in reading order.

| reader | module | what it makes ours |
|---|---|---|
| areas | territory | areas, their contours, seats and legal populations |
| membership | membership | which area belongs to which |
| figures | figures | what producers counted, by area, variable and period |
| services | services | services, where they stand and how many they take |
| equipment | equipment | counts of equipment by commune |
"""

from __future__ import annotations

from etl.source import Stage
from etl.sources import equipment, figures, membership, services, territory


def readers() -> dict[str, Stage]:
    """The function that stages each kind of file, by the reader's name in `sources.toml`."""
    return {
        "areas": territory.stage,
        "membership": membership.stage,
        "figures": figures.stage,
        "services": services.stage,
        "equipment": equipment.stage,
    }
