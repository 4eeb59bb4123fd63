"""What an officer's description adds to the text of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geodata.catalogue.entry import CatalogueError
from geodata.model import Chance

#: The parts of the catalogue that a description may add to.
ADDED = ("sources", "variables", "indicators")
#: Words of an entry, in the languages of the interface.
_WORDS = ("name", "short", "unit", "definition", "limits", "counted", "out_of")


def add(name: str, described: dict[str, Any], raw: dict[str, dict[str, Any]]) -> None:
    """Add what an officer described: sources, variables and indicators that are not there yet.

    A variable that is there already may be given ``sources`` and nothing else: it is read from
    them too, after those it has. Words given in one language stand for the other; an indicator
    that is published takes from its variable the words it is not given.
    """
    for part, entries in described.items():
        if part not in ADDED:
            raise CatalogueError(f"{name}: unknown part {part!r}; known: {', '.join(ADDED)}.")
        if part == "variables":
            more = {k for k in entries if k in raw[part] and set(entries[k]) == {"sources"}}
            for key in sorted(more):
                _feed(raw[part], key, entries[key]["sources"])
            entries = {key: entry for key, entry in entries.items() if key not in more}
        twice = sorted(set(entries) & set(raw[part]))
        if twice:
            raise CatalogueError(f"{name}, {part}: {', '.join(twice)} is already described.")
        raw[part] |= {key: _in_both_languages(entry) for key, entry in entries.items()}
        if part == "sources":
            raw["territory"]["sources"] = [*raw["territory"]["sources"], *entries]
    for key in described.get("indicators", {}):
        _complete(raw["indicators"][key], raw["variables"])


def _complete(indicator: dict[str, Any], variables: Mapping[str, Any]) -> None:
    """Give an added indicator what it is not given: the words of what it counts, no interval."""
    counted = variables.get(str(indicator.get("variable", "")), {})
    for words in ("name", "unit"):
        if words in counted:
            indicator.setdefault(words, counted[words])
    parts, wholes = indicator.get("numerator"), indicator.get("denominator")
    if "unit" not in indicator and parts and wholes:
        part, whole = (variables.get(str(x[0]), {}).get("unit", {}) for x in (parts, wholes))
        if part and whole:
            per = f"{float(indicator.get('per', 1)):g}"
            indicator["unit"] = {
                "fr": f"{part['fr']} pour {per} {whole['fr']}",
                "en": f"{part['en']} per {per} {whole['en']}",
            }
    if "name" in indicator:
        indicator.setdefault("short", indicator["name"])
    indicator.setdefault("chance", Chance.NONE)
    indicator.setdefault("defined_on", None)


def _feed(variables: dict[str, Any], key: str, more: Iterable[str]) -> None:
    """Let a variable be read from more sources, the least trusted last."""
    entry = dict(variables[key])
    if "derived" in entry:
        raise CatalogueError(f"variables, [{key}] is derived: it is read from no source.")
    entry["sources"] = [*(entry.get("sources") or [entry.pop("source")]), *more]
    variables[key] = entry


def _in_both_languages(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry, its words given in one language standing for the other."""
    made = dict(entry)
    for key in _WORDS:
        words = made.get(key)
        if isinstance(words, str):
            made[key] = {"fr": words, "en": words}
        elif isinstance(words, dict) and len(words) == 1 and set(words) <= {"fr", "en"}:
            made[key] = dict.fromkeys(("fr", "en"), *words.values())
    return made
