"""Subcommands of `vigie` around the queue: worker, jobs, cancel."""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from geodata import jobs, state, workers
from geodata.queries import jobs as job_queries
from geodata.settings import settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def commands(subparsers: Subparsers) -> None:
    """Add worker, jobs and cancel to the command."""
    worker = subparsers.add_parser(
        "worker", help="do what is asked on the data page or by schedule, until stopped"
    )
    worker.add_argument("--once", action="store_true", help="do what waits now, then leave")
    worker.set_defaults(run=run_worker_command)
    listed = subparsers.add_parser("jobs", help="list the latest jobs, or the log of one")
    listed.add_argument("job", nargs="?", type=int, help="its number, to read its log")
    listed.add_argument("--limit", type=int, default=20, help="how many to list [20]")
    listed.set_defaults(run=run_jobs)
    cancel = subparsers.add_parser("cancel", help="cancel a job that waits or runs")
    cancel.add_argument("job", type=int, help="its number, as `vigie jobs` shows it")
    cancel.add_argument("--by", default="", help="your name [that of your account]")
    cancel.set_defaults(run=run_cancel)


def run_worker_command(given: argparse.Namespace) -> int:
    """`vigie worker`: 0 when it was stopped or had nothing left to do."""
    from etl.worker import run_worker  # these load the geographic libraries: a second
    from etl.worker_actions import actions

    chosen = settings()
    stop = stop_on_signals()
    if not given.once:
        print(f"The worker waits for jobs in {chosen.data}. Ctrl-C stops it.", flush=True)
    done = run_worker(chosen, once=given.once, stop=stop, actions=actions(chosen))
    print(f"The worker did {done} jobs.")
    return 0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = threading.Event()

    def leave(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        print("The worker leaves after the step at hand.", file=sys.stderr, flush=True)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    return stop


def run_jobs(given: argparse.Namespace) -> int:
    """`vigie jobs`: 0; with a number, 1 when there is no such job."""
    chosen = settings()
    engine = state.state_engine(chosen.data)
    try:
        if given.job is not None:
            lines = job_queries.log_lines(engine, given.job)
            for row in lines.to_dict("records"):
                print(f"{row['at']}Z  {row['text_en']}")
            if lines.empty:
                print(f"Job {given.job} said nothing.", file=sys.stderr)
            return int(lines.empty)
        found = job_queries.jobs(engine, chosen.territory, given.limit)
        for row in found.astype("object").where(found.notna(), None).to_dict("records"):
            share = f"{row['share']:4.0%} {row['step']}" if row["state"] == "running" else ""
            said = share or " ".join(str(row[k]) for k in ("outcome", "message_en") if row[k])
            print(
                f"{row['job_id']:>5}  {row['asked_at']}Z  {row['kind']:<10} {row['state']:<10}"
                f" {row['asked_by']:<20} {said}"
            )
        if not workers.is_worker_alive(engine, chosen.territory):
            print("No worker is running: start `vigie worker`.")
        return 0
    finally:
        engine.dispose()


def run_cancel(given: argparse.Namespace) -> int:
    """`vigie cancel`: 0 when the job is cancelled or will stop, 1 otherwise."""
    chosen = settings()
    engine = state.state_engine(chosen.data)
    try:
        became = jobs.ask_cancel(engine, given.job, given.by or getpass.getuser())
    except jobs.JobError as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    said = {
        None: f"There is no job {given.job}.",
        "cancelled": f"Job {given.job} is cancelled.",
        "running": f"Job {given.job} stops after the step at hand.",
    }
    print(said.get(became, f"Job {given.job} has ended already ({became})."))
    return 0 if became in ("cancelled", "running") else 1
