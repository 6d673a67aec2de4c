"""Where the parts of a builder are drawn again: that of an automation, and that of a segment."""

from __future__ import annotations

from flask import Flask, url_for

from automations.models.automation import Automation
from automations.models.segment import Segment


def draft_url(edited: Automation | Segment | str) -> str:
    """The address that answers with the form after a choice; a segment that is new has only a name."""
    if isinstance(edited, Automation):
        return url_for("automation_drafts.create", automation_id=edited.id)
    return url_for("segment_drafts.create", segment_id=None if isinstance(edited, str) else edited.id)


def register(app: Flask) -> None:
    """Give the templates `draft_url`."""
    app.jinja_env.globals.update(draft_url=draft_url)
