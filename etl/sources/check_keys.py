"""Check keys of French identifiers: what a lost zero is repaired by, never a guess.

FINESS numbers (health and social establishments) end with a Luhn key, the letter of Corsican
numbers (2A, 2B) counting as 1 or 2. All the numbers of Eurostat's 5,368 hospitals
and of DREES's 3,975 establishments (with their 3,975 legal entities) satisfy it, overseas
included. UAI numbers (schools) end with the letter of rank ``digits mod 23`` in the alphabet
without I, O and Q; all 40,630 schools of 2022 satisfy it.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import luhn_ok
from etl.source import LINE, Ledger

_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def have_finess_keys(numbers: pd.Series[str]) -> pd.Series[bool]:
    """Whether each text is nine characters, a FINESS number with its right Luhn key."""
    digits = numbers.str.replace(r"^2A", "21", regex=True).str.replace(r"^2B", "22", regex=True)
    return luhn_ok(digits) & numbers.str.len().eq(9)


def has_uai_key(number: str) -> bool:
    """Whether a UAI number ends with its right letter."""
    digits, letter = number[:-1], number[-1:]
    if len(number) != 8 or not (digits.isascii() and digits.isdigit()):
        return False
    return _UAI_LETTERS[int(digits) % 23] == letter


def finess_numbers(frame: pd.DataFrame, column: str, ledger: Ledger) -> pd.Series[str]:
    """The FINESS numbers of a column, their lost leading zero put back, aligned with ``frame``.

    A number one digit short takes a zero only when its key then is right (a note says how many);
    any other that is not well formed with its key is held back.
    """
    found = frame[column].str.upper()
    short = found.str.fullmatch("[0-9]{8}").astype(bool)
    found = found.where(~short, "0" + found)
    is_right = have_finess_keys(found)
    mended = short & is_right
    if mended.any():
        ledger.note(
            "leading_zero",
            f"zéro initial remis à {mended.sum()} numéros FINESS (clé vérifiée)",
            f"leading zero put back in {mended.sum()} FINESS numbers (key checked)",
            line=int(frame.loc[mended, LINE].iloc[0]),
            column=column,
            rows=int(mended.sum()),
        )
    hold_wrong_keys(frame, ~is_right, column, "FINESS", ledger)
    return found


def hold_wrong_keys(
    frame: pd.DataFrame, wrong: pd.Series[bool], column: str, kind: str, ledger: Ledger
) -> None:
    """Hold back the rows whose identifier has not its right key."""
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "bad_identifier",
            f"numéro {kind} mal formé ou de clé fausse",
            f"{kind} number badly formed or of a wrong key",
            column=column,
            sample=str(frame.loc[wrong, column].iloc[0]),
            mend_fr=f"Vérifier le numéro {kind} dans son répertoire (zéro initial perdu ?).",
            mend_en=f"Check the {kind} number in its register (lost leading zero?).",
        )
