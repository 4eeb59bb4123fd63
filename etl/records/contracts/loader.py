"""Read the contracts' text, check it, and return it as frozen descriptions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from geodata.catalogue.nouns import Text

#: What a cell may be. ``id`` is hashed at the door; ``month`` keeps no day; ``area`` is a code of
#: the finest level of the territory.
TYPES = ("id", "code", "date", "month", "whole", "number", "area")
#: The text of the columns that every contract has.
EVERY = "every"


class ContractError(ValueError):
    """A contract's text contradicts itself; the message names the contract and the column."""


@dataclass(frozen=True, slots=True)
class Value:
    """An allowed code: its words, and the group it is counted in."""

    code: str
    name: Text
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells may be, and how they must agree with others."""

    name: str
    type: str
    about: Text
    is_required: bool = False
    is_key: bool = False
    #: Whether the cell says something of the whole file, and is the same on every row.
    is_of_file: bool = False
    #: Numbers of one domain get one pseudonym in every file.
    domain: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    #: The contract whose column of the same name must hold the number.
    references: str | None = None
    #: Whether a row whose number is not there is held back, or only counted.
    is_strict: bool = True
    not_before: str | None = None
    not_after: str | None = None
    #: The column that is filled exactly when this one is.
    goes_with: str | None = None
    #: The column that this one may be filled only beside.
    only_with: str | None = None
    #: The column one of which, this one or that, is filled on every row.
    or_else: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """The layout of one extract; ``unit`` says what one counts when counting its rows."""

    id: str
    name: Text
    about: Text
    unit: Text
    columns: Mapping[str, Column]
    #: Calendar months within which the legal time runs out.
    limit_months: int | None = None
    #: Days within which the authority wants the youngest to be assessed: its own target.
    target_days: int | None = None
    #: Days within which an ordered placement should have begun.
    begun_within_days: int | None = None
    #: The date at which nobody is over the oldest age; empty: the day of the extract.
    age_on: str | None = None
    #: What a number keeps from one extract to the next: column of the number -> column.
    stable: Mapping[str, str] = field(default_factory=dict)
    #: The group of kinds that a child is not expected to be in twice on one day.
    one_at_once: str | None = None

    @property
    def key(self) -> Column:
        """The column whose number tells one row from another."""
        return next(column for column in self.columns.values() if column.is_key)


@cache
def contracts() -> dict[str, Contract]:
    """Every contract by its id, read once per process.

    Raises
    ------
    ContractError
        When a key is missing or unknown, or a column names one that is not there.
    """
    root = resources.files("etl.records.contracts")
    return checked_contracts(
        {
            path.name.removesuffix(".toml"): path.read_bytes()
            for path in root.iterdir()
            if path.name.endswith(".toml")
        }
    )


def checked_contracts(text: Mapping[str, bytes]) -> dict[str, Contract]:
    """Contracts from the bytes of their files, by name; see :func:`contracts` for errors."""
    raw = {}
    for name in sorted(text):
        try:
            raw[name] = tomllib.loads(text[name].decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ContractError(f"{name}.toml cannot be read: {error}") from error
    every = raw.pop(EVERY)["columns"]
    made = {name: _contract(name, entry, every) for name, entry in raw.items()}
    for contract in made.values():
        _check(contract, made)
    return made


def _contract(name: str, entry: dict[str, Any], every: dict[str, Any]) -> Contract:
    left = dict(entry)
    try:
        contract = Contract(
            id=name,
            name=_text(left.pop("name")),
            about=_text(left.pop("about")),
            unit=_text(left.pop("unit")),
            columns={
                key: _column(name, key, dict(column))
                for key, column in {**left.pop("columns"), **every}.items()
            },
            limit_months=left.pop("limit_months", None),
            target_days=left.pop("target_days", None),
            begun_within_days=left.pop("begun_within_days", None),
            age_on=left.pop("age_on", None),
            stable=dict(left.pop("stable", {})),
            one_at_once=left.pop("one_at_once", None),
        )
    except (KeyError, TypeError) as error:
        raise ContractError(f"{name}.toml: {error!r}") from error
    if left:
        raise ContractError(f"{name}.toml: unknown keys {sorted(left)}")
    return contract


def _column(name: str, key: str, left: dict[str, Any]) -> Column:
    values = {}
    for code, words in left.pop("values", {}).items():
        rest = dict(words)
        group = rest.pop("group", None)
        values[code] = Value(code, _text(rest), group)
    try:
        column = Column(
            name=key,
            type=left.pop("type"),
            about=_text(left.pop("about")),
            is_required=left.pop("required", False),
            is_key=left.pop("is_key", False),
            is_of_file=left.pop("is_of_file", False),
            domain=left.pop("domain", None),
            values=values,
            minimum=left.pop("minimum", None),
            maximum=left.pop("maximum", None),
            references=left.pop("references", None),
            is_strict=left.pop("is_strict", True),
            not_before=left.pop("not_before", None),
            not_after=left.pop("not_after", None),
            goes_with=left.pop("goes_with", None),
            only_with=left.pop("only_with", None),
            or_else=left.pop("or_else", None),
        )
    except KeyError as error:
        raise ContractError(f"{name}.toml, [{key}]: {error} is missing") from error
    if left:
        raise ContractError(f"{name}.toml, [{key}]: unknown keys {sorted(left)}")
    return column


def _text(words: Mapping[str, str]) -> Text:
    text = Text(**words)
    if not text.fr or not text.en:
        raise ContractError("words are needed in fr and en")
    return text


def _check(contract: Contract, all_of_them: Mapping[str, Contract]) -> None:
    where = f"{contract.id}.toml"
    keys = [column.name for column in contract.columns.values() if column.is_key]
    if len(keys) != 1:
        raise ContractError(f"{where}: one column is the key, not {len(keys)}")
    named = [contract.age_on, *contract.stable, *contract.stable.values()]
    for name in named:
        if name is not None and name not in contract.columns:
            raise ContractError(f"{where} names {name}: no such column")
    for column in contract.columns.values():
        here = f"{where}, [{column.name}]"
        if column.type not in TYPES:
            raise ContractError(f"{here}: unknown type {column.type!r}")
        if (column.type == "code") != bool(column.values):
            raise ContractError(f"{here}: a code has values, and only a code")
        if (column.type == "id") != (column.domain is not None):
            raise ContractError(f"{here}: a number has a domain, and only a number")
        others = (column.not_before, column.not_after, column.goes_with)
        for other in (*others, column.only_with, column.or_else):
            if other is not None and other not in contract.columns:
                raise ContractError(f"{here} names {other}: no such column")
        parent = column.references
        if parent is not None and column.name not in getattr(
            all_of_them.get(parent), "columns", {}
        ):
            raise ContractError(f"{here} refers to {parent}: it has no such column")
