"""Tell people outside that a job failed, or that its publication is refused or held.

French first, then English. A notice names the source, the file, the line and the mend, never a
cell. No address of a webhook and no password is ever written down.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from etl.schedule import ASKED_BY
from geodata import outbox, state
from geodata.catalogue.nouns import Catalogue, Text
from geodata.model import Issue, Severity
from geodata.outbox import Owed, Waiting
from geodata.queries import refreshes
from geodata.settings import Settings

#: Where the dashboard shows sources, jobs and issues, by language.
DATA_PAGE = {"fr": "/fr/donnees", "en": "/en/data"}
TIMEOUT_SECONDS = 10.0
RETRIES = 3
#: Seconds between two tries of a webhook: this times 2, 4...
BACKOFF_SECONDS = 0.2
MOST_REDIRECTS = 3
#: Issues named in a notice; the data page has them all.
MOST_ISSUES = 20
#: The port where mail is TLS from the first byte.
TLS_PORT = 465

_KINDS = {
    "refresh": Text("actualisation", "refresh"),
    "publish": Text("publication", "publication"),
    "refuse": Text("refus d’une publication", "refusal of a release"),
    "rollback": Text("retour à une publication antérieure", "roll-back"),
    "take_mends": Text("reprise des lignes corrigées", "intake of mended rows"),
}
_BECAME = {
    "failed": Text("échec", "failed"),
    "rejected": Text("refus", "refused"),
    "held": Text("en attente d’une décision", "waits for a decision"),
}
_MEANS = {
    "failed": Text(
        "La tâche a échoué. Ce qui est publié ne change pas.",
        "The job failed. What is published does not change.",
    ),
    "rejected": Text(
        "Rien n’a été publié : des fichiers sont à corriger. Ce qui est publié ne change pas.",
        "Nothing was published: files are to be mended. What is published does not change.",
    ),
    "held": Text(
        "La publication attend l’accord d’une personne. Ce qui est publié ne change pas.",
        "The release waits for a person to approve it. What is published does not change.",
    ),
}


class NoticeError(RuntimeError):
    """A notice did not leave; the message says why, without address key or password."""


def channels(settings: Settings) -> tuple[str, ...]:
    """The ways by which notices leave, as the settings say."""
    return (
        *(("webhook",) if settings.webhook else ()),
        *(("email",) if settings.notice_email else ()),
    )


def notice(
    owed: Owed, issues: Sequence[Issue], words: Catalogue, settings: Settings
) -> tuple[str, str]:
    """The subject and the body of the notice of a job, French first."""
    kind, became = _KINDS.get(owed.job_kind, Text(owed.job_kind, owed.job_kind)), _BECAME[owed.kind]
    name = words.territory.name
    subject = f"[Vigie] {name.fr} : {kind.fr}, {became.fr} / {kind.en} {became.en}"
    parts = [_part(owed, issues, words, settings, language) for language in ("fr", "en")]
    return subject, "\n\n-- \n\n".join(parts) + "\n"


def tell(
    engine: state.Engine, settings: Settings, words: Catalogue, at: datetime | None = None
) -> int:
    """Write the notices that are owed and send those that are due; return how many left.

    One that cannot be sent stays with its error and is tried again later, five times at most.
    """
    at = at or state.now()
    for owed in outbox.owed(engine, words.territory.id):
        frame = refreshes.run_issues(engine, owed.run_id) if owed.run_id is not None else None
        issues = [] if frame is None else state.issues_of(frame)
        subject, body = notice(owed, issues, words, settings)
        outbox.write_notice(
            engine, owed.job_id, owed.kind, subject, body, channels(settings), at=at
        )
    left = 0
    while (waiting := outbox.next_notice(engine, at)) is not None:
        try:
            remark = send(settings, waiting)
        except Exception as error:  # a notice that cannot leave stops nothing else
            why = str(error) if isinstance(error, NoticeError) else type(error).__name__
            outbox.write_delivery(engine, waiting.notice_id, is_delivered=False, error=why, at=at)
            continue
        outbox.write_delivery(engine, waiting.notice_id, is_delivered=True, error=remark, at=at)
        left += 1
    return left


def send(settings: Settings, waiting: Waiting) -> str:
    """Send one notice by its channel; return a remark, empty when all went well.

    Raises
    ------
    NoticeError
        When it did not leave.
    """
    if waiting.channel not in channels(settings):
        raise NoticeError(f"No {waiting.channel} is set any more.")
    return {"webhook": _post, "email": _mail}[waiting.channel](settings, waiting)


def _part(
    owed: Owed, issues: Sequence[Issue], words: Catalogue, settings: Settings, language: str
) -> str:
    french = language == "fr"
    ended = owed.ended_at.replace(tzinfo=UTC).astimezone(ZoneInfo(words.territory.time_zone))
    kind = _KINDS.get(owed.job_kind, Text(owed.job_kind, owed.job_kind)).words(language)
    who = owed.asked_by
    if who == ASKED_BY:
        who = "le calendrier" if french else "the schedule"
    moment = f"{ended:%Y-%m-%d %H:%M} ({words.territory.time_zone})"
    lines = [
        f"Vigie, {words.territory.name.words(language)}, {moment}",
        f"Tâche {owed.job_id} : {kind}, demandée par {who}."
        if french
        else f"Job {owed.job_id}: {kind}, asked for by {who}.",
        _MEANS[owed.kind].words(language),
    ]
    if owed.message.words(language):
        lines.append(owed.message.words(language))
    grave = [i for i in issues if i.severity in (Severity.REJECT, Severity.HOLD)]
    lines += [""] if grave else []
    for issue in grave[:MOST_ISSUES]:
        entry = words.sources.get(issue.source_id)
        name = entry.name.words(language) if entry else issue.source_id
        told = _without_cells(issue) if entry and entry.is_record_level else issue
        lines.append(f"- {name}{' : ' if french else ': '}{told.text(language)}")
    if len(grave) > MOST_ISSUES:
        more = len(grave) - MOST_ISSUES
        lines.append(f"- et {more} autres" if french else f"- and {more} more")
    page = settings.address + DATA_PAGE[language]
    lines += ["", f"Page des données : {page}" if french else f"Data page: {page}"]
    return "\n".join(lines)


def _without_cells(issue: Issue) -> Issue:
    """The issue of a file about persons: its place, its code and its mend, no word of its own."""
    return replace(
        issue,
        message_fr=f"défaut « {issue.code} »",
        message_en=f"fault “{issue.code}”",
        sample="",
    )


def _post(settings: Settings, waiting: Waiting) -> str:
    """POST the notice as JSON; ``text`` is what chat servers show."""
    address = settings.webhook
    host = urlsplit(address).hostname
    content = {
        "notice_id": waiting.notice_id,
        "kind": waiting.kind,
        "territory": settings.territory,
        "at": waiting.at.isoformat() + "Z",
        "subject": waiting.subject,
        "text": f"{waiting.subject}\n\n{waiting.body}",
        "link": settings.address + DATA_PAGE["fr"],
    }
    retry = Retry(
        total=RETRIES,
        backoff_factor=BACKOFF_SECONDS,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods={"POST"},
        raise_on_status=False,
        respect_retry_after_header=False,  # the queue waits behind us
    )
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))
        for _hop in range(MOST_REDIRECTS):
            try:
                with session.post(
                    address,
                    json=content,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    status, onward = response.status_code, response.headers.get("Location", "")
            except requests.RequestException as error:
                # Its text would repeat the address, which may hold a key.
                raise NoticeError(f"{host} cannot be reached ({type(error).__name__}).") from None
            if status not in (307, 308):
                break
            target = urljoin(address, onward)
            if _origin(target) != _origin(address):
                raise NoticeError(f"{host} sends us to another host: refused.")
            address = target
    if not 200 <= status < 300:
        raise NoticeError(f"{host} answered {status}.")
    return ""


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    try:
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None


def _mail(settings: Settings, waiting: Waiting) -> str:
    """Send the notice by e-mail, over TLS when the server offers it."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = waiting.subject
    message["From"] = settings.smtp_sender
    message["To"] = ", ".join(settings.notice_email)
    message["Date"] = waiting.at.replace(tzinfo=UTC)
    domain = settings.smtp_sender.rpartition("@")[2]
    message["Message-ID"] = f"<vigie-{waiting.notice_id}-{waiting.at:%Y%m%d%H%M%S}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(waiting.body)
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _server(settings) as connection:
            refused = connection.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise NoticeError(f"{server} answered {error.smtp_code}.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NoticeError(f"{server}: {type(error).__name__}.") from None
    return f"{server} refused {len(refused)} of the addresses." if refused else ""


def _server(settings: Settings) -> smtplib.SMTP:
    """The mail server, connected, under TLS when it offers it, and logged in when asked.

    Raises
    ------
    NoticeError
        When a password would travel in clear, or its file cannot be read.
    """
    where = (settings.smtp_host, settings.smtp_port)
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=context)
        if settings.smtp_port == TLS_PORT
        else smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
    )
    try:
        is_private = isinstance(connection, smtplib.SMTP_SSL) or _is_loopback(settings.smtp_host)
        connection.ehlo_or_helo_if_needed()
        if not isinstance(connection, smtplib.SMTP_SSL) and connection.has_extn("starttls"):
            connection.starttls(context=context)
            is_private = True
        if settings.smtp_user:
            if not is_private:
                raise NoticeError(
                    f"{settings.smtp_host} offers no TLS: the password would travel in clear."
                )
            connection.login(settings.smtp_user, _password(settings))
    except BaseException:
        connection.close()
        raise
    return connection


def _password(settings: Settings) -> str:
    if settings.smtp_password_file is None:
        raise NoticeError("VIGIE_SMTP_USER needs VIGIE_SMTP_PASSWORD_FILE.")
    try:
        return settings.smtp_password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise NoticeError(f"VIGIE_SMTP_PASSWORD_FILE cannot be read ({reason}).") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
