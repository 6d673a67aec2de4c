"""The owner an automation acts for, and taking over ownership."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g
from werkzeug.wrappers import Response

from automations.models.db.base import db, write
from automations.pipeline.delivery import ownership
from automations.web.builder import submit
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_owners", __name__, url_prefix="/automations/<int:automation_id>")

bp.add_app_template_global(lambda automation: ownership.owner_of(db.session(), automation), "owner_of")


@bp.post("/ownership")
def update(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    with write() as session:
        ownership.take_over(session, automation, g.user, dt.datetime.now(dt.UTC))
    return submit.back_to_builder(
        automation, "This automation now runs as you. Held actions continue in a moment."
    )
