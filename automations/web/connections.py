"""Settings: everything the store is connected to, on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, g, render_template, url_for

from automations.connectors.sms_presets import PRESETS
from automations.models import providers
from automations.models.base import db
from automations.models.email_server import KIND as EMAIL
from automations.models.secret import Secret
from automations.models.store import Connection
from automations.pipeline import breaker, endpoints

Words = Callable[[Connection | None], str]

bp = Blueprint("connections", __name__, url_prefix="/settings/connections")


@dataclass(frozen=True)
class Line:
    """One way in or out: what it is, how it stands, and where it is set up."""

    icon: str
    label: str
    standing: str
    url: str
    connection: Connection | None

    @property
    def failed(self) -> bool:
        return bool(self.connection and "did not go out" in (self.connection.last_result or ""))


@bp.get("")
def index() -> str:
    known = providers.all_of(db.session(), g.store.id)
    lines = [
        _line("mail", "Email", _email, EMAIL, "email_settings.edit", known),
        _line("chat", "Text messages", _sms, providers.SMS, "sms_settings.edit", known),
        _line("users", "Chat", _chat, providers.CHAT, "chat_settings.edit", known),
        _line("key", "HTTP secrets", _secrets, providers.HTTP, "secret_settings.index", known),
        _line("store", "EasyPost", _easypost, providers.EASYPOST, "easypost_settings.edit", known),
    ]
    now = dt.datetime.now(dt.UTC)
    hosts = [(one, one.state(now)) for one in breaker.failing(db.session(), g.store.id)]
    off = endpoints.closed(db.session(), g.store.id)
    return render_template("connections/index.html", lines=lines, hosts=hosts, closed=off)


def _line(
    icon: str, label: str, words: Words, kind: str, endpoint: str, known: dict[str, Connection]
) -> Line:
    connection = known.get(kind)
    return Line(icon, label, words(connection), url_for(endpoint), connection)


def _email(found: Connection | None) -> str:
    host = found.settings.get("host") if found else ""
    return f"Goes out through {host}." if host else "Kept in the mailbox: no server is set."


def _sms(found: Connection | None) -> str:
    preset = PRESETS.get(str(found.settings.get("preset"))) if found else None
    if preset is None:
        return "Kept in the mailbox: no gateway is set."
    return (
        "Go out through a gateway of your own."
        if preset.key == "generic"
        else f"Go out through {preset.label}."
    )


def _chat(found: Connection | None) -> str:
    service = found.settings.get("service") if found else ""
    return f"Notices go to {service}." if service else "No chat is set up."


def _secrets(_found: Connection | None) -> str:
    count = db.session.scalar(sa.select(sa.func.count(Secret.id)).where(Secret.store_id == g.store.id))
    return f"{count} kept for your HTTP requests." if count else "None: HTTP requests go out without one."


def _easypost(found: Connection | None) -> str:
    return "Tells us where parcels are." if found and found.secret else "Not connected."
