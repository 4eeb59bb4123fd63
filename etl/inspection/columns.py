"""What a column holds: numbers and how they are written, marks, periods, words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from etl.reading.numbers import How, Style, said
from etl.reading.repairs import clean
from geodata.model import Status

#: Signs tried, the plainest first: the first that reads the most stands.
STYLES = ((".", ""), (",", ""), (",", " "), (".", " "), (".", ","), (",", "."), (".", "'"))
#: A column is of numbers when this share of its filled cells are, marks aside.
NUMBER_SHARE = 0.9
#: More cells than this share, with digits and no number, and the column is one of codes.
CODE_SHARE = 0.005
#: Texts of a column that are kept, when it has no more.
MOST_WORDS = 60
#: Numbers are never written so; codes are.
_ZEROS = "0[0-9]+"
_AMBIGUOUS = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}")
_PERIODS = (
    ("year", r"(?:19|20)[0-9]{2}(?:\.0+)?"),
    ("month", r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])"),
    ("school_year", r"(?:19|20)[0-9]{2}\s*[-/]\s*(?:[0-9]{2})?[0-9]{2}"),
    (
        "quarter",
        r"(?:19|20)[0-9]{2}\s*[-/ ]?\s*[TtQq][1-4]|[TtQq][1-4]\s*[-/ ]?\s*(?:19|20)[0-9]{2}",
    ),
    ("half", r"(?:19|20)[0-9]{2}\s*[-/ ]?\s*[SsHh][12]|[SsHh][12]\s*[-/ ]?\s*(?:19|20)[0-9]{2}"),
    ("day", r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[T ].*)?|[0-9]{2}/[0-9]{2}/(?:19|20)[0-9]{2}"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out of one column."""

    name: str
    filled: float
    distinct: int
    is_number: bool = False
    decimal: str = "."
    grouping: str = ""
    #: Whether every number could be thousands or a decimal: ``1.234``.
    is_ambiguous: bool = False
    #: Whether no number is written with a decimal sign.
    is_whole: bool = False
    least: float = 0.0
    greatest: float = 0.0
    #: Texts that stand for an absent figure, and how many cells have them.
    marks: Mapping[str, int] = field(default_factory=dict)
    blanks: int = 0
    #: The grammar of a period that all its cells follow.
    grammar: str = ""
    #: Its texts by frequency, when they are few.
    words: Mapping[str, int] = field(default_factory=dict)


def facts(name: str, cells: pd.Series, marks: Mapping[str, str]) -> Facts:
    """What a column of text holds; ``marks`` are those of the country."""
    counts = counted(cells, clean)
    blanks = int(counts.get("", 0))
    counts = counts.drop("", errors="ignore")
    total, distinct = int(counts.sum()), len(counts)
    words = {str(k): int(v) for k, v in counts.head(MOST_WORDS).items()}
    plain = Facts(
        name,
        total / max(1, total + blanks),
        distinct,
        blanks=blanks,
        words=words if distinct <= MOST_WORDS else {},
        grammar=_grammar(counts),
    )
    if not total:
        return plain
    texts = pd.Series(counts.index.astype("str"))
    weight = counts.to_numpy()
    best, best_share, best_read = STYLES[0], -1.0, None
    for decimal, grouping in STYLES:
        style = Style(decimal, grouping, {k: Status(v) for k, v in marks.items()}, "ratio")
        read = said(texts, style)
        share = float(weight[(read.how != How.WRONG) & (read.how != How.MARK)].sum())
        if share > best_share:
            best, best_share, best_read = (decimal, grouping), share, read
        if share == total:
            break
    assert best_read is not None
    is_number = (best_read.how != How.WRONG) & (best_read.how != How.MARK)
    found = {
        str(text): int(count)
        for text, count, is_one in zip(texts, weight, is_number, strict=True)
        if not is_one
    }
    known = sum(count for text, count in found.items() if text in marks)
    codes = sum(count for text, count in found.items() if re.search("[0-9]", text))
    if codes > CODE_SHARE * total or texts.str.fullmatch(_ZEROS).any():
        return plain
    if best_share < NUMBER_SHARE * (total - known) or not is_number.any():
        return plain
    values = best_read.value[is_number]
    values = values[~pd.isna(values)]
    if not len(values):
        return plain
    several = [text for text in texts[is_number] if "." in text or "," in text]
    return Facts(
        name,
        plain.filled,
        distinct,
        is_number=True,
        decimal=best[0],
        grouping=best[1],
        is_ambiguous=bool(several) and all(_AMBIGUOUS.fullmatch(text) for text in several),
        is_whole=bool((values == values.round()).all()) and not any(best[0] in t for t in several),
        least=float(values.min()),
        greatest=float(values.max()),
        marks=dict(sorted(found.items(), key=lambda item: -item[1])[:10]),
        blanks=blanks,
        grammar=plain.grammar,
        words=plain.words,
    )


def counted(cells: pd.Series, cleaned: Callable[[str], str]) -> pd.Series:
    """How many cells have each text once cleaned, the most frequent first."""
    counts = cells.value_counts()
    made: pd.Series = counts.groupby([cleaned(str(text)) for text in counts.index]).sum()
    return made.sort_values(ascending=False, kind="stable")


def _grammar(counts: pd.Series) -> str:
    """The grammar that every text follows, or nothing."""
    if counts.empty or len(counts) > 2000:
        return ""
    texts = pd.Series(counts.index.astype("str"))
    for name, pattern in _PERIODS:
        if texts.str.fullmatch(pattern).all():
            return name
    return ""
