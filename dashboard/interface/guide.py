"""The guide: how other programs ask, in words, on a page that needs no script to be read."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from flask import Flask, Response, request
from marshmallow import Schema

from dashboard import data
from dashboard.access import principal
from dashboard.addresses import GUIDE_PATHS, INTERFACE, LANGUAGES, PATHS
from dashboard.bundle import ICON
from dashboard.interface.asked import Asked, asked_of
from dashboard.interface.document import PATH
from dashboard.interface.features import ROOT
from dashboard.interface.parameters import known_names
from dashboard.wording import Words
from geodata.settings import Settings

#: What is on the page of each table: its path, its question, its item.
Told = tuple[str, type[Schema], type[Schema]]
#: The kinds of problem, each a paragraph that an answer leads to.
PROBLEMS = (
    *("unknown_parameter", "bad_parameter", "said_twice", "unknown_value", "unknown_area"),
    *("unknown_release", "nothing_offered", "unpinned_page", "period_alone", "no_form"),
    *("not_found", "method", "forbidden", "unready", "fault"),
)
_STYLES = ("vigie.css", "dark.css", "interface.css")


def routes(server: Flask, settings: Settings, tables: tuple[Told, ...]) -> None:
    """Serve the guide in each language."""
    for language in LANGUAGES:

        def page(language: str = language) -> Response:
            try:
                asked = asked_of(principal(), settings, None)
            except data.Unready:
                asked = None
            text = guide(Words(language), tables, asked, request.host_url.rstrip("/"))
            made = Response(text, HTTPStatus.OK, mimetype="text/html")
            made.headers["Cache-Control"] = "private, no-cache"
            return made

        server.add_url_rule(GUIDE_PATHS[language], f"guide_{language}", page)


def guide(words: Words, tables: tuple[Told, ...], asked: Asked | None, host: str) -> str:
    """The page as HTML; its examples are of the release, where there is one."""
    other = next(language for language in LANGUAGES if language != words.language)
    styles = "".join(f'<link rel="stylesheet" href="/assets/{name}">' for name in _STYLES)
    title = escape(words("interface.title"))
    parts = (
        f"<h1>{title}</h1><p class='subtitle'>{escape(words('interface.lead'))}</p>",
        _rules(words),
        _examples(words, asked, host),
        _tables(words, tables),
        _maps(words, host),
        _problems(words),
    )
    home, methods = PATHS[words.language, "map"], PATHS[words.language, "methods"]
    return (
        f'<!DOCTYPE html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} – Vigie</title><link rel="icon" href="{ICON}">{styles}'
        '<script src="/assets/theme.js"></script></head>'
        f'<body class="guide"><header class="header"><a class="brand" href="{home}">Vigie</a>'
        f'<nav aria-label="{escape(words("interface.nav"))}">'
        f'<a href="{methods}">{escape(words("shell.methods"))}</a> '
        f'<a href="{GUIDE_PATHS[other]}" lang="{other}" hreflang="{other}">{other.upper()}</a>'
        f'</nav></header><main id="main">{"".join(parts)}</main></body></html>'
    )


def _rules(words: Words) -> str:
    lines = (words(f"interface.rule_{name}") for name in ("release", "page", "form", "silence"))
    document = f'<a href="{PATH}">{escape(words("interface.document"))}</a>'
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(words('interface.rules'))}</h2><ul>{items}</ul><p>{document}</p>"


def _examples(words: Words, asked: Asked | None, host: str) -> str:
    """An address that a spreadsheet, a browser or one line of Python opens."""
    if asked is None or not asked.offer.indicators:
        return ""
    name, levels = next(iter(asked.offer.indicators.items()))
    level = next(iter(levels))
    query = f"indicator={name}&level={level}&period=latest"
    address = f"{host}{INTERFACE}/observations?{query}"
    python = f'pandas.read_csv("{address}&f=csv", dtype={{"area_id": "str"}})'
    shown = "".join(f"<pre><code>{escape(line)}</code></pre>" for line in (address, python))
    link = f'<a href="{escape(address)}">{escape(words("interface.open"))}</a>'
    return f"<h2>{escape(words('interface.example'))}</h2>{shown}<p>{link}</p>"


def _tables(words: Words, tables: tuple[Told, ...]) -> str:
    heads = "".join(
        f'<th scope="col">{escape(words(f"interface.{name}"))}</th>'
        for name in ("address", "what", "parameters", "fields")
    )
    rows = "".join(
        f'<tr><th scope="row"><a href="{INTERFACE}/{path}"><code>{path}</code></a></th>'
        f"<td>{escape(words(f'interface.table_{path}'))}</td>"
        f"<td>{_codes(known_names(question))}</td><td>{_codes(known_names(item))}</td></tr>"
        for path, question, item in tables
    )
    said = escape(words("interface.tables"))
    return (
        f"<h2>{said}</h2><div class='scroll' role='region' tabindex='0' aria-label='{said}'>"
        f"<table class='data-table'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        "</div>"
    )


def _maps(words: Words, host: str) -> str:
    title, said = escape(words("interface.maps")), escape(words("interface.maps_said"))
    address = escape(f"{host}{ROOT}")
    return f"<h2>{title}</h2><p>{said}</p><pre><code>{address}</code></pre>"


def _problems(words: Words) -> str:
    said = "".join(
        f'<dt id="{code}">{escape(words(f"problem.{code}_title"))}</dt>'
        f"<dd>{escape(words(f'problem.{code}_mend'))}</dd>"
        for code in PROBLEMS
    )
    return f"<h2>{escape(words('interface.problems'))}</h2><dl>{said}</dl>"


def _codes(names: tuple[str, ...]) -> str:
    return " ".join(f"<code>{escape(name)}</code>" for name in names)
