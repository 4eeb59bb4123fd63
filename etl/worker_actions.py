"""What the worker does for each kind of job."""

from __future__ import annotations

from collections.abc import Mapping

from etl.refresh import refresh
from etl.worker import Action, Ended, Report
from geodata import release
from geodata.catalogue.nouns import Text
from geodata.jobs import Job
from geodata.model import Severity
from geodata.settings import Settings


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

    def rolled_back(job: Job, report: Report) -> Ended:
        """Roll back to ``release_id``, or to the release before the current one."""
        report("rollback", 0.0)
        with release.refresh_lock(settings.data):
            named = release.roll_back(
                settings.data,
                job.argument.get("release_id"),
                by=job.asked_by,
                reason=str(job.argument.get("reason", "roll-back")),
            )
        return Ended(
            "rolled_back",
            Text(
                f"La publication {named.release_id} est de nouveau en ligne.",
                f"Release {named.release_id} is published again.",
            ),
        )

    return {"refresh": refreshed, "rollback": rolled_back}
