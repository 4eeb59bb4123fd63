"""What a named person decides of a release: publish it, refuse it, go back to another.

A decision is put down in the state when all is ready and one step is left that needs no room: a
full disk stops both, so that nothing is done without a word of who decided it.
"""

from __future__ import annotations

from functools import partial

from geodata import release, reviews, state
from geodata.queries.views import pinned_releases
from geodata.release import Release, ReleaseError
from geodata.settings import Settings


class DecisionError(ReleaseError):
    """A decision that cannot be taken; the message says why and what to do."""


def publish_waiting(
    settings: Settings, by: str, reason: str, release_id: str | None = None
) -> Release:
    """Publish the release that waits, as a named person decides.

    Raises
    ------
    DecisionError
        When no release waits, another one waits, what is published has changed since it was
        made, or nobody is named.
    ReleaseError
        When another refresh is running or the release is damaged.
    """
    name = _named(by)
    with release.refresh_lock(settings.data):
        waiting = _waiting(settings, release_id)
        current = release.readable_release(settings.data)
        if waiting.base_id != (current.release_id if current else None):
            raise DecisionError(
                f"La publication {waiting.release_id} a été comparée à {waiting.base_id}, qui "
                "n’est plus en ligne. Lancer `vigie refresh` pour la comparer à nouveau.",
                f"Release {waiting.release_id} was compared with {waiting.base_id}, which is no "
                "longer published. Run `vigie refresh` to compare it anew.",
            )
        told = partial(_remember, settings, "approved", name, reason)
        pinned = _pinned(settings)
        return release.publish(
            settings.data, waiting.release_id, name, reason, settings.keep, told, pinned
        )


def refuse_waiting(
    settings: Settings, by: str, reason: str, release_id: str | None = None
) -> Release:
    """Take back the release that waits: it is never published.

    Raises
    ------
    DecisionError, ReleaseError
        As :func:`publish_waiting`.
    """
    name = _named(by)
    with release.refresh_lock(settings.data):
        waiting = _waiting(settings, release_id)
        _remember(settings, "refused", name, reason, waiting.release_id)
        release.refuse(settings.data, waiting.release_id)
    return waiting


def roll_back(settings: Settings, by: str, reason: str, release_id: str | None = None) -> Release:
    """Publish a kept release again; without an id, the one before the current.

    Raises
    ------
    DecisionError, ReleaseError
        When nobody is named, or there is none to go back to.
    """
    name = _named(by)
    with release.refresh_lock(settings.data):
        told = partial(_remember, settings, "rolled_back", name, reason)
        return release.roll_back(settings.data, release_id, name, reason or "roll-back", told)


def _waiting(settings: Settings, release_id: str | None) -> Release:
    waiting = release.waiting_release(settings.data)
    if waiting is None:
        raise DecisionError(
            "Aucune publication n’attend de décision.", "No release waits for a decision."
        )
    if release_id is not None and waiting.release_id != release_id:
        raise DecisionError(
            f"La publication {release_id} n’attend plus ; c’est {waiting.release_id} qui attend. "
            "La regarder.",
            f"Release {release_id} does not wait any more; {waiting.release_id} does. Look at it.",
        )
    return waiting


def _named(by: str) -> str:
    name = " ".join(by.split())
    if not name:
        raise DecisionError("Dire qui décide : --by NOM.", "Say who decides: --by NAME.")
    return name


def _pinned(settings: Settings) -> frozenset[str]:
    """The releases that saved views are pinned to; they stay on disk."""
    engine = state.state_engine(settings.data)
    try:
        return pinned_releases(engine, settings.keep)
    finally:
        engine.dispose()


def _remember(settings: Settings, decision: str, by: str, reason: str, release_id: str) -> None:
    engine = state.state_engine(settings.data)
    try:
        reviews.write_review(engine, release_id, decision, by, reason)
    finally:
        engine.dispose()
