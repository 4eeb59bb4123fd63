"""Tables of one compilation of public figures (jamesmica/terribot): all of France, level by level.

From: the producers named in each passport, gathered in one Parquet file a table (`terribot_columns`
says what each column counts). One column ``id`` mixes the levels and has lost its zeros: ``D1`` is
a département, ``1001`` a commune, nine digits an EPCI, ``R84`` a région, ``FR`` the country.
Relied on: that shape of ``id``; numbers; ``ND`` for a figure that is not released; a blank for one
that does not exist.

The communes of Paris, Lyon and Marseille mostly stand at zero beside their arrondissements: their
figure is then the sum of these, or missing where it cannot be summed; an arrondissement is never
loaded for itself. Regions and the country are left out: the compiler summed or averaged their
parts, without weights.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import parquet_frame
from etl.source import LINE, TERRITORY, Known, Ledger, Staged
from etl.sources.terribot_columns import TABLES
from etl.sources.wide_table import Columns, carried, long_figures, measured_columns
from geodata.catalogue.nouns import SourceEntry, Variable
from geodata.model import Additivity, Status

MARKS = {"ND": Status.SUPPRESSED}
COMMUNE = r"(?P<commune>[0-9]{4,5}|2[AB][0-9]{3})"
EPCI = r"(?P<epci>2[0-9]{8})"
PLACES = rf"D(?P<departement>[0-9]{{1,3}}|2[AB])|{EPCI}|{COMMUNE}|(?P<whole>R[0-9]{{2}}B?|FR)"
#: Accounts of social centres: départements are ``COM-D1``; letters are strata of communes by size.
ACCOUNTS = (
    rf"COM-D(?P<departement>[0-9]{{1,3}}|20[AB])|{EPCI}|{COMMUNE}"
    r"|(?P<again>COM-[0-9]{9}|EPCI-D[0-9]{1,3}|EPCI-D20[AB])"
    r"|(?P<stratum>(?:COM|EPCI)-(?:D[0-9]{1,2}[AB]?|D97[0-9]|R[0-9]{2}|FR?)[ABCD])"
    r"|(?P<whole>(?:COM|EPCI)-FR)"
)
#: Parts of the Métropole du Grand Paris, which is the EPCI: counted with it.
GRAND_PARIS_PARTS = frozenset(
    f"2000{number}"
    for number in (57867, 57875, 57941, 57966, 57974, 57982, 57990, 58006, 58014, 58097, 58790)
)
DROPPED = {
    "blank": ("blank_row", "ligne vide", "blank row"),
    "whole": (
        "sum_or_mean_of_parts",
        "régions et France : sommes ou moyennes sans poids faites par le compilateur",
        "regions and France: sums or unweighted means made by the compiler",
    ),
    "again": (
        "repeated_total",
        "total déjà donné sous un autre nom",
        "total already given under another name",
    ),
    "stratum": (
        "mean_of_stratum",
        "moyenne des communes d’une même taille",
        "mean of the communes of one size",
    ),
    "grand_paris": (
        "part_of_grand_paris",
        "territoires de la Métropole du Grand Paris : comptés avec elle",
        "territories of the Métropole du Grand Paris: counted with it",
    ),
}
LEVELS = ("departement", "epci", "commune")
#: Tables whose zeros are zeros: a commune without school or childcare place.
TRUE_ZEROS = ("menj", "paccueil")
#: Tables of what no département is without: where all its communes have none, nobody counted.
NEVER_NONE = ("et_civil", "paccueil")
#: Fewest communes of a département that can be told apart from a place that truly has none.
FEWEST = 5
#: Tables whose rates the compiler averaged over communes, without weights, for wider areas.
PLAIN_MEANS = ("apl", "menj")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure`` for one table of the compilation (``options.table``).

    Raises
    ------
    RejectedFile
        When the file is no such Parquet file, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    table = str(entry.options["table"])
    columns = TABLES[table]
    frame = parquet_frame(content, ("id", *columns), ledger)
    frame = ledger.begin(frame.apply(_as_text), known.mends)
    edition = entry.options.get("edition")
    shapes = ACCOUNTS if table == "ccas" else PLACES
    rows = _placed(frame, shapes, edition, known, ledger)
    values, statuses = measured_columns(rows, columns, known, ledger, marks=MARKS)
    if table == "ccas":
        _silence_empty_accounts(values, statuses, ledger)
    if entry.options.get("zero"):
        _silence_zeros(values, statuses, columns, Status(str(entry.options["zero"])), known)
    _count_parts_with_their_whole(rows, values, statuses, columns, known, ledger)
    rows = ledger.kept(rows)
    if table in NEVER_NONE:
        _silence_empty_parts(rows, values, statuses, known, ledger)
    if table not in TRUE_ZEROS:
        _tell_small_numbers(
            values.loc[rows.index[rows["level"] == "commune"]], columns, known, ledger
        )
    if table in PLAIN_MEANS:
        ledger.warn(
            "plain_means",
            "indices des EPCI et des départements : moyennes des communes, sans poids",
            "rates of EPCI and départements: means of their communes, without weights",
        )
    figures = long_figures(rows, values, statuses, columns, entry.id)
    if edition:
        figures = carried(figures, edition, known, ledger)
    return ledger.staged({"figure": figures})


def _as_text(column: pd.Series) -> pd.Series:
    """A typed column as text, whole numbers without a decimal point; a blank is empty."""
    if column.name == LINE or not pd.api.types.is_numeric_dtype(column):
        return column if column.name == LINE else column.fillna("").astype("str").str.strip()
    whole = column.dropna().mod(1).eq(0).all()
    text = (column.astype("Int64") if whole else column).astype("str")
    return text.where(column.notna(), "")


def _placed(
    frame: pd.DataFrame, shapes: str, edition: str | None, known: Known, ledger: Ledger
) -> pd.DataFrame:
    """The rows with their ``level`` and ``area_id``; ``part_of`` where they are part of a commune.

    Rows that are no area of ours are dropped by a named rule; those of an unknown shape are held.
    """
    ids = frame["id"]
    shape = ids.str.extract(f"^(?:{shapes})$")
    shape["blank"] = ids.where(ids == "")
    shape["grand_paris"] = ids.where(ids.isin(GRAND_PARIS_PARTS))
    for name, (code, fr, en) in DROPPED.items():
        if name in shape:
            ledger.drop(frame.loc[shape[name].notna(), LINE], code, fr, en, column="id")
    odd = frame[shape.isna().all(axis=1)]
    if len(odd):
        ledger.quarantine(
            odd[LINE],
            "unknown_area_shape",
            "l’identifiant n’est ni une commune, ni un EPCI, ni un département",
            "the id is neither a commune, nor an EPCI, nor a département",
            column="id",
            sample=odd["id"].iloc[0],
            mend_fr="Écrire le code officiel de l’aire.",
            mend_en="Write the official code of the area.",
        )
    rows = ledger.kept(frame).copy()
    shape = shape.loc[rows.index]
    departement = shape["departement"].str.replace("^20([AB])$", r"2\1", regex=True)
    rows["level"] = "commune"
    for level in ("epci", "departement"):
        rows.loc[shape[level].notna(), "level"] = level
    rows["area_id"] = (
        shape["commune"].str.zfill(5).fillna(shape["epci"]).fillna(departement.str.zfill(2))
    )
    _tell_lost_zeros(rows, ledger)
    rows["part_of"] = rows["area_id"].map(known.catalogue.territory.parts)
    own = rows["part_of"].isna()
    for level in LEVELS:
        chosen = rows[own & (rows["level"] == level)]
        rows.loc[chosen.index, "area_id"] = located(
            chosen, "area_id", level, known, ledger, edition=edition, is_kept_at_edition=True
        )
    no_duplicates(ledger.kept(rows), ["level", "area_id"], ledger)
    return ledger.kept(rows)


def _tell_lost_zeros(rows: pd.DataFrame, ledger: Ledger) -> None:
    short = rows["id"].str.len().lt(5) & (rows["level"] == "commune")
    if short.any():
        ledger.note(
            "padded",
            f"{short.sum()} : zéro initial perdu, rendu au code",
            f"{short.sum()}: lost leading zero given back to the code",
            line=int(rows.loc[short, LINE].iloc[0]),
            column="id",
            rows=int(short.sum()),
        )


def _count_parts_with_their_whole(
    rows: pd.DataFrame,
    values: pd.DataFrame,
    statuses: pd.DataFrame,
    columns: Columns,
    known: Known,
    ledger: Ledger,
) -> None:
    """Give a commune at zero or without figure the sum of its arrondissements; drop these."""
    is_part = rows["part_of"].notna()
    values.loc[rows[LINE].isin(list(ledger.quarantined)) & is_part] = float("nan")
    places = dict(zip(rows.loc[~is_part, "area_id"], rows.index[~is_part], strict=True))
    for whole, parts in rows[is_part].groupby("part_of").groups.items():
        if whole not in places:
            continue
        at = places[whole]
        for column, (name, _period) in columns.items():
            theirs = values.loc[parts, column]
            if values.loc[[at], column].gt(0).all() or not theirs.gt(0).any():
                continue
            value, status = _sum(theirs, known.catalogue.variables[name])
            values.at[at, column], statuses.at[at, column] = value, status
    ledger.drop(
        rows.loc[is_part, LINE],
        "counted_with_its_commune",
        "arrondissements municipaux : comptés avec leur commune",
        "municipal arrondissements: counted with their commune",
        column="id",
    )


def _sum(parts: pd.Series, variable: Variable) -> tuple[float, str]:
    """The sum of some parts and its status; missing where one lacks or they cannot be summed."""
    if variable.additivity is Additivity.NO or parts.isna().any():
        return float("nan"), Status.MISSING.value
    is_exact = variable.additivity is Additivity.EXACT
    return float(parts.sum()), (Status.OBSERVED if is_exact else Status.ESTIMATED).value


def _silence_empty_accounts(values: pd.DataFrame, statuses: pd.DataFrame, ledger: Ledger) -> None:
    """Accounts without a single amount were not found: they are missing, not zero."""
    empty = values.eq(0).all(axis=1)
    values[empty] = float("nan")
    statuses[empty] = Status.MISSING.value
    if empty.any():
        ledger.note(
            "empty_accounts",
            f"{empty.sum()} comptes sans aucun montant : manquants, et non nuls",
            f"{empty.sum()} accounts without any amount: missing, not zero",
            rows=int(empty.sum()),
        )


def _silence_zeros(
    values: pd.DataFrame, statuses: pd.DataFrame, columns: Columns, status: Status, known: Known
) -> None:
    """Give every zero of a count the status that the entry declares (``zero = "suppressed"``)."""
    counts = [c for c, (name, _) in columns.items() if _is_count(known.catalogue.variables[name])]
    zeros = values[counts] == 0
    values[counts] = values[counts].mask(zeros)
    statuses[counts] = statuses[counts].mask(zeros, status.value)


def _silence_empty_parts(
    rows: pd.DataFrame,
    values: pd.DataFrame,
    statuses: pd.DataFrame,
    known: Known,
    ledger: Ledger,
) -> None:
    """Take as missing the zeros of a département of which every commune has none.

    Nobody counted there: births of Mayotte before 2020 are written 0, and its childcare places.
    """
    members = known.tables.get(TERRITORY, {}).get("area_membership")
    if members is None:
        return
    level = known.catalogue.territory.country_parts_level
    parent = members[members["parent_level"] == level].set_index("area_id")["parent_id"]
    finest = known.catalogue.territory.finest_level
    fine = rows.index[rows["level"] == finest]
    part = rows.loc[fine, "area_id"].map(parent)
    counted = values.loc[fine].groupby(part)
    is_empty = (counted.max() == 0) & (counted.count() >= FEWEST)
    silenced = 0
    for column in is_empty.columns:
        empty = is_empty.index[is_empty[column]]
        if not len(empty):
            continue
        inside = rows["area_id"].map(parent).isin(empty) | rows["area_id"].isin(empty)
        zero = inside & values[column].eq(0)
        values.loc[zero, column] = np.nan
        statuses.loc[zero, column] = Status.MISSING.value
        silenced += int(zero.sum())
        last, name = column, empty[0]
    if silenced:
        ledger.warn(
            "nobody_counted",
            f"{silenced} zéros d’aires dont tout le département est à zéro, dont {name} : pris "
            "pour des valeurs manquantes",
            f"{silenced} zeros of areas whose whole département is zero, such as {name}: taken "
            "as missing",
            column=last,
            rows=silenced,
        )


def _is_count(variable: Variable) -> bool:
    return variable.is_whole or variable.additivity is not Additivity.NO


def _tell_small_numbers(
    values: pd.DataFrame, columns: Columns, known: Known, ledger: Ledger
) -> None:
    """Warn of counts whose zeros hide small numbers: nothing stands between 0 and a threshold."""
    found = []
    for column, (name, _period) in columns.items():
        counts = values[column]
        smallest = counts[counts > 0].min()
        is_count = _is_count(known.catalogue.variables[name])
        if is_count and smallest > 1 and counts.eq(0).any():
            found.append(f"{column} ({smallest:g})")
    if found:
        shown = ", ".join(found)
        ledger.warn(
            "zero_may_be_small",
            f"un zéro peut être un petit nombre non diffusé ; plus petit nombre lu : {shown}",
            f"a zero may be a small number that is not released; smallest number read: {shown}",
            column=found[0].partition(" ")[0],
        )
