"""The worker: takes jobs from the queue one at a time, says how far they are, and ends them.

It asks for what the schedules want, and tells people outside of what failed. A job that fails
never stops it; a job that it leaves behind by dying is marked failed when the next one is claimed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from etl import notices, schedule
from etl.faults import fault, places
from geodata import jobs, state, workers
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, Text
from geodata.due import schedules, time_zone
from geodata.jobs import Cancelled, Job, JobError
from geodata.queries import jobs as job_queries
from geodata.settings import Settings
from geodata.state import StateError

#: Told the name of each step and how far along the job is, from 0 to 1. Between two steps it
#: raises Cancelled when the job is to stop; at 1 the work is done and it never does.
Report = Callable[[str, float], None]
#: Seconds between two signs of life; a minute without any is death (geodata.workers.SILENCE).
BEAT_SECONDS = 5.0
#: Seconds between two looks at the schedules.
SCHEDULE_SECONDS = 20.0
STOPPED = Text(
    fr="Le processus a été arrêté pendant cette tâche. La demander à nouveau.",
    en="The worker was stopped during this job. Ask for it again.",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What an action did: its outcome (published, waiting, rejected...) and its words.

    ``run_id`` is found by the worker when the run says which job it was made for.
    """

    outcome: str
    message: Text | str = ""
    run_id: int | None = None


#: Does what a job asks. It may raise: the job has then failed.
Action = Callable[[Job, Report], Ended]


def run_worker(
    settings: Settings,
    *,
    once: bool = False,
    stop: threading.Event | None = None,
    actions: Mapping[str, Action],
    name: str | None = None,
    clock: Callable[[], datetime] = state.now,
) -> int:
    """Work until ``stop`` is set, or until nothing waits when ``once``; return how many jobs.

    Parameters
    ----------
    actions: what to do for each kind of job.
    name: the worker's, unlike any other's, those it had before included.
    clock: the present moment in UTC, without time zone.

    Raises
    ------
    StateError
        When the state cannot be opened, or cannot be used and ``once``.
    CatalogueError
        When the schedules or the time zone of the territory cannot be understood.
    """
    words = _words(settings)
    engine = state.state_engine(settings.data)
    worker = _Worker(
        settings, words, engine, actions, name or worker_name(), stop or threading.Event(), clock
    )
    heart = threading.Thread(target=worker.beat, name="heart", daemon=True)
    heart.start()
    try:
        return worker.work(once)
    finally:
        worker.has_left.set()
        heart.join()
        with contextlib.suppress(StateError):
            workers.worker_leaves(engine, worker.name)
        engine.dispose()


def worker_name() -> str:
    """A name for a worker: host and process for people, and what makes it unlike any other."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass(slots=True)
class _Worker:
    settings: Settings
    words: Catalogue
    engine: state.Engine
    actions: Mapping[str, Action]
    name: str
    stop: threading.Event
    clock: Callable[[], datetime]
    has_left: threading.Event = field(default_factory=threading.Event)
    next_look: float = 0.0

    def beat(self) -> None:
        """Give a sign of life every few seconds, whatever the job at hand is doing."""
        territory_id = self.words.territory.id
        while True:
            try:
                workers.worker_beat(self.engine, self.name, self.clock(), territory_id)
            except StateError as error:
                _complain(error)
            if self.has_left.wait(BEAT_SECONDS):
                return

    def work(self, once: bool) -> int:
        done = 0
        while not self.stop.is_set():
            try:
                was_busy = self.one_pass()
            except StateError as error:
                if once:
                    raise
                _complain(error)
                was_busy = False
            done += was_busy
            if not was_busy:
                if once:
                    break
                self.stop.wait(self.settings.poll)
        return done

    def one_pass(self) -> bool:
        """Look at the schedules, do the next job, tell people; return whether there was a job."""
        if time.monotonic() >= self.next_look:
            self.next_look = time.monotonic() + SCHEDULE_SECONDS
            try:
                self.words = _words(self.settings)
            except CatalogueError as error:  # a description that is wrong stops nothing else
                _complain(error)
            schedule.ask_due(self.engine, self.words, self.clock())
        job = jobs.next_job(self.engine, self.name, self.words.territory.id, self.clock())
        if job is not None:
            self.do(job)
        notices.tell(self.engine, self.settings, self.words, self.clock())
        return job is not None

    def do(self, job: Job) -> None:
        """Do one job and write how it ended, whatever it raises."""
        self.say(job, Text(f"Prise par {self.name}.", f"Taken by {self.name}."))
        run_id: int | None = None
        outcome: str | None = None
        message: Text | str
        try:
            ended = self.action(job)(job, self.report(job))
            ended_as, message = jobs.DONE, ended.message
            outcome, run_id = ended.outcome, ended.run_id
        except Cancelled as cancelled:
            ended_as, message = jobs.CANCELLED, cancelled.message
        except KeyboardInterrupt:
            self.stop.set()
            ended_as, message = jobs.CANCELLED, STOPPED
        except (Exception, SystemExit) as error:
            ended_as, message = jobs.FAILED, fault(error)
            for place in places(error):
                self.say(job, place)
        self.end(job, ended_as, message, run_id, outcome)

    def action(self, job: Job) -> Action:
        if job.kind not in self.actions:
            raise JobError(
                f"Cette version ne sait pas faire « {job.kind} ».",
                f"This version cannot do {job.kind!r}.",
            )
        return self.actions[job.kind]

    def report(self, job: Job) -> Report:
        """What a job calls between two steps: writes its progress, or stops it."""
        said = ""

        def report(step: str, share: float) -> None:
            nonlocal said
            try:
                if share < 1.0:
                    reason = jobs.cancel_reason(self.engine, job.job_id)
                    if reason is None and self.stop.is_set():
                        reason = STOPPED
                    if reason is not None:
                        raise Cancelled(reason)
                if step != said:
                    said = step
                    jobs.write_line(self.engine, job.job_id, step, at=self.clock())
                jobs.report(self.engine, job.job_id, step, share)
            except StateError as error:  # a line of progress is not worth the job
                _complain(error)

        return report

    def end(
        self,
        job: Job,
        ended_as: str,
        message: Text | str,
        run_id: int | None,
        outcome: str | None,
    ) -> None:
        """Write how a job ended, trying again as long as the state cannot be written."""
        while True:
            try:
                if run_id is None:
                    run_id = job_queries.run_of_job(self.engine, job.job_id)
                was_running = jobs.end(
                    self.engine, job.job_id, ended_as, message, run_id, outcome, at=self.clock()
                )
                break
            except StateError as error:
                _complain(error)
                if self.stop.wait(self.settings.poll):
                    return  # marked failed at the next claim, since we are gone
        if was_running:
            self.say(job, message or outcome or ended_as)
        else:
            self.say(
                job,
                Text(
                    f"Finie ({ended_as}) après avoir été donnée pour morte.",
                    f"Ended ({ended_as}) after it was taken for dead.",
                ),
            )

    def say(self, job: Job, text: Text | str) -> None:
        try:
            jobs.write_line(self.engine, job.job_id, text, at=self.clock())
        except StateError as error:
            _complain(error)


def _words(settings: Settings) -> Catalogue:
    """The catalogue as it stands, descriptions included, its schedules checked."""
    words = catalogue(settings.territory, settings.descriptions)
    schedules(words)
    time_zone(words)
    return words


def _complain(error: Exception) -> None:
    print(f"vigie worker: {error}", file=sys.stderr)
