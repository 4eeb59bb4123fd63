"""Rows that are as wide as the table and no rows of it: a note, another header, a subtotal.

A strict reader of text tells them by their shape where it can (:mod:`etl.reading.structure`). What
is found here takes knowing which cells hold codes and which hold numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from etl.codes import among
from etl.source import LINE, Known, Ledger

#: A subtotal may differ so much from the sum of its rows: they are rounded.
SUM_SHARE = 0.005
#: A row without a code is looked at so often; more of them refuse the file anyway.
MOST_LOOKED_AT = 1_000
#: At least so many rows with something in them make a sum; fewer are equal by accident.
LEAST_PARTS = 2
#: So many words make a header; fewer may be a row gone wrong.
LEAST_NAMES = 3
#: What an official code looks like, whether it is known or not.
_CODE = re.compile("[0-9A-Z]*[0-9][0-9A-Z]*")
_NUMBER = re.compile(r"(?=.*[0-9])(?!.*[^\W\d_]{2}).*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2}")


def refuse_strays(
    frame: pd.DataFrame,
    code: str,
    numbers: Sequence[str],
    known: Known,
    ledger: Ledger,
    marks: Collection[str] = (),
) -> None:
    """Refuse text under the table, and a second table under the first.

    Parameters
    ----------
    frame: the rows as they were read, all text, in the order of the file, with their line.
    code: the column of the codes of areas.
    numbers: the other columns that hold numbers.
    marks: what stands for a number that is absent.

    Raises
    ------
    RejectedFile
        ``stacked_tables`` for a row without a code and without a number whose cells all differ
        and all hold words; ``unknown_trailer`` for last rows without a code and without a number.
    """
    if frame.empty:
        return
    is_stray = ~frame[code].str.fullmatch(_CODE.pattern).to_numpy(dtype=bool)
    is_stray &= ~among(frame[code], frozenset().union(*known.areas.values())).to_numpy()
    for name in numbers:
        is_stray[is_stray] = [
            _NUMBER.fullmatch(cell) is None and (cell == "" or cell not in marks)
            for cell in frame.loc[is_stray, name]
        ]
    for place in np.flatnonzero(is_stray)[:MOST_LOOKED_AT]:
        if _is_header(frame, code, int(place)):
            raise ledger.reject(
                "stacked_tables",
                "un second tableau commence ici",
                "a second table begins here",
                line=int(frame[LINE].iloc[place]),
                mend_fr="Faire un fichier de chaque tableau.",
                mend_en="Make one file of each table.",
            )
    trailing = int(is_stray[::-1].cumprod().sum())
    if 0 < trailing < len(frame):
        raise ledger.reject(
            "unknown_trailer",
            "le tableau est suivi d’un texte qui n’est pas déclaré",
            "the table is followed by a text that is not declared",
            line=int(frame[LINE].iloc[-trailing]),
            rows=trailing,
            mend_fr="Retirer ces lignes du fichier.",
            mend_en="Remove these lines from the file.",
        )


def _is_header(frame: pd.DataFrame, code: str, place: int) -> bool:
    """Whether the stray row at this place names columns, each by words of its own.

    Two words may be a row gone wrong: the codes must then begin again under it.
    """
    cells = [str(cell) for cell in frame.drop(columns=LINE).iloc[place]]
    if len(set(cells)) < len(cells) or not all(map(_WORD.search, cells)):
        return False
    codes = frame[code].tolist()
    begins_again = place + 1 < len(codes) and codes[place + 1] in codes[:place]
    return len(cells) >= LEAST_NAMES or (len(cells) > 1 and begins_again)


def refuse_subtotals(
    frame: pd.DataFrame, code: str, values: pd.DataFrame, group: Sequence[str], ledger: Ledger
) -> None:
    """Refuse rows without a code that hold the sum of others: they would be counted twice.

    Any other row without a code is left to be held back by itself.

    Parameters
    ----------
    frame: the rows, in the order of the file, with their line and the column ``code``.
    values: what each row counts, a column a quantity that adds up; NaN where unknown.
    group: the columns that part the rows into those that add up; a blank cell in a subtotal
        stands for all of them.

    Raises
    ------
    RejectedFile
        ``subtotal_row``, at the first of them.
    """
    is_blank = frame[code].eq("").to_numpy(dtype=bool)
    places = np.flatnonzero(is_blank)[:MOST_LOOKED_AT]
    before = -1
    for place in places:
        row = frame.iloc[place]
        alike = ~is_blank
        for name in group:
            if row[name] != "":
                alike &= frame[name].eq(row[name]).to_numpy(dtype=bool)
        above = alike & (np.arange(len(frame)) > before) & (np.arange(len(frame)) < place)
        before = int(place)
        if _is_sum(values.iloc[place], values[alike]) or _is_sum(values.iloc[place], values[above]):
            raise ledger.reject(
                "subtotal_row",
                "ligne sans code qui est la somme des autres",
                "a row without a code that is the sum of others",
                line=int(row[LINE]),
                column=code,
                mend_fr="Retirer les lignes de sous-totaux et de totaux.",
                mend_en="Remove the rows of subtotals and totals.",
            )


def _is_sum(total: pd.Series, parts: pd.DataFrame) -> bool:
    """Whether each quantity of a row is the sum of those rows."""
    filled = total.dropna()
    if not np.isfinite(filled).all() or not (filled > 0).any():
        return False
    for name, value in filled.items():
        column = parts[name]
        if (column > 0).sum() < LEAST_PARTS:
            return False
        if abs(float(value) - float(column.sum())) > SUM_SHARE * abs(float(value)):
            return False
    return True


def with_zeros(
    frame: pd.DataFrame,
    code: str,
    level: str | pd.Series,
    known: Known,
    ledger: Ledger,
    key: Sequence[str] = (),
) -> pd.DataFrame:
    """The rows, a lost leading zero given back to the codes that are known with one.

    Parameters
    ----------
    frame: rows with their line and the column ``code``.
    level: the level of the codes: one, or that of each row, on the index of ``frame``.
    key: the columns that, with ``code``, name a row once. Where another row has the key of a
        mended one, that one is held back as it is: the other stands.
    """
    pairs = pd.DataFrame({"level": level, "code": frame[code]}, index=frame.index)
    found = {
        (where, text): whole
        for where, text in pairs.drop_duplicates().itertuples(index=False)
        if (whole := _whole_code(text, known.areas.get(where, frozenset())))
    }
    if not found:
        return frame
    mended = pd.Series(
        [found.get(pair) for pair in zip(pairs["level"], pairs["code"], strict=True)],
        index=frame.index,
        dtype="object",
    )
    is_mended = mended.notna()
    made = frame.assign(**{code: mended.where(is_mended, frame[code]).astype("str")})
    if key:
        names = [code, *key]
        others = pd.MultiIndex.from_frame(frame.loc[~is_mended, names])
        is_twice = is_mended & pd.MultiIndex.from_frame(made[names]).isin(others)
        ledger.quarantine(
            frame.loc[is_twice, LINE],
            "code_twice",
            "code sans son zéro initial, et une autre ligne porte le code entier",
            "code without its leading zero, and another row has the whole code",
            column=code,
            mend_fr="Garder la bonne ligne.",
            mend_en="Keep the right row.",
        )
        is_mended &= ~is_twice
        made[code] = made[code].where(is_mended, frame[code])
    if is_mended.any():
        first = frame[is_mended].iloc[0]
        ledger.note(
            "padded",
            f"{is_mended.sum()} : zéro initial perdu, rendu au code",
            f"{is_mended.sum()}: lost leading zero given back to the code",
            line=int(first[LINE]),
            column=code,
            sample=str(first[code]),
            rows=int(is_mended.sum()),
        )
    return made


def _whole_code(text: str, areas: frozenset[str]) -> str | None:
    """The known code that this one is with its leading zeros, or None."""
    if text in areas or not re.fullmatch("[0-9]+", text):
        return None
    wider = {len(area) for area in areas if len(area) > len(text)}
    found = [text.zfill(width) for width in wider if text.zfill(width) in areas]
    return found[0] if len(found) == 1 else None
