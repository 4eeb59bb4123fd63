"""What gunicorn serves."""

from __future__ import annotations

from flask import Flask

from dashboard.app import create_app
from geodata.settings import settings


def application() -> Flask:
    """The WSGI application, for the settings of the environment."""
    server: Flask = create_app(settings()).server
    return server
