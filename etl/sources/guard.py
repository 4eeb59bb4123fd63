"""What every file goes through, whatever reads it: nobody told of, no count that exposes somebody.

:func:`etl.sources.readers` puts it around each reader, so that none can be without.
"""

from __future__ import annotations

from etl.small_counts import check_small_counts
from etl.source import Known, Ledger, RejectedFile, Stage, Staged
from etl.sources.persons import refuse_persons
from geodata.catalogue.nouns import SourceEntry

#: A file that its reader refuses is looked at for persons up to this size: above, it may be a bomb.
_LOOKED_AT = 32 * 1024 * 1024


def guarded(stage: Stage, entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """What ``stage`` makes of a file, once it is known to expose nobody.

    A refusal for persons stands before any other: an officer must hear of it.

    Raises
    ------
    RejectedFile
        As ``stage``; ``personal_data`` (:func:`etl.sources.persons.refuse_persons`);
        ``small_counts`` (:func:`etl.small_counts.check_small_counts`).
    """
    ledger = Ledger(entry.id, file, entry.is_record_level)
    try:
        made = stage(entry, file, content, known)
    except RejectedFile:
        if not entry.is_record_level and len(content) <= _LOOKED_AT:
            refuse_persons(content, ledger, _public_contacts(entry))
        raise
    if not entry.is_record_level:  # the door of records has looked at every cell
        refuse_persons(content, ledger, _public_contacts(entry))
    check_small_counts(made.tables, entry, known.catalogue, ledger)
    return made.noted(ledger.issues)


def _public_contacts(entry: SourceEntry) -> tuple[str, ...]:
    """Where the entry may say how to reach a service; anywhere in an officer's own directory."""
    is_directory = entry.options.get("makes") == "service"
    return (*entry.public_contacts, "*") if is_directory else entry.public_contacts
