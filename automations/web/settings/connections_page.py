"""Settings: everything the store is connected to, on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, g, render_template, url_for

from automations.connectors.sms_presets import PRESETS
from automations.models.db.base import db
from automations.models.settings import call_limits, providers
from automations.models.settings.email_server import KIND as EMAIL
from automations.models.tables.secret import Secret
from automations.models.tables.store import Connection
from automations.pipeline.delivery import circuit_breaker, closed_endpoints

Words = Callable[[Connection | None], str]

bp = Blueprint("connections", __name__, url_prefix="/settings/connections")


@dataclass(frozen=True)
class ConnectionLine:
    """One connection: what it is, its current state in words, and where it is set up."""

    icon: str
    label: str
    standing: str
    url: str
    connection: Connection | None

    @property
    def failed(self) -> bool:
        return bool(self.connection and "was not sent" in (self.connection.last_result or ""))


@bp.get("")
def index() -> str:
    by_kind = providers.by_kind(db.session(), g.store.id)
    lines = [
        _line("mail", "Email", _email, EMAIL, "email_settings.edit", by_kind),
        _line("chat", "Text messages", _sms, providers.SMS, "sms_settings.edit", by_kind),
        _line("users", "Chat", _chat, providers.CHAT, "chat_settings.edit", by_kind),
        _line("key", "HTTP secrets", _secrets, providers.HTTP, "secret_settings.index", by_kind),
        _line("send", "HTTP requests", _requests, providers.HTTP, "call_limit_settings.edit", by_kind),
        _line("store", "EasyPost", _easypost, providers.EASYPOST, "easypost_settings.edit", by_kind),
    ]
    now = dt.datetime.now(dt.UTC)
    hosts = [(host, host.state(now)) for host in circuit_breaker.failing(db.session(), g.store.id)]
    closed = closed_endpoints.closed(db.session(), g.store.id)
    return render_template("connections/index.html", lines=lines, hosts=hosts, closed=closed)


def _line(
    icon: str, label: str, words: Words, kind: str, endpoint: str, by_kind: dict[str, Connection]
) -> ConnectionLine:
    connection = by_kind.get(kind)
    return ConnectionLine(icon, label, words(connection), url_for(endpoint), connection)


def _email(connection: Connection | None) -> str:
    host = connection.settings.get("host") if connection else ""
    return f"Goes out through {host}." if host else "Kept in the mailbox: no server is set."


def _sms(connection: Connection | None) -> str:
    preset = PRESETS.get(str(connection.settings.get("preset"))) if connection else None
    if preset is None:
        return "Kept in the mailbox: no gateway is set."
    return (
        "Go out through a gateway of your own."
        if preset.key == "generic"
        else f"Go out through {preset.label}."
    )


def _chat(connection: Connection | None) -> str:
    service = connection.settings.get("service") if connection else ""
    return f"Notices go to {service}." if service else "No chat is set up."


def _secrets(_connection: Connection | None) -> str:
    count = db.session.scalar(sa.select(sa.func.count(Secret.id)).where(Secret.store_id == g.store.id))
    return f"{count} kept for your HTTP requests." if count else "None: HTTP requests go out without one."


def _requests(connection: Connection | None) -> str:
    limits = call_limits.of_settings(connection.settings if connection else None)
    own = f" Hosts with their own limit: {len(limits.hosts)}." if limits.hosts else ""
    if limits.usual == 1:
        return f"One after the other to each host.{own}"
    return f"At most {limits.usual} at the same time to each host.{own}"


def _easypost(connection: Connection | None) -> str:
    return "Reports where parcels are." if connection and connection.secret else "Not connected."
