from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail, Refused, TryAgain, Uncertain
from automations.connectors.smtp import SmtpConnector
from tests.connectors.certificates import make_contexts
from tests.connectors.servers import Handler, mail_server, scripted_server, until_data

#: Our servers ask for a login without encryption, and say so.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

EMAIL = OutgoingEmail(
    to=EmailContact("anna@shop.example", "Anna Lee"),
    sender=EmailContact("hello@bloom.example", "Bloom & Wild St"),
    subject="Your order 1042",
    text="Hello Anna,\n.\n..two dots\nthanks – £86.50",
    key="run-7:1",
)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return make_contexts(folder)


def _plain(port: int, timeout: float = 5) -> SmtpConnector:
    return SmtpConnector("127.0.0.1", port, "none", timeout=timeout)


def test_an_email_arrives_with_its_headers_and_every_line() -> None:
    handler = Handler()
    with mail_server(handler) as port:
        receipt = _plain(port).send(EMAIL)
    (mail,) = handler.mails
    assert (mail.sender, mail.recipients) == ("hello@bloom.example", ["anna@shop.example"])
    assert mail.message["From"] == "Bloom & Wild St <hello@bloom.example>"
    assert mail.message["Subject"] == "Your order 1042"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Message-ID"] == receipt.provider_id
    assert mail.message.get_content().replace("\r\n", "\n") == EMAIL.text + "\n"
    assert receipt.detail == "127.0.0.1 accepted it: queued as 4711"


def test_the_message_id_is_the_same_at_every_try() -> None:
    handler = Handler()
    with mail_server(handler) as port:
        first, second = _plain(port).send(EMAIL), _plain(port).send(EMAIL)
    assert first.provider_id == second.provider_id


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_permanent_smtp_error_is_a_refusal_in_the_servers_words(command: str) -> None:
    with (
        mail_server(Handler({command: "550 5.1.1 No such user here"})) as port,
        pytest.raises(Refused, match="No such user here"),
    ):
        _plain(port).send(EMAIL)


def test_a_refused_recipient_is_named() -> None:
    with (
        mail_server(Handler({"RCPT": "550 unknown"})) as port,
        pytest.raises(Refused, match=r"refused anna@shop\.example: 550 unknown"),
    ):
        _plain(port).send(EMAIL)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_temporary_smtp_error_is_retried(command: str) -> None:
    with (
        mail_server(Handler({command: "451 Greylisted, come back later"})) as port,
        pytest.raises(TryAgain, match="451 Greylisted"),
    ):
        _plain(port).send(EMAIL)


def test_a_server_that_wants_a_login_is_tried_again_after_the_settings_are_mended() -> None:
    with (
        mail_server(Handler(), login=True) as port,
        pytest.raises(TryAgain, match="Check the user name and password"),
    ):
        _plain(port).send(EMAIL)


def test_a_correct_login_sends_the_email() -> None:
    handler = Handler()
    with mail_server(handler, login=True) as port:
        SmtpConnector("127.0.0.1", port, "none", "shop", "right").send(EMAIL)
    assert len(handler.mails) == 1


@pytest.mark.parametrize("password", ["wrong", "wröng", ""])
def test_a_wrong_login_says_where_to_correct_it(password: str) -> None:
    with (
        mail_server(Handler(), login=True) as port,
        pytest.raises(TryAgain, match="Check the user name and password in the email settings"),
    ):
        SmtpConnector("127.0.0.1", port, "none", "shop", password).send(EMAIL)


def test_a_password_is_not_in_the_representation() -> None:
    assert "s3cret" not in repr(SmtpConnector("mail.example", 25, "none", "shop", "s3cret"))


def test_a_closed_port_is_retried() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TryAgain, match="cannot be reached on port"):
            _plain(taken.getsockname()[1]).send(EMAIL)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a..b", "a\x00b", "x" * 300])
def test_an_unknown_host_is_tried_again(host: str) -> None:
    with pytest.raises(TryAgain, match="cannot be reached"):
        SmtpConnector(host, 25, "none").send(EMAIL)


def test_an_impossible_port_is_tried_again() -> None:
    with pytest.raises(TryAgain, match="cannot be reached on port 99999"):
        SmtpConnector("127.0.0.1", 99999, "none").send(EMAIL)


def test_a_break_before_the_message_is_tried_again() -> None:
    with (
        scripted_server(lambda connection: connection.sendall(b"220 hello\r\n")) as port,
        pytest.raises(TryAgain),
    ):
        _plain(port).send(EMAIL)


def test_a_break_after_the_message_is_uncertain() -> None:
    def talk(connection: socket.socket) -> None:
        until_data(connection)
        while b"\r\n.\r\n" not in connection.recv(65536):
            pass

    with scripted_server(talk) as port, pytest.raises(Uncertain, match="before an answer"):
        _plain(port).send(EMAIL)


def test_silence_after_the_message_is_uncertain_within_the_time_limit() -> None:
    def talk(connection: socket.socket) -> None:
        until_data(connection)
        while connection.recv(65536):
            pass

    # It hangs up only when the sender does.
    with scripted_server(talk) as port, pytest.raises(Uncertain):
        _plain(port, timeout=0.3).send(EMAIL)


def test_a_dripping_server_cannot_hold_the_sender() -> None:
    came_to_its_end = False

    def talk(connection: socket.socket) -> None:
        nonlocal came_to_its_end
        for _ in range(1200):
            connection.sendall(b"2")
            time.sleep(0.05)
        came_to_its_end = True

    with scripted_server(talk) as port:
        with pytest.raises(TryAgain):
            _plain(port, timeout=0.3).send(EMAIL)
        assert not came_to_its_end


def test_a_failed_goodbye_does_not_undo_a_success() -> None:
    def talk(connection: socket.socket) -> None:
        until_data(connection)
        while b"\r\n.\r\n" not in connection.recv(65536):
            pass
        connection.sendall(b"250 kept\r\n")

    with scripted_server(talk) as port:
        assert _plain(port).send(EMAIL).detail == "127.0.0.1 accepted it: kept"


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


def test_tls_from_the_start(contexts: Contexts) -> None:
    handler = Handler()
    with mail_server(handler, tls=contexts[0]) as port:
        SmtpConnector("127.0.0.1", port, "tls", context=contexts[1]).send(EMAIL)
    assert len(handler.mails) == 1


def test_starttls(contexts: Contexts) -> None:
    handler = Handler()
    with mail_server(handler, starttls=contexts[0]) as port:
        SmtpConnector("127.0.0.1", port, "starttls", context=contexts[1]).send(EMAIL)
    assert len(handler.mails) == 1


def test_a_certificate_nobody_vouches_for_is_not_trusted(contexts: Contexts) -> None:
    handler = Handler()
    with (
        mail_server(handler, starttls=contexts[0]) as port,
        pytest.raises(TryAgain, match="The certificate of 127"),
    ):
        SmtpConnector("127.0.0.1", port, "starttls").send(EMAIL)
    assert handler.mails == []


def test_a_server_without_starttls_gets_nothing() -> None:
    handler = Handler()
    with mail_server(handler) as port, pytest.raises(TryAgain, match="does not offer STARTTLS"):
        SmtpConnector("127.0.0.1", port, "starttls").send(EMAIL)
    assert handler.mails == []
