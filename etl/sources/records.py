"""The authority's own extracts about persons: concerns, assessments, measures, places, staff.

From: the department's own software, in the layouts of `etl/records/contracts`. Relied on: one row a
record, codes of the contract, one day of extract. Rows stay in the record-level zone; what leaves
this module is counts, and which extract they were counted from.
"""

from __future__ import annotations

import hashlib
import re

import pandas as pd

from etl.records import aggregates, crossing, door
from etl.records.areas import own_areas
from etl.records.contracts.loader import Contract, contracts
from etl.records.counting import Counting, ordered
from etl.records.folders import ZoneError
from etl.records.identity import Detector
from etl.records.pseudonyms import Key
from etl.records.vault import Extract, Zone
from etl.source import LINE, Known, Ledger, RejectedFile, Staged
from geodata.catalogue.nouns import SourceEntry, Text

#: Rows of another département above this share: it is another authority's extract.
ELSEWHERE_SHARE = 0.5
_NIR = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,])(?!\d[.]\d{10})"  # nor a long decimal number, as degrees are
    r"([1-478])[ .]?(\d{2})[ .]?(\d{2})[ .]?(\d{2}|2[ABab])"
    r"[ .]?(\d{3})[ .]?(\d{3})[ .-]?(\d{2})(?![0-9A-Za-z])"
)
_PHONE = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+|00)33[ .-]?(?:\(0\))?[ .-]?[1-9](?:[ .-]?\d{2}){4}"
    r"|0[1-9](?:[ .-]\d{2}){4})(?![0-9A-Za-z])"
)
_BARE_PHONE = re.compile(r"0[1-9]\d{8}")


def detectors() -> dict[str, tuple[Text, Detector]]:
    """What gives a person away in France: the NIR with its control key, a telephone number."""
    return {
        "nir": (Text("un numéro de sécurité sociale", "a social security number"), _is_nir),
        "phone": (Text("un numéro de téléphone", "a telephone number"), _is_phone),
    }


def _is_nir(cell: str, _is_number: bool) -> bool:
    """Whether a cell holds a NIR: 13 characters, then 97 minus their remainder by 97."""
    for found in _NIR.finditer(cell):
        body = "".join(found.groups()[:-1]).upper().replace("2A", "19").replace("2B", "18")
        if 97 - int(body) % 97 == int(found.group(7)):
            return True
    return False


