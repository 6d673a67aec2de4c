"""Email through a real SMTP server, over a connection that is kept for the next email of the same store.

An email is repeated on a new connection only while nothing of it was handed over.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from automations.connectors.email_message import OutgoingEmail, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.kept_connections import KeptConnections, Whose
from automations.connectors.masking import NOTHING, Mask
from automations.connectors.mime import message_id, to_bytes
from automations.connectors.plain_text import one_line
from automations.connectors.smtp_session import MOST_EMAILS, Security, Session
from automations.faults import crash

_SEND_IT_NOW = 354
#: Replies about our login, not the message: once the settings are corrected, a retry succeeds.
_LOGIN_CODES = frozenset({454, 530, 534, 535, 538})
_LOGIN_HINT = "Check the user name and password in the email settings."
#: The part of the time for an email in which a kept connection has to take its addresses.
_SHARE_OF_KEPT = 1 / 3

_reading = threading.Lock()
_kept: KeptConnections[Session] = KeptConnections()


def close_kept() -> None:
    """Close the connections that are kept."""
    _kept.close_all()


@cache
def _read_certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _public_certificates() -> ssl.SSLContext:
    """Return the context that knows the public authorities: reading them takes 20 ms, so it is done once.

    Threads that ask for it at the same moment get the same: with another, a kept connection would be closed.
    """
    with _reading:
        return _read_certificates()


@dataclass(frozen=True)
class SmtpConnector:
    """One account at one mail server. `timeout` is the total time for one email, in seconds."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 15.0
    context: ssl.SSLContext = field(default_factory=_public_certificates, repr=False)
    mask: Mask = NOTHING
    #: Whose connections stay open for the next email: those of a store, or of nobody.
    keeper: str = ""

    key = "smtp"
    outside = True
    keyed = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand over one email. Raises Refused, TryAgain or Uncertain.

        A copy that is refused for good keeps nobody else from theirs.
        """
        payload = to_bytes(email)
        ends = time.monotonic() + self.timeout
        kept = self._kept_for(email)
        session, missed = (kept, dict[str, str]()) if kept else self._opened_for(email, ends)
        with _left_if_it_fails(session):
            session.begin(self._left(ends), self.mask)
            crash.at("smtp.addressed")
            words = _hand_over(session, payload)
            crash.at("smtp.answered")
        self._keep(session)
        detail = f"{self.host} accepted it: {words}"
        why, refused = tuple(missed.values()), tuple(missed)
        return Receipt(provider_id=message_id(email), detail=detail, missed=why, refused=refused)

    def _kept_for(self, email: OutgoingEmail) -> Session | None:
        """Return a kept connection that has taken the addresses of the email; None if no one did.

        The server may have ended it meanwhile, or take only so many emails through one connection: whatever
        it says other than yes, to a copy too, a new connection is asked. Nothing of the email was handed over
        yet.
        """
        session = _kept.take(self._whose, self._may_serve) if self.keeper else None
        if session is None:
            return None
        try:
            with _left_if_it_fails(session):
                session.begin(self.timeout * _SHARE_OF_KEPT, self.mask)
                is_for_all = not _address(session, email)
        except (OSError, Refused, TryAgain):
            return None
        if is_for_all:
            return session
        session.leave()
        return None

    def _opened_for(self, email: OutgoingEmail, ends: float) -> tuple[Session, dict[str, str]]:
        session = self._open(self._left(ends))
        try:
            with _left_if_it_fails(session):
                crash.at("smtp.connected")
                self._log_in(session)
                missed = _address(session, email)
        except OSError as error:
            raise TryAgain(f"The connection to {self.host} broke before the email left.") from error
        return session, missed

    def _left(self, ends: float) -> float:
        left = ends - time.monotonic()
        if left <= 0:
            raise TryAgain(f"{self.host} did not answer in time.")
        return left

    def _keep(self, session: Session) -> None:
        session.rest()
        if self.keeper and session.emails < MOST_EMAILS:
            _kept.keep(self._whose, session)
        else:
            session.leave()

    @property
    def _whose(self) -> Whose:
        # Whatever the settings were: what was opened with others is closed as soon as it is found.
        return Whose(self.keeper, "smtp", "", None)

    @property
    def _settings(self) -> tuple[object, ...]:
        return self.host, self.port, self.security, self.username, self.password, self.context

    def _may_serve(self, session: Session) -> bool:
        return session.settings == self._settings and session.may_serve

    def _open(self, seconds: float) -> Session:
        try:
            session = Session(self.host, self.port, self.security, seconds, self.context, self.mask)
            session.settings = self._settings
            return session
        except ssl.SSLCertVerificationError as error:
            raise TryAgain(f"The certificate of {self.host} is not valid: {error.verify_message}.") from error
        except smtplib.SMTPNotSupportedError as error:
            raise TryAgain(
                f"{self.host} does not offer STARTTLS. Choose another encryption in the email settings."
            ) from error
        except smtplib.SMTPResponseException as error:
            words = _words(error.smtp_error)
            raise TryAgain(f"{self.host} is not accepting mail now: {words}", down=True) from error
        except (OSError, OverflowError, ValueError) as error:
            raise TryAgain(f"{self.host} cannot be reached on port {self.port}.", down=True) from error

    def _log_in(self, session: Session) -> None:
        if not self.username:
            return
        try:
            session.login(self.username, self.password)
        except smtplib.SMTPAuthenticationError as error:
            words = _words(error.smtp_error)
            raise TryAgain(f"{self.host} did not accept the login: {words} {_LOGIN_HINT}") from error
        except smtplib.SMTPServerDisconnected:
            raise
        except (smtplib.SMTPException, ValueError) as error:
            raise TryAgain(f"{self.host} does not accept this kind of login. {_LOGIN_HINT}") from error


@contextmanager
def _left_if_it_fails(session: Session) -> Iterator[None]:
    try:
        yield
    except BaseException:
        session.leave()
        raise


def _address(session: Session, email: OutgoingEmail) -> dict[str, str]:
    """Return a sentence for each copy that is refused for good, by its address."""
    _expect_yes(*session.mail(email.sender.address), about="the sender")
    _expect_yes(*session.rcpt(email.to.address), about=email.to.address)
    missed = {}
    for contact in (*email.cc, *email.bcc):
        try:
            _expect_yes(*session.rcpt(contact.address), about=contact.address)
        except Refused as refused:
            # Refused for now, nobody gets it yet: a second try would reach the others twice.
            missed[contact.address] = str(refused)
    code, words = session.docmd("DATA")
    if code != _SEND_IT_NOW:
        raise _no(code, words, "the message")
    return missed


def _hand_over(session: Session, payload: bytes) -> str:
    # Once the first byte is sent, a silent server may have accepted the message: only a reply settles it.
    try:
        session.send(_stuffed(payload))
        crash.at("smtp.handed_over")
        code, words = session.getreply()
    except OSError as error:
        raise Uncertain("The connection broke after the email was handed over, before an answer.") from error
    if code < 0:
        raise Uncertain("The answer to the email that was handed over could not be understood.")
    _expect_yes(code, words, about="the message")
    return _words(words)


def _stuffed(payload: bytes) -> bytes:
    body = payload if payload.endswith(b"\r\n") else payload + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + b".\r\n"


def _expect_yes(code: int, words: bytes, about: str) -> None:
    if not 200 <= code < 300:
        raise _no(code, words, about)


def _no(code: int, words: bytes, about: str) -> Refused | TryAgain:
    reply = f"{code} {_words(words)}".strip()
    if code in _LOGIN_CODES:
        return TryAgain(f"The mail server requires a login: {reply} {_LOGIN_HINT}")
    if 500 <= code < 600:
        return Refused(f"The mail server refused {about}: {reply}")
    return TryAgain(f"The mail server is not accepting {about} now: {reply}")


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return one_line(text, 300)
