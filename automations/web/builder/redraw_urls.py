"""The addresses that redraw a builder: the automation's and the segment's."""

from __future__ import annotations

from flask import Flask, url_for

from automations.models.tables.automation import Automation
from automations.models.tables.segment import Segment


def draft_url(edited: Automation | Segment | str) -> str:
    """Return the address that redraws the form after a choice. A new segment is given as a string."""
    if isinstance(edited, Automation):
        return url_for("automation_drafts.create", automation_id=edited.id)
    return url_for("segment_drafts.create", segment_id=None if isinstance(edited, str) else edited.id)


def register(app: Flask) -> None:
    """Register `draft_url` with the templates."""
    app.jinja_env.globals.update(draft_url=draft_url)
