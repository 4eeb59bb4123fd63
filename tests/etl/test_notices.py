"""Notices leave through a real HTTP server and a real mail server, both of the test."""

import json
import shutil
import socketserver
import ssl
import subprocess
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dashboard.addresses import PATHS
from etl import notices
from geodata import jobs, outbox, state
from geodata.model import Issue, Severity
from geodata.queries import jobs as job_queries
from geodata.settings import settings

NOON = datetime.fromisoformat("2026-03-04T12:00:00")
CELL = "DUPONT Jeanne, 43157"


@pytest.fixture
def web(serve):
    """A web server that answers as told and remembers what it was sent: (path, JSON)."""

    def make(*answers):
        left, heard = list(answers), []

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append((self.path, json.loads(body)))
                status, onward = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                if onward:
                    self.send_header("Location", onward)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_given):
                pass

        return serve(ThreadingHTTPServer(("127.0.0.1", 0), Answer)), heard

    return make


@dataclass
class Mailbox:
    """A mail server: what it offers, what it was told, what it took in."""

    context: ssl.SSLContext | None = None
    offers_login: bool = False
    refuses: tuple[str, ...] = ()
    heard: list[tuple[bool, str]] = field(default_factory=list)  # (under TLS, command)
    letters: list[bytes] = field(default_factory=list)


@pytest.fixture
def mail(serve):
    def make(box):
        class Session(socketserver.StreamRequestHandler):
            timeout = 10

            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                is_private = False
                self.say("220 sink")
                while line := self.rfile.readline():
                    command = line.decode().strip()
                    box.heard.append((is_private, command))
                    word = command.split(" ")[0].upper()
                    if word == "EHLO":
                        offers = ["250-sink"]
                        offers += ["250-STARTTLS"] if box.context and not is_private else []
                        offers += ["250-AUTH PLAIN"] if box.offers_login else []
                        for offer in offers:
                            self.say(offer)
                        self.say("250 8BITMIME")
                    elif word == "STARTTLS":
                        self.say("220 go")
                        try:
                            self.connection = box.context.wrap_socket(
                                self.connection, server_side=True
                            )
                        except (ssl.SSLError, OSError):
                            return  # the client does not trust us
                        self.rfile = self.connection.makefile("rb")
                        self.wfile = self.connection.makefile("wb", 0)
                        is_private = True
                    elif word == "AUTH":
                        self.say("235 welcome")
                    elif word == "RCPT" and any(name in command for name in box.refuses):
                        self.say("550 unknown here")
                    elif word == "DATA":
                        self.say("354 go")
                        lines = []
                        while (line := self.rfile.readline()) != b".\r\n":
                            lines.append(line)
                        box.letters.append(b"".join(lines))
                        self.say("250 kept")
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

            def finish(self):
                self.wfile.close()
                self.rfile.close()
                self.connection.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        return serve(Server(("127.0.0.1", 0), Session))

    return make


@pytest.fixture
def chosen(tmp_path):
    """Settings for a web hook or a mail server on the loopback."""

    def make(web=None, mail=None, **others):
        said = {"VIGIE_DATA": str(tmp_path), "VIGIE_ADDRESS": "https://vigie.example.org/"}
        if web:
            said["VIGIE_NOTICE_WEBHOOK"] = f"http://127.0.0.1:{web}/hook/s3cr3t"
        if mail:
            said |= {
                "VIGIE_NOTICE_EMAIL": "odile@example.org, paul@example.org",
                "VIGIE_SMTP_HOST": "localhost",
                "VIGIE_SMTP_PORT": str(mail),
                "VIGIE_SMTP_SENDER": "vigie@example.org",
            }
        return settings(said | others)

    return make


@pytest.fixture
def engine(tmp_path):
    made = state.state_engine(tmp_path)
    yield made
    made.dispose()


def waiting(channel):
    return outbox.Waiting(3, "failed", "Objet : échec", "Corps : été\n", channel, NOON)


def rejected(engine, words, issues=()):
    """A refresh of the territory that was refused for these issues."""
    job_id = jobs.ask(engine, "refresh", words.territory.id, "Odile Martin", at=NOON)
    jobs.next_job(engine, "w", at=NOON)
    run_id = state.start_run(engine, 1, words.territory.id, job_id)
    state.end_run(engine, run_id, "rejected", issues=issues)
    jobs.end(engine, job_id, "done", "", run_id, "rejected", at=NOON)
    return job_id


@pytest.fixture
def births(words):
    return Issue(
        words.territory.sources[2],
        Severity.REJECT,
        "truncated",
        "la ligne est coupée",
        "the line is cut",
        mend_fr="Télécharger le fichier à nouveau.",
        mend_en="Download the file again.",
        file="births.csv",
        line=12,
        column="value",
        sample=CELL,
    )


