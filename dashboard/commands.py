"""`vigie serve`: the dashboard on this machine."""

from __future__ import annotations

import argparse
import socket
import sys
from typing import Any

from dashboard.access import is_loopback
from geodata.settings import SettingError, Settings, settings

#: Seconds a quiet connection is kept: browsers come back, and opening one costs more.
_KEEP_ALIVE = 75


def commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``serve`` to the subcommands of ``vigie``."""
    serving = subparsers.add_parser(
        "serve",
        help="show the dashboard on this machine",
        description="Serve the dashboard on VIGIE_HOST and VIGIE_PORT until interrupted.",
    )
    serving.set_defaults(run=serve)


def serve(_arguments: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises
    ------
    SettingError
        When the address is not a loopback one, or cannot be listened on.
    """
    chosen = settings()
    _check_address(chosen)
    _run(chosen)
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


def _run(chosen: Settings) -> None:
    """Run gunicorn in this process: one worker that opens its own databases, and threads."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in _options(chosen).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from dashboard.wsgi import application

            return application()

    Server(prog="vigie serve").run()


def _options(chosen: Settings) -> dict[str, Any]:
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    return {
        "bind": f"{host}:{chosen.port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": chosen.threads,
        "keepalive": _KEEP_ALIVE,
        "preload_app": False,
        "loglevel": "warning",
        "post_worker_init": _announce,
    }


def _announce(worker: Any) -> None:
    """Print the address, once, when the app answers."""
    address = next(iter(worker.sockets)).getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    print(f"Vigie: http://{host}:{address[1]}", file=sys.stdout, flush=True)
