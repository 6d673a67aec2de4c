"""Checks whether the stores' mail servers and gateways can be reached, without sending anything."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.connectors.sms_gateway import SmsGateway
from automations.connectors.smtp import SmtpConnector
from automations.connectors.smtp_session import Session as Mail
from automations.models.tables.store import Store
from automations.pipeline.providers.store_connectors import email_connector, sms_connector

#: Seconds.
TIMEOUT = 5.0


def ask(session: Session, app: Flask, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Yield (name, problem) for each provider; the problem is a sentence, "" when the provider answers."""
    box = SecretBox([app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]])
    stores = list(session.scalars(sa.select(Store).order_by(Store.id)))
    for store in stores:
        try:
            mail, gateway = email_connector(session, store.id, box), sms_connector(session, store.id, box)
        except SecretUnreadable:
            yield f"secrets of store {store.id}", "They cannot be read. Was SECRET_KEY changed?"
            continue
        # Waiting for the network inside a transaction would block others.
        session.rollback()
        if isinstance(mail, SmtpConnector):
            yield f"mail of store {store.id}", _mail(mail)
        if isinstance(gateway, SmsGateway):
            yield f"text messages of store {store.id}", _gateway(gateway)
        session.add(store)


def _mail(server: SmtpConnector) -> str:
    try:
        session = Mail(server.host, server.port, server.security, TIMEOUT, server.context)
    except ssl.SSLError as error:
        return f"The certificate of {server.host} is not accepted ({error.reason}). See the email settings."
    except (OSError, ValueError) as error:
        return f"{server.host} does not answer on port {server.port} ({type(error).__name__}). See Settings."
    try:
        if server.username:
            session.login(server.username, server.password)
    except OSError:
        return f"{server.host} does not accept the login. See the email settings."
    finally:
        session.leave()
    return ""


def _gateway(gateway: SmsGateway) -> str:
    address = urlsplit(gateway.preset.url.format_map(_Blank(gateway.settings)))
    host, port = address.hostname or "", address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((host, port), TIMEOUT).close()
    except (OSError, ValueError) as error:
        return f"{host} does not answer on port {port} ({type(error).__name__}). See Settings, Connections."
    return ""


class _Blank(dict[str, str]):
    """Settings in which a missing one reads as a dash."""

    def __missing__(self, name: str) -> str:
        return "-"