def test_a_notice_says_in_french_then_in_english_what_where_the_mend_and_the_page(
    engine, words, births, chosen
):
    rejected(engine, words, [births, replace(births, severity=Severity.WARNING, line=77)])
    owed = outbox.owed(engine, words.territory.id)[0]
    subject, body = notices.notice(owed, [births], words, chosen())
    name = words.sources[births.source_id].name
    assert subject == "[Vigie] Haute-Loire : actualisation, refus / refresh refused"
    french, english = body.split("-- \n")
    assert "demandée par Odile Martin" in french
    assert "2026-03-04 13:00 (Europe/Paris)" in french
    assert (
        f"- {name.fr} : births.csv, ligne 12, colonne value : la ligne est coupée "
        "→ Télécharger le fichier à nouveau." in french
    )
    assert f"https://vigie.example.org{PATHS['fr', 'data']}" in french
    assert f"- {name.en}: births.csv, line 12, column value: the line is cut → Download" in english
    assert f"https://vigie.example.org{PATHS['en', 'data']}" in english
    assert CELL not in body


def test_of_a_file_about_persons_only_the_place_and_the_code_are_told(
    engine, words, births, chosen
):
    entry = replace(words.sources[births.source_id], is_record_level=True)
    closed = replace(words, sources={**words.sources, entry.id: entry})
    talkative = replace(births, message_fr=f"{CELL} est double", message_en=f"{CELL} is doubled")
    rejected(engine, words, [talkative])
    _subject, body = notices.notice(
        outbox.owed(engine, words.territory.id)[0], [talkative], closed, chosen()
    )
    assert "DUPONT" not in body
    assert "births.csv, ligne 12, colonne value : défaut « truncated » → Télécharger" in body


def test_a_long_list_is_cut_and_counted(engine, words, births, chosen):
    rejected(engine, words)
    many = [replace(births, line=n) for n in range(notices.MOST_ISSUES + 5)]
    owed = outbox.owed(engine, words.territory.id)[0]
    _subject, body = notices.notice(owed, many, words, chosen())
    assert body.count("→ Download") == notices.MOST_ISSUES
    assert "- et 5 autres" in body
    assert "- and 5 more" in body


def test_a_refused_refresh_is_posted_once_with_its_link(engine, words, births, chosen, web):
    port, heard = web((200, ""))
    rejected(engine, words, [births])
    for left in (1, 0):
        assert notices.tell(engine, chosen(web=port), words, NOON) == left
    ((path, content),) = heard
    assert path == "/hook/s3cr3t"
    assert (content["kind"], content["territory"]) == ("rejected", words.territory.id)
    assert content["link"] == "https://vigie.example.org/fr/donnees"
    assert "births.csv, line 12" in content["text"]
    assert CELL not in json.dumps(content, ensure_ascii=False)
    row = job_queries.notices(engine).iloc[0]
    assert (row["delivered_at"], row["error"], row["tries"]) == (NOON, None, 1)


def test_a_webhook_that_stumbles_is_asked_again_at_once(chosen, web):
    port, heard = web((503, ""), (500, ""), (204, ""))
    assert notices.send(chosen(web=port), waiting("webhook")) == ""
    assert [content["notice_id"] for _path, content in heard] == [3, 3, 3]


@pytest.mark.parametrize(("status", "tries"), [(503, 1 + notices.RETRIES), (404, 1), (302, 1)])
def test_a_webhook_that_refuses_is_named_without_its_address(chosen, web, status, tries):
    port, heard = web((status, "/elsewhere"))
    with pytest.raises(notices.NoticeError) as raised:
        notices.send(chosen(web=port), waiting("webhook"))
    assert str(raised.value) == f"127.0.0.1 answered {status}."
    assert len(heard) == tries


def test_nobody_at_the_address_of_the_webhook(chosen, web):
    settings_ = chosen(web=9)  # the port of discard: closed
    with pytest.raises(notices.NoticeError, match="cannot be reached") as raised:
        notices.send(settings_, waiting("webhook"))
    assert "s3cr3t" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "s3cr3t" not in repr(settings_)


def test_a_redirect_is_followed_on_the_same_host_and_refused_to_another(chosen, web):
    other, stolen = web((200, ""))
    port, heard = web((307, "/moved"), (308, f"http://127.0.0.1:{other}/"))
    with pytest.raises(notices.NoticeError, match="another host"):
        notices.send(chosen(web=port), waiting("webhook"))
    assert [path for path, _content in heard] == ["/hook/s3cr3t", "/moved"]
    assert stolen == []


def test_a_webhook_that_sends_round_in_circles_is_left(chosen, web):
    port, heard = web((307, "/hook"))
    with pytest.raises(notices.NoticeError, match="answered 307"):
        notices.send(chosen(web=port), waiting("webhook"))
    assert len(heard) == notices.MOST_REDIRECTS


