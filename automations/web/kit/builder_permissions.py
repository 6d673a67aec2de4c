"""Who may write automations and publish them: a part of permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

BUILDER: Mapping[str, str] = {
    "starters.index": "edit",
    "starters.show": "edit",
    "automations.new": "edit",
    "automations.update": "edit",
    "draft_saves.create": "edit",
    "automation_drafts.create": "edit",
    "automation_pasts.create": "edit",
    "automation_past_checks.create": "edit",
    "automation_publications.create": "edit",
    "automation_reviews.create": "edit",
    "automation_reviews.show": "edit",
}
