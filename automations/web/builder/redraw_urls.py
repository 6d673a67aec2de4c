"""The addresses that redraw a builder: the automation's, the segment's and the expectation's."""

from __future__ import annotations

from flask import Flask, url_for

from automations.models.tables.automation import Automation
from automations.models.tables.expectation import Expectation
from automations.models.tables.segment import Segment

#: Stands for an expectation that is not saved yet; any other text for a segment that is not.
NEW_EXPECTATION = "expectation-new"


def draft_url(edited: Automation | Segment | Expectation | str) -> str:
    """Return the address that redraws the form after a choice. What is new is given as a string."""
    if isinstance(edited, Expectation) or edited == NEW_EXPECTATION:
        return url_for("expectation_drafts.create")
    if isinstance(edited, Automation):
        return url_for("automation_drafts.create", automation_id=edited.id)
    return url_for("segment_drafts.create", segment_id=None if isinstance(edited, str) else edited.id)


def register(app: Flask) -> None:
    """Register `draft_url` with the templates."""
    app.jinja_env.globals.update(draft_url=draft_url)