def test_a_notice_by_mail_reads_well_in_both_languages(engine, words, births, chosen, mail):
    box = Mailbox()
    port = mail(box)
    rejected(engine, words, [births])
    assert notices.tell(engine, chosen(mail=port), words, NOON) == 1
    letter = message_from_bytes(box.letters[0], policy=policy.default)
    assert letter["Subject"] == "[Vigie] Haute-Loire : actualisation, refus / refresh refused"
    assert letter["To"] == "odile@example.org, paul@example.org"
    assert letter["From"] == "vigie@example.org"
    assert letter["Message-ID"] == "<vigie-1-20260304120000@example.org>"
    assert "la ligne est coupée → Télécharger" in letter.get_content()
    assert [said.lower() for _private, said in box.heard if "odile" in said or "paul" in said] == [
        "rcpt to:<odile@example.org>",
        "rcpt to:<paul@example.org>",
    ]


def test_addresses_that_are_refused_are_counted_and_the_others_served(engine, words, chosen, mail):
    box = Mailbox(refuses=("paul",))
    port = mail(box)
    rejected(engine, words)
    notices.tell(engine, chosen(mail=port), words, NOON)
    row = job_queries.notices(engine).iloc[0]
    assert row["delivered_at"] == NOON
    assert row["error"] == f"localhost:{port} refused 1 of the addresses."
    assert len(box.letters) == 1


def test_a_mail_server_that_is_down_keeps_the_notice_for_later(engine, words, chosen, mail):
    rejected(engine, words)
    assert notices.tell(engine, chosen(mail=9), words, NOON) == 0
    row = job_queries.notices(engine).iloc[0]
    assert row["error"] == "localhost:9: ConnectionRefusedError."
    box = Mailbox()
    port = mail(box)
    assert notices.tell(engine, chosen(mail=port), words, NOON) == 0, "not at once"
    assert notices.tell(engine, chosen(mail=port), words, NOON + timedelta(minutes=1)) == 1
    assert len(box.letters) == 1


def test_a_channel_taken_out_of_the_settings_is_told(engine, words, chosen):
    rejected(engine, words)
    notices.tell(engine, chosen(mail=9), words, NOON)
    notices.tell(engine, chosen(), words, NOON + timedelta(minutes=1))
    assert job_queries.notices(engine)["error"].item() == "No email is set any more."


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of localhost and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-out", str(made[0]), "-keyout", str(made[1])),
        ],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture
def private(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_tls_is_used_when_offered_and_the_password_goes_under_it(
    chosen, mail, private, certificate, tmp_path, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    box = Mailbox(context=private, offers_login=True)
    made = chosen(
        mail=mail(box),
        VIGIE_SMTP_USER="vigie",
        VIGIE_SMTP_PASSWORD_FILE=str(tmp_path / "password"),
    )
    (tmp_path / "password").write_text("sesame\n", "utf-8")
    notices.send(made, waiting("email"))
    words = [(is_private, command.split(" ")[0]) for is_private, command in box.heard]
    assert words[:3] == [(False, "ehlo"), (False, "STARTTLS"), (True, "ehlo")]
    assert all(is_private for is_private, _word in words[2:])
    assert (True, "AUTH") in words
    assert len(box.letters) == 1


def test_a_mail_server_with_a_foreign_certificate_gets_nothing(chosen, mail, private):
    box = Mailbox(context=private)
    with pytest.raises(notices.NoticeError, match="SSLCertVerificationError"):
        notices.send(chosen(mail=mail(box)), waiting("email"))
    assert box.letters == []


def test_a_password_never_travels_in_clear(chosen, mail, monkeypatch, tmp_path):
    (tmp_path / "password").write_text("sesame", "utf-8")
    box = Mailbox(offers_login=True)
    made = chosen(
        mail=mail(box),
        VIGIE_SMTP_USER="vigie",
        VIGIE_SMTP_PASSWORD_FILE=str(tmp_path / "password"),
    )
    monkeypatch.setattr(notices, "_is_loopback", lambda _host: False)  # as if it were far away
    with pytest.raises(notices.NoticeError, match="in clear"):
        notices.send(made, waiting("email"))
    assert not any("AUTH" in command for _private, command in box.heard)


@pytest.mark.parametrize(("host", "is_near"), [("127.0.0.1", True), ("::1", True)])
def test_what_the_loopback_is(host, is_near):
    assert notices._is_loopback(host) is is_near
    assert not notices._is_loopback("mail.example.org")
    assert not notices._is_loopback("192.0.2.1")


def test_a_password_file_that_is_gone_is_told_without_its_path(chosen, mail, tmp_path):
    box = Mailbox(offers_login=True)
    made = chosen(
        mail=mail(box),
        VIGIE_SMTP_USER="vigie",
        VIGIE_SMTP_PASSWORD_FILE=str(tmp_path / "hunter2"),
    )
    with pytest.raises(notices.NoticeError, match="No such file") as raised:
        notices.send(made, waiting("email"))
    assert "hunter2" not in str(raised.value) + repr(made)
