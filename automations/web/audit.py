"""Settings: who changed what and when."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, g, render_template, request, url_for
from sqlalchemy.orm import joinedload

from automations.models.base import db
from automations.models.people import Audit

PAGE = 50

bp = Blueprint("audit", __name__, url_prefix="/settings/audit")


@bp.get("")
def index() -> str:
    before = request.args.get("before", type=int)
    found = sa.select(Audit).where(Audit.store_id == g.store.id).order_by(Audit.id.desc()).limit(PAGE + 1)
    if before is not None:
        found = found.where(Audit.id < min(before, 2**63 - 1))
    rows = db.session.scalars(found.options(joinedload(Audit.user))).all()
    older = url_for("audit.index", before=rows[PAGE - 1].id) if len(rows) > PAGE else ""
    newer = url_for("audit.index") if before is not None else ""
    return render_template("settings/audit.html", rows=rows[:PAGE], older=older, newer=newer)
