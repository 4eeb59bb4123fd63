"""What an error says to people and logs: never a cell of the file at hand."""

from __future__ import annotations

import traceback
from pathlib import Path

from etl.source import RejectedFile
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.nouns import Text
from geodata.failure import Failure, is_disk_full
from geodata.jobs import JobError
from geodata.settings import SettingError

#: Errors whose words are ours: they name no cell of a file.
OURS = (CatalogueError, SettingError)
#: Places in the code that the log of a failed job names, the innermost last.
MOST_PLACES = 8


def fault(error: BaseException) -> Text:
    """What a failed job says: our own words, or the kind and place of an error of others.

    The words of an error of others may repeat a cell of the file at hand: they are left out.
    """
    if isinstance(error, JobError):
        return error.message
    if isinstance(error, RejectedFile):
        return Text(error.issue.text("fr"), error.issue.text("en"))
    if isinstance(error, Failure):
        return Text(f"Échec : {error.message.fr}", f"Failed: {error.message.en}")
    if isinstance(error, OURS):
        return Text(f"Échec : {error}", f"Failed: {error}")
    if is_disk_full(error):
        return Text(
            "Échec : le disque est plein. Libérer de la place, puis recommencer.",
            "Failed: the disk is full. Free some room, then try again.",
        )
    if isinstance(error, OSError) and error.strerror:
        return Text(f"Échec du système : {error.strerror}.", f"System error: {error.strerror}.")
    where = places(error)[-1:] or ["?"]
    kind = type(error).__name__
    return Text(
        f"Erreur imprévue {kind} ({where[0]}). La signaler avec le journal de la tâche.",
        f"Unexpected {kind} ({where[0]}). Report it with the log of the job.",
    )


def places(error: BaseException) -> list[str]:
    """Where an error passed through, file and line of code only, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in frames[-MOST_PLACES:]
    ]
