"""what a version knows of its actions: the host each calls, and whether it is marketing"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("action_traits", sa.Text(), nullable=True))
    version = sa.table("version", *map(sa.column, ("id", "definition", "action_traits")))
    rows = op.get_bind().execute(sa.select(version.c.id, version.c.definition)).all()
    for id, definition in rows:
        traits = json.dumps([_traits(action) for action in json.loads(definition).get("actions", ())])
        op.execute(sa.update(version).where(version.c.id == id).values(action_traits=traits))


def downgrade() -> None:
    op.drop_column("version", "action_traits")


def _traits(action: Mapping[str, Any]) -> dict[str, Any]:
    kind, settings = action.get("kind"), action.get("settings")
    url = settings.get("url") if kind == "http_request" and isinstance(settings, Mapping) else None
    lane = _host(url.strip().partition("{")[0]) if isinstance(url, str) else ""
    return {"lane": lane, "marketing": kind == "send_marketing"}


def _host(url: str) -> str:
    """The host of a URL in one word, with its port where that is a special one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{host}:{port}" if host and port not in (None, usual) else host
