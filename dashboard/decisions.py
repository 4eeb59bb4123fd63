"""What a person asks of the worker: written to the queue and nowhere else.

A request comes from a browser, so nothing in it is believed: its form, who asks, and whether what
it names is there to be decided upon are checked here, whatever the page showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard import data, journal
from geodata import jobs
from geodata.catalogue.nouns import Text
from geodata.jobs import JobError
from geodata.model import Principal
from geodata.settings import Settings

#: What a page may ask; each but the first two is of a release.
KINDS = ("refresh", "cancel", "publish", "refuse", "rollback")
#: Longest reason.
REASON_LENGTH = 300
#: Who may decide; others may only read.
_DECIDERS = ("director",)
_NAME, _NUMBER = 400, 18


class Malformed(ValueError):  # noqa: N818 (a state of the request, not of ours)
    """A request that no page of ours sends."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked, of which release or job, by whom and why."""

    kind: str
    by: str
    reason: str = ""
    release_id: str = ""
    job_id: int = 0


def wish_of(said: object) -> Wish:
    """The wish that a browser sent.

    Raises
    ------
    Malformed
        When it is none: another form, another kind, a text that is too long.
    """
    if not isinstance(said, dict):
        raise Malformed("not an object")
    kind, by, reason, release_id, job_id = (
        said.get(name) or "" for name in ("kind", "by", "reason", "release_id", "job_id")
    )
    texts: list[Any] = [kind, by, reason, release_id, job_id]
    if not all(isinstance(text, str) and len(text) <= _NAME for text in texts):
        raise Malformed("not texts")
    if kind not in KINDS:
        raise Malformed("unknown kind")
    if job_id and not (job_id.isascii() and job_id.isdigit() and len(job_id) <= _NUMBER):
        raise Malformed("no job")
    return Wish(kind, by, " ".join(reason.split()), release_id, int(job_id or 0))


def ask(principal: Principal, settings: Settings, wish: Wish) -> Text:
    """Queue what is asked, once however often it is sent; return the answer to the person.

    Raises
    ------
    Forbidden
        When the principal may not decide for this territory.
    JobError
        When nobody is named, or what is named is not there to be decided upon; nothing is queued.
    """
    data.allow(principal, settings)
    if principal.role not in _DECIDERS:
        raise data.Forbidden(settings.territory)
    name = jobs.person(wish.by)
    if len(wish.reason) > REASON_LENGTH:
        raise JobError(
            f"Écrire la raison en {REASON_LENGTH} caractères au plus.",
            f"Write the reason in {REASON_LENGTH} characters at most.",
        )
    if wish.kind == "cancel":
        return _cancelled(settings, wish.job_id, name)
    if wish.kind in ("publish", "refuse"):
        _check_waits(principal, settings, wish.release_id)
    if wish.kind == "rollback":
        _check_is_kept(principal, settings, wish.release_id)
    argument = {"release_id": wish.release_id} if wish.release_id else {}
    job_id = _standing(principal, settings, wish)
    if job_id is None:
        if wish.reason:
            argument["reason"] = wish.reason
        engine = journal.state_of(settings)
        job_id = jobs.ask(engine, wish.kind, settings.territory, name, argument)
    return Text(
        f"Demande n° {job_id} enregistrée. Son avancement s’affiche sous « Maintenant ».",
        f"Request no. {job_id} is noted. Its progress shows under “Now”.",
    )


def _standing(principal: Principal, settings: Settings, wish: Wish) -> int | None:
    """The job that does the same already: one that waits, or a decision being carried out."""
    pending = journal.pending_jobs(principal, settings)
    same = pending[pending["kind"] == wish.kind]
    if wish.kind == "refresh":  # one at work has read its files: another one may be needed
        same = same[same["state"] == jobs.QUEUED]
    else:
        same = same[same["release_id"] == wish.release_id]
    return None if same.empty else int(same["job_id"].iloc[0])


def _check_waits(principal: Principal, settings: Settings, release_id: str) -> None:
    waiting = journal.waiting(principal, settings)
    if waiting is None or waiting.release_id != release_id:
        raise JobError(
            "Cette publication n’attend plus de décision. Relire la page.",
            "This release does not wait for a decision any more. Look at the page again.",
        )


def _check_is_kept(principal: Principal, settings: Settings, release_id: str) -> None:
    if release_id not in {kept.release_id for kept in journal.kept(principal, settings)}:
        raise JobError(
            "Cette publication n’est plus conservée : on ne peut pas y revenir.",
            "This release is not kept any more: there is no going back to it.",
        )
    shown = journal.publications(principal, settings)
    if shown and shown[-1].release_id == release_id:
        raise JobError("Cette publication est déjà en ligne.", "This release is shown already.")


def _cancelled(settings: Settings, job_id: int, name: str) -> Text:
    state = jobs.ask_cancel(journal.state_of(settings), job_id, name)
    if state == jobs.CANCELLED:
        return Text(f"Tâche n° {job_id} annulée.", f"Job no. {job_id} is cancelled.")
    if state == jobs.RUNNING:
        return Text(
            f"La tâche n° {job_id} s’arrête après l’étape en cours.",
            f"Job no. {job_id} stops after the step at hand.",
        )
    raise JobError(
        "Cette tâche est déjà terminée : il n’y a rien à annuler.",
        "This job has ended already: there is nothing to cancel.",
    )
