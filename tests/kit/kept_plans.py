"""The plan that a database keeps for a statement, whatever its values are and however its tables grow."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from automations.models.db.base import db


def kept_plan(query: sa.Select[Any]) -> str:
    """Return the plan that a database keeps for a statement, whatever its values; no table is read whole."""
    connection = db.session.connection()
    said = query.compile(connection)
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", tuple(said.params.values()))
        return "\n".join(row[3] for row in rows)
    places = {name: f"${place}" for place, name in enumerate(said.params, 1)}
    numbered = re.sub(r"%[(](\w+)[)]s", lambda found: places[found[1]], str(said))
    for setting in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    connection.exec_driver_sql(f"PREPARE sought AS {numbered}")
    values = ", ".join(f"'{value}'" for value in said.params.values())
    lines = connection.exec_driver_sql(f"EXPLAIN EXECUTE sought({values})").scalars().all()
    connection.exec_driver_sql("DEALLOCATE sought")
    return "\n".join(lines)
