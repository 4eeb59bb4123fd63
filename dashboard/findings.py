"""Findings: what to know first of an area, in sentences computed from the release, with caveats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import data
from dashboard.certainty import interval_words, verdict
from dashboard.chain import chain_of
from dashboard.flags import flag_why, flags_of
from dashboard.pages import View
from dashboard.profile import Line
from dashboard.worth import DRAWN
from geodata.catalogue.nouns import ServiceCategory
from geodata.methods.benchmarks import Verdict
from geodata.methods.benchmarks import verdict as benchmarked
from geodata.model import AreaKey, Direction, Flag

#: How many are told.
MOST = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, what weakens it, and what it is drawn from; ``weight`` orders them."""

    kind: str
    text: str
    caveat: str
    weight: float
    indicator: str | None = None
    services: tuple[ServiceCategory, ...] = ()


def findings(view: View, key: AreaKey, known: Sequence[Line]) -> list[Finding]:
    """The most telling findings of an area, one of each kind before a second of any.

    No two of them are of one indicator.
    """
    found = sorted(
        [
            *_gaps(view, key),
            *_standings(view, key, known),
            *_differences(view, key, known),
            *_trends(view, key),
            *_chain(view, key),
            *_extremes(view, key, known),
        ],
        key=lambda finding: -finding.weight,
    )
    told: list[Finding] = []
    for is_new in (True, False):
        for finding in found:
            kinds = {other.kind for other in told}
            named = {other.indicator for other in told if other.indicator}
            if len(told) == MOST or finding in told or finding.indicator in named:
                continue
            if (finding.kind not in kinds) == is_new:
                told.append(finding)
    return told


def _gaps(view: View, key: AreaKey) -> Iterator[Finding]:
    """Services of which places are certainly missing; see :func:`latest_coverages`."""
    words, catalogue = view.words, view.catalogue
    for row in latest_coverages(view, key):
        service = catalogue.services[row["service"]]
        if verdict(row["gap"], row["p_gap"], row["status"]) != "shortage":
            continue
        text = words(
            "profile.finding_gap",
            service=words.of(service.name),
            places=words.number(row["gap"], 1 if row["gap"] < 100 else 0),
            unit=words.of(service.capacity_unit),
            interval=interval_words(words, row["gap_low"], row["gap_high"], row["status"]),
            need=words.number(row["need"], 1 if row["need"] < 100 else 0),
            standard=words.of(service.standard(row["standard"]).name),
        )
        share = row["gap"] / row["need"] if row["need"] > 0 else 0.0
        caveat = words("profile.caveat_gap")
        yield Finding("gap", text, caveat, 3.0 + share, services=(service,))


def latest_coverages(view: View, key: AreaKey) -> list[dict[Any, Any]]:
    """One row a service: its latest period, under the standard that is selected for it.

    Else under the first of its standards that is there.
    """
    frame, chosen = data.area_coverages(view.principal, view.release, key), view.selection
    made = []
    for service in view.catalogue.services.values():
        ours = frame[frame["service"] == service.id]
        wanted = chosen.standard if service.id == chosen.service else ""
        for standard in sorted(service.standards, key=lambda standard: standard.id != wanted):
            rows = ours[ours["standard"] == standard.id]
            if len(rows):
                made.append(rows.sort_values("period").to_dict("records")[-1])
                break
    return made


def _whole(view: View, key: AreaKey, line: Line) -> tuple[float, str]:
    """What a value is held against, and its name: the territory, or of itself the country."""
    territory = view.catalogue.territory
    if key.level == territory.area.level:
        return line.country, view.words.of(territory.country_name)
    return line.whole, view.words.of(territory.name)


def _standings(view: View, key: AreaKey, known: Sequence[Line]) -> Iterator[Finding]:
    """Indicators that are surely apart from the whole, the unfavourable ones before all."""
    words = view.words
    for line in known:
        whole, where = _whole(view, key, line)
        if not line.concern or math.isnan(line.value) or math.isnan(whole):
            continue
        if not line.value and Flag.ROUNDED in flags_of(line.flags):
            continue  # a zero of a producer that rounds is often a few that are not told
        indicator = line.indicator
        side = "unfavourable" if line.concern > 0 else "favourable"
        text = words(
            f"profile.finding_{side}",
            name=words.of(indicator.name),
            value=words.number(line.value, indicator.decimals),
            whole=words.number(whole, indicator.decimals),
            where=where,
            period=line.period,
        )
        apart = abs(line.value - whole) / max(abs(whole), 1e-9)
        base = 2.0 if line.concern > 0 else 0.2
        weight = base + 0.3 * abs(line.concern) + min(apart, 1.0) / 2
        yield Finding(f"standing_{side}", text, _caveat(view, line), weight, indicator.id)


