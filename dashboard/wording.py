"""Wording: the words, numbers and dates of the interface, in French and in English."""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from geodata.catalogue.nouns import Text
from geodata.model import PeriodKind, Status

#: Number and date customs of each language of the interface.
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
NO_BREAK = "\u00a0"


@cache
def texts(language: str) -> dict[str, str]:
    """The texts of a language by dotted key, such as ``map.title``; each key is in one file."""
    made: dict[str, str] = {}
    folder = resources.files("dashboard.texts") / language
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        for section, entries in tomllib.loads(file.read_text("utf-8")).items():
            made |= {f"{section}.{key}": text for key, text in entries.items()}
    return made


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; called with a key and what the text leaves open."""

    language: str

    def __call__(self, key: str, **parts: object) -> str:
        """The text of ``key`` with its parts filled in; KeyError when there is none."""
        text = texts(self.language)[key]
        return text.format(**parts) if parts else text

    def known(self, key: str, otherwise: str) -> str:
        """The text of ``key``, or ``otherwise`` when there is none: for ids that data bring."""
        return texts(self.language).get(key, otherwise)

    @property
    def locale(self) -> str:
        """The locale as browsers name it: fr-FR, en-GB."""
        return LOCALES[self.language].replace("_", "-")

    def of(self, text: Text) -> str:
        """A text of the catalogue in this language."""
        return text.words(self.language)

    def apart(self, parts: Iterable[str]) -> str:
        """The parts in a row, each once, apart as the language writes it."""
        return self("format.apart").join(dict.fromkeys(parts))

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands apart and exactly so many decimals; never "-0"."""
        return f"{round(value, decimals) + 0.0:,.{decimals}f}".translate(_marks(self.language))

    def plain(self, value: float) -> str:
        """A number with the decimals it has, up to two."""
        decimals = next(k for k in (0, 1, 2) if k == 2 or round(value, k) == value)
        return self.number(value, decimals)

    def signed(self, value: float, decimals: int = 0) -> str:
        """A number with its sign, plus included; zero has none."""
        written = self.number(value, decimals)
        return f"+{written}" if round(value, decimals) > 0 else written

    def count(self, value: float) -> str:
        """A count: with one decimal where it is small and not whole, as estimates are."""
        return self.number(value, 1 if abs(value) < 100 and not float(value).is_integer() else 0)

    def amount(self, value: float, decimals: int, unit: str) -> str:
        """A number and its unit, which do not part at the end of a line."""
        head, _, tail = unit.partition(" ")
        return f"{self.number(value, decimals)}{NO_BREAK}{head}{' ' if tail else ''}{tail}"

    def value(self, value: float, status: str, decimals: int) -> str:
        """A number, or the mark and word of the silence in its place; never blank, never zero."""
        if Status(status).has_value and not math.isnan(value):
            return self.number(value, decimals)
        return self(f"silence.{status}")

    def status(self, status: str) -> str:
        """The name of a status."""
        return self(f"status.{status}")

    def period(self, kind: PeriodKind, period: str) -> str:
        """A period in full: it says what it is."""
        following = str(int(period) + 1) if period.isdigit() else ""
        return self(f"period.{kind}", period=period, following=following)

    def day(self, text: str) -> str:
        """A date or moment in ISO 8601 as a day in words; any other text as it is."""
        try:
            day: date = datetime.fromisoformat(text).date()
        except ValueError:
            return text
        return str(format_date(day, "long", locale=LOCALES[self.language]))


@cache
def _marks(language: str) -> dict[int, str]:
    """What a language writes for the marks of a number as Python writes it."""
    locale = LOCALES[language]
    marks = {",": get_group_symbol(locale), ".": get_decimal_symbol(locale), "-": "\u2212"}
    return str.maketrans(marks)


def collation(name: str) -> str:
    """A name as it is sorted and sought: without accents, capitals or hyphens."""
    bare = unicodedata.normalize("NFD", name.casefold().replace("œ", "oe"))
    kept = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(kept.replace("-", " ").replace("’", " ").replace("'", " ").split())
