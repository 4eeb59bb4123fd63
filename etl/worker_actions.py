"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from etl import decisions
from etl.refresh import refresh
from etl.worker import Action, Ended, Report
from geodata.catalogue.nouns import Text
from geodata.jobs import Job
from geodata.model import Severity
from geodata.release import Release
from geodata.settings import Settings

#: A decision: settings, who, why, of which release.
Decide = Callable[[Settings, str, str, str | None], Release]


def actions(settings: Settings) -> Mapping[str, Action]:
    """The actions on the data of these settings, by kind of job."""

    def refreshed(job: Job, report: Report) -> Ended:
        """Refresh: ``again`` rebuilds, ``forget`` names sources whose kept file is given up."""
        outcome = refresh(
            settings,
            report,
            again=bool(job.argument.get("again", False)),
            forget=tuple(job.argument.get("forget", ())),
            asked_by=job.asked_by,
            reason=str(job.argument.get("reason", "refresh")),
            job_id=job.job_id,
        )
        named = outcome.release.release_id if outcome.release else None
        grave = sum(i.severity in (Severity.REJECT, Severity.HOLD) for i in outcome.issues)
        said = {
            "published": Text(f"Publication {named} en ligne.", f"Release {named} is published."),
            "waiting": Text(
                f"La publication {named} attend l’accord d’une personne : {grave} points à voir.",
                f"Release {named} waits for a person to approve it: {grave} points to look at.",
            ),
            "unchanged": Text(
                f"Rien n’a changé : la publication {named} reste.",
                f"Nothing changed: release {named} stays.",
            ),
        }
        refused = Text(
            f"Rien n’est publié : {grave} défauts à traiter.",
            f"Nothing is published: {grave} faults to deal with.",
        )
        return Ended(outcome.outcome, said.get(outcome.outcome, refused))

    def decided(take: Decide, kind: str, fr: str, en: str) -> Action:
        """The action of a decision on ``release_id`` (absent: the one at hand)."""

        def act(job: Job, report: Report) -> Ended:
            report(kind, 0.0)
            named = take(
                settings,
                job.asked_by,
                str(job.argument.get("reason", "")),
                job.argument.get("release_id"),
            ).release_id
            return Ended(kind, Text(fr.format(named), en.format(named)))

        return act

    return {
        "refresh": refreshed,
        "publish": decided(
            decisions.publish_waiting,
            "published",
            "La publication {} est en ligne.",
            "Release {} is published.",
        ),
        "refuse": decided(
            decisions.refuse_waiting,
            "refused",
            "La publication {} est refusée ; ce qui était en ligne reste.",
            "Release {} is refused; what was published stays.",
        ),
        "rollback": decided(
            decisions.roll_back,
            "rolled_back",
            "La publication {} est de nouveau en ligne.",
            "Release {} is published again.",
        ),
    }
