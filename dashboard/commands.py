"""`vigie serve`: the dashboard on this machine; what is said of an area, and files, are beside."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
import tempfile
from typing import Any

from dashboard import area_command, export_command, package_command, report_command
from dashboard.access import is_loopback
from dashboard.addresses import ANSWERS_FOLDER, LONGEST_LINE
from geodata.settings import SettingError, Settings, settings

#: Seconds a quiet connection is kept: browsers come back, and opening one costs more.
_KEEP_ALIVE = 75
#: Seconds that requests are given to end when the server is told to stop.
_GRACE = 5


def commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add every subcommand that shows what is published."""
    serving = subparsers.add_parser(
        "serve",
        help="show the dashboard on this machine",
        description="Serve the dashboard on VIGIE_HOST and VIGIE_PORT until interrupted.",
    )
    serving.set_defaults(run=serve)
    area_command.commands(subparsers)
    export_command.commands(subparsers)
    package_command.commands(subparsers)
    report_command.commands(subparsers)


def serve(_arguments: argparse.Namespace) -> int:
    """Check the address, then become the server, which serves until interrupted.

    Raises
    ------
    SettingError
        When the address is not a loopback one, or cannot be listened on.
    """
    chosen = settings()
    _check_address(chosen)
    # A new process: this one has loaded the refresh and its libraries, whose threads would not
    # survive gunicorn's fork.
    command = server_command(chosen)
    os.environ[ANSWERS_FOLDER] = tempfile.mkdtemp(prefix="vigie-answers-")
    os.execv(command[0], command)  # noqa: S606 (the arguments are our own)
    return 0


def _check_address(chosen: Settings) -> None:
    """Refuse an address that others could reach, and one that is taken."""
    if not is_loopback(chosen.host):
        raise SettingError(
            f"VIGIE_HOST={chosen.host!r}: only a loopback address (127.0.0.1) is served. There "
            "are no accounts yet: anyone on the network could read every figure."
        )
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise SettingError(
                f"{chosen.host}:{chosen.port} cannot be listened on ({error.strerror}). "
                "Stop what listens there, or choose another VIGIE_PORT."
            ) from error


def server_command(chosen: Settings) -> list[str]:
    """The command that serves: workers that open their own databases, and their threads."""
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    options = {
        "bind": f"{host}:{chosen.port}",
        "workers": str(chosen.servers),
        "worker-class": "gthread",
        "threads": str(chosen.threads),
        "keep-alive": str(_KEEP_ALIVE),
        "limit-request-line": str(LONGEST_LINE),
        "graceful-timeout": str(_GRACE),
        "log-level": "warning",
        "config": f"python:{__name__}",  # this module: see `post_worker_init`
    }
    written = [part for name, value in options.items() for part in (f"--{name}", value)]
    application = "dashboard.wsgi:application()"
    return [sys.executable, "-m", "gunicorn", *written, "--no-control-socket", application]


def on_exit(_server: Any) -> None:
    """Leave no answer behind; gunicorn calls this by its name, once, when it ends."""
    shutil.rmtree(os.environ[ANSWERS_FOLDER], ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """Print the address once the app answers; gunicorn calls this by its name."""
    if worker.age > 1:  # the first says it for all, and for those that replace it
        return
    address = next(iter(worker.sockets)).getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    print(f"Vigie: http://{host}:{address[1]}", flush=True)
