"""What kind of place each commune is (CSV): a typology by commune.

From: the grids of ANCT (rurality, density, centrality, mountain), one file each: `options.trait` is
our name, `options.column` theirs, `options.codes` the code of each label. Relied on: labels of the
described list; a leading space is no part of them. A label without a kind has the code
"not_applicable" or "missing", as `options.codes` says. Where `options.others` is given, the file
lists only the communes concerned: the others get that code. Codes are of the edition
`options.edition`; without it, of that of the release.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry

LEVEL = "commune"
CODE = "insee_com"


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area_trait``.

    Raises
    ------
    RejectedFile
        Not the file that is described, or more than 1 % of its rows wrong.
    """
    ledger = Ledger(entry.id, file)
    options = entry.options
    label, codes = str(options["column"]), dict(options["codes"])
    frame = ledger.begin(csv_text(content, (CODE, label), ledger), known.mends)
    for said, rows in frame[~frame[label].isin(codes.keys())].groupby(label):
        ledger.quarantine(
            rows[LINE],
            "unknown_label",
            f"catégorie inconnue : « {said} »",
            f"unknown category: {said!r}",
            column=label,
            sample=str(said),
            mend_fr="La décrire dans les options de la source.",
            mend_en="Describe it in the options of the source.",
        )
    no_duplicates(ledger.kept(frame), [CODE], ledger)
    rows = ledger.kept(frame).copy()
    rows["area_id"] = located(rows, CODE, LEVEL, known, ledger, edition=options.get("edition"))
    no_duplicates(ledger.kept(rows), ["area_id"], ledger)
    kept = ledger.kept(rows)
    traits = pd.DataFrame(
        {"area_id": kept["area_id"], "code": kept[label].map(codes), "label": kept[label]}
    )
    others = sorted(known.areas.get(LEVEL, frozenset()) - set(traits["area_id"]))
    if "others" in options:
        rest = pd.DataFrame({"area_id": others, "code": str(options["others"]), "label": ""})
        traits = pd.concat([traits, rest], ignore_index=True)
    elif others:
        ledger.warn(
            "areas_absent",
            f"communes absentes du fichier : {', '.join(others[:20])}",
            f"communes absent from the file: {', '.join(others[:20])}",
            column=CODE,
            rows=len(others),
        )
    constants = {
        "level": LEVEL,
        "trait": str(options["trait"]),
        "period": str(options["period"]),
        "source_id": entry.id,
    }
    return ledger.staged({"area_trait": traits.assign(**constants).reset_index(drop=True)})
