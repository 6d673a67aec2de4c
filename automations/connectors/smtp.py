"""Email through a real SMTP server."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field

from automations.connectors.email_message import OutgoingEmail, Receipt, Refused, TryAgain, Uncertain
from automations.connectors.masking import NOTHING, Mask
from automations.connectors.mime import message_id, to_bytes
from automations.connectors.plain_text import one_line
from automations.connectors.smtp_session import Security, Session
from automations.faults import crash

_SEND_IT_NOW = 354
#: Replies about our login, not the message: once the settings are corrected, a retry succeeds.
_LOGIN_CODES = frozenset({454, 530, 534, 535, 538})
_LOGIN_HINT = "Check the user name and password in the email settings."


@dataclass(frozen=True)
class SmtpConnector:
    """One account at one mail server. `timeout` is the total time for one email, in seconds."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 15.0
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    mask: Mask = NOTHING

    key = "smtp"
    outside = True
    keyed = False

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand over one email to one recipient. Raises Refused, TryAgain or Uncertain."""
        payload = to_bytes(email)
        session = self._open()
        try:
            crash.at("smtp.connected")
            self._log_in(session)
            _address(session, email)
            crash.at("smtp.addressed")
            words = _hand_over(session, payload)
            crash.at("smtp.answered")
        except OSError as error:
            raise TryAgain(f"The connection to {self.host} broke before the email left.") from error
        finally:
            session.leave()
        return Receipt(provider_id=message_id(email), detail=f"{self.host} accepted it: {words}")

    def _open(self) -> Session:
        try:
            return Session(self.host, self.port, self.security, self.timeout, self.context, self.mask)
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


def _address(session: Session, email: OutgoingEmail) -> None:
    _expect_yes(*session.mail(email.sender.address), about="the sender")
    _expect_yes(*session.rcpt(email.to.address), about=email.to.address)
    code, words = session.docmd("DATA")
    if code != _SEND_IT_NOW:
        raise _no(code, words, "the message")


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