def _is_phone(cell: str, is_number: bool) -> bool:
    return bool(_PHONE.search(cell)) or (not is_number and bool(_BARE_PHONE.fullmatch(cell)))


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The tables of one extract, and ``record_extract`` that names it; no record.

    ``figure`` has its counts and what is derived of them, ``mask`` why some are withheld,
    ``disclosure_audit`` what those who read the others could find of them.

    The pseudonymised records are written in the zone that ``known`` names.

    Raises
    ------
    RejectedFile
        When the file breaks its contract, tells who somebody is, is older than the last one, its
        counts cannot be protected, or the zone or the key cannot be trusted. No message ever holds
        a cell.
    """
    ledger = Ledger(entry.id, file, is_record_level=True)
    try:
        return _staged(entry, content, known, ledger)
    except RejectedFile as error:
        refusal = error
    except ZoneError as error:
        refusal = ledger.reject(
            error.code, error.fr, error.en, mend_fr=error.mend_fr, mend_en=error.mend_en
        )
    except Exception as error:  # its words may hold a cell: they are not repeated
        kind = type(error).__name__
        refusal = ledger.reject(
            "records_fault",
            f"la lecture a échoué ({kind})",
            f"reading failed ({kind})",
            mend_fr="Signaler ce défaut avec le modèle vide du contrat, jamais avec le fichier.",
            mend_en="Report this fault with the empty template, never with the file.",
        )
    raise RejectedFile(refusal.issue)  # anew: no earlier exception hangs on it


def _staged(entry: SourceEntry, content: bytes, known: Known, ledger: Ledger) -> Staged:
    if known.records is None or known.key is None:
        raise ZoneError(
            "no_zone",
            "aucune zone n’est donnée pour les données individuelles",
            "no zone is given for records about persons",
            "Lancer par vigie refresh.",
            "Run it through vigie refresh.",
        )
    zone = Zone(known.records, known.key)
    key = zone.key()
    contract = _contract(entry)
    frame = ledger.begin(door.text_rows(content, contract, detectors(), ledger), known.mends)
    said = door.facts(frame, contract, ledger)
    rows = _located(door.typed_rows(frame, contract, said, ledger), contract, known, ledger)
    rows = _pseudonymised(ledger.kept(rows), contract, key)
    extract = Extract(
        source_id=entry.id,
        snapshot_id=_snapshot_id(content, known, key),
        key_id=key.id,
        extracted_on=said.extracted_on,
        covered_since=said.covered_since,
        is_invented=said.is_invented,
        rows=len(rows),
    )
    before = crossing.check_before(extract, zone, ledger)
    crossing.check_parents(rows, contract, extract, known, zone, ledger)
    rows = ledger.kept(rows)
    crossing.check_stable(rows, contract, extract, before, zone, ledger)
    crossing.note_twice_counted(rows, contract, ledger)
    if said.is_invented:
        _warn_invented(ledger)
    ledger.settle(len(frame))
    records = rows.drop(columns=LINE)
    zone.keep(extract, records)
    return ledger.staged(
        {
            **_counted(contract, records, extract, known, zone, ledger),
            crossing.EXTRACT: pd.DataFrame([extract.row()]),
        }
    )


def _counted(
    contract: Contract,
    records: pd.DataFrame,
    extract: Extract,
    known: Known,
    zone: Zone,
    ledger: Ledger,
) -> dict[str, pd.DataFrame]:
    """The tables that records give, with those of the other extracts that they are counted with."""
    beside = crossing.records_beside(("own_concerns", "own_places"), extract, known, zone)
    own = own_areas(known)
    of = Counting(contract, ordered(records, contract), extract, own, beside)
    return aggregates.tables_of(of, known, ledger)


def recounted(entry: SourceEntry, known: Known) -> Staged | None:
    """The last extract of the zone, counted again; None when there is none.

    For a refresh after the officer has taken the file away, as they should.

    Raises
    ------
    RejectedFile
        When the zone cannot be trusted.
    """
    ledger = Ledger(entry.id, entry.id, is_record_level=True)
    try:
        zone = Zone(known.records, known.key) if known.records and known.key else None
        kept = zone.extracts(entry.id) if zone else []
        if zone is None or not kept:
            return None
        records = zone.records(entry.id, kept[-1].snapshot_id)
    except ZoneError as error:
        raise ledger.reject(
            error.code, error.fr, error.en, mend_fr=error.mend_fr, mend_en=error.mend_en
        ) from None
    if kept[-1].is_invented:
        _warn_invented(ledger)
    contract = _contract(entry)
    tables = {
        **_counted(contract, records, kept[-1], known, zone, ledger),
        crossing.EXTRACT: pd.DataFrame([kept[-1].row()]),
    }
    return Staged(tables, len(records), len(records), issues=tuple(ledger.issues))


def _contract(entry: SourceEntry) -> Contract:
    return contracts()[str(entry.options.get("contract", entry.id))]


def _warn_invented(ledger: Ledger) -> None:
    ledger.warn(
        "invented",
        "données inventées : aucun enfant, aucun agent réel",
        "invented data: no real child, no real worker",
        column="invented",
    )


def _snapshot_id(content: bytes, known: Known, key: Key) -> str:
    """One id a file, its corrections and its key: same in, same out."""
    digest = hashlib.sha256(content)
    digest.update(repr(sorted((n, sorted(c.items())) for n, c in known.mends.items())).encode())
    return f"{digest.hexdigest()}-{key.id}"


def _pseudonymised(rows: pd.DataFrame, contract: Contract, key: Key) -> pd.DataFrame:
    made = rows.copy()
    for column in contract.columns.values():
        if column.domain is not None:
            made[column.name] = pd.Series(
                key.pseudonyms(column.domain, rows[column.name]), index=rows.index, dtype=object
            )
    return made


def _located(rows: pd.DataFrame, contract: Contract, known: Known, ledger: Ledger) -> pd.DataFrame:
    """Rows whose area is ours, or plainly elsewhere; a code that may be a fault is held back."""
    territory = known.catalogue.territory
    ours = own_areas(known)
    if not ours:
        raise ledger.reject(
            "no_membership",
            "les aires du territoire ne sont pas connues",
            "the areas of the territory are not known",
            mend_fr="La source doit demander les appartenances (needs, sources.toml).",
            mend_en="The source must need the memberships (needs, sources.toml).",
        )
    cells = rows["area_id"]
    width = max(map(len, ours))
    padded = cells.str.zfill(width)
    mended = cells.notna() & ~cells.isin(ours) & padded.isin(ours)
    if mended.any():
        count = int(mended.sum())
        many = ledger.about(count)
        fr = f"environ {many} codes complétés par un zéro"
        en = f"about {many} codes given back their zero"
        ledger.note("leading_zero", fr, en, column="area_id", rows=count)
        cells = cells.mask(mended, padded)
    pattern = territory.level(territory.finest_level).own
    others = known.areas.get(territory.finest_level, frozenset()) - ours
    is_ours = cells.isin(ours)
    if pattern:
        far = cells.notna() & ~cells.astype("str").str.fullmatch(pattern) & ~is_ours
    else:
        far = cells.isin(others)
    if far.mean() > ELSEWHERE_SHARE:
        raise ledger.reject(
            "wrong_territory",
            "la plupart des lignes sont d’un autre territoire",
            "most rows are of another territory",
            column="area_id",
            mend_fr=f"Déposer l’extraction de {territory.name.fr}.",
            mend_en=f"Bring the extract of {territory.name.en}.",
        )
    ledger.quarantine(
        rows.loc[cells.notna() & ~is_ours & ~far, LINE],
        "unknown_area",
        "code inconnu dans le territoire",
        "code unknown in the territory",
        column="area_id",
        mend_fr="Vérifier le code et son millésime (zéro initial, aire fusionnée).",
        mend_en="Check the code and its edition (leading zero, merged area).",
    )
    if far.any():
        if contract.columns["area_id"].is_required:
            count = int(far.sum())
            many = ledger.about(count)
            fr = f"environ {many} lieux hors du territoire : pas comptés parmi ses places"
            en = f"about {many} places outside the territory: they do not count among its places"
            ledger.note("elsewhere", fr, en, column="area_id", rows=count)
        else:  # how many is a count about persons that is protected: issues are published
            fr = "des lignes vivent hors du territoire : comptées dans son total seul"
            en = "some rows live outside the territory: counted in its total only"
            ledger.note("elsewhere", fr, en, column="area_id")
    return rows.assign(area_id=cells)