def _differences(view: View, key: AreaKey, known: Sequence[Line]) -> Iterator[Finding]:
    """Indicators surely less favourable than the whole, by no more than areas differ by anyway.

    The interval of 95 % excludes the value of the whole, as on the map; the limits of the funnel
    do not.
    """
    words = view.words
    unfavourable = {Direction.WORSE: Verdict.HIGHER, Direction.BETTER: Verdict.LOWER}
    for line in known:
        whole, where = _whole(view, key, line)
        if line.concern or math.isnan(line.value) or math.isnan(whole) or not line.value:
            continue
        indicator, decimals = line.indicator, line.indicator.decimals
        found = Verdict.NOT_TESTED
        if line.interval != DRAWN:
            found = benchmarked(line.low, line.high, whole)
        if found is Verdict.NOT_TESTED or found is not unfavourable.get(indicator.direction):
            continue
        text = words(
            "profile.finding_differs",
            name=words.of(indicator.name),
            value=words.number(line.value, decimals),
            whole=words.number(whole, decimals),
            where=where,
            period=line.period,
        )
        low, high = (words.number(end, decimals) for end in (line.low, line.high))
        caveat = words("profile.caveat_differs", low=low, high=high)
        apart = abs(line.value - whole) / max(abs(whole), 1e-9)
        yield Finding("differs", text, caveat, 0.9 + min(apart, 1.0) / 2, indicator.id)


def _extremes(view: View, key: AreaKey, known: Sequence[Line]) -> Iterator[Finding]:
    """Indicators of which the area has the least favourable value of its level, tested or not."""
    words, named = view.words, view.catalogue.territory.level(key.level)
    for line in known:
        indicator, (lowest, *_between, highest) = line.indicator, line.spread
        worst = {Direction.WORSE: highest, Direction.BETTER: lowest}.get(indicator.direction)
        if line.concern or worst is None or line.value != worst or lowest == highest:
            continue
        text = words(
            "profile.finding_extreme",
            name=words.of(indicator.name),
            value=words.number(line.value, indicator.decimals),
            period=line.period,
            areas=words.number(line.areas),
            peers=words.of(named.name),
        )
        caveat = _caveat(view, line) or words("profile.caveat_extreme")
        apart = abs(line.value - line.whole) / max(abs(line.whole), 1e-9)
        weight = 1.0 + (0.0 if math.isnan(apart) else min(apart, 1.0) / 2)
        yield Finding("extreme", text, caveat, weight, indicator.id)


def _caveat(view: View, line: Line) -> str:
    """What weakens a value: its flags, or what its interval leaves open."""
    words = view.words
    said = [flag_why(words, flag) for flag in flags_of(line.flags)]
    if not said and not math.isnan(line.low) and line.interval != DRAWN:
        decimals = line.indicator.decimals
        low, high = (words.number(end, decimals) for end in (line.low, line.high))
        said = [words("profile.caveat_chance", low=low, high=high)]
    return " ".join(said[:2])


def _trends(view: View, key: AreaKey) -> Iterator[Finding]:
    """Series that surely get worse."""
    words = view.words
    frame = data.area_trends(view.principal, view.release, key)
    latest = frame.drop_duplicates("indicator", keep="last")
    for row in latest.to_dict("records"):
        indicator = view.catalogue.indicators.get(str(row["indicator"]))
        if indicator is None or row["verdict"] not in ("rising", "falling"):
            continue
        worsens = {"rising": Direction.WORSE, "falling": Direction.BETTER}[row["verdict"]]
        if indicator.direction != worsens:
            continue
        text = words(
            f"profile.finding_{row['verdict']}",
            name=words.of(indicator.name),
            change=words.number(abs(row["yearly_change"]), 1),
            first=row["first_period"],
            last=row["last_period"],
        )
        caveat = words("profile.caveat_trend", periods=int(row["periods"]))
        weight = 1.5 + min(abs(float(row["yearly_change"])) / 20, 1.0)
        yield Finding("trend", text, caveat, weight, indicator.id)


def _chain(view: View, key: AreaKey) -> Iterator[Finding]:
    """The first broken link of the care chain."""
    chain = chain_of(view.reader, key)
    broken = [row.step for row in chain.rows if row.is_broken] if chain else []
    if chain is not None and broken:
        known = view.catalogue.services.values()
        services = tuple(one for one in known if one.care_step in broken)
        caveat = view.words("profile.caveat_chain")
        yield Finding("chain", chain.sentence, caveat, 1.8, services=services)
