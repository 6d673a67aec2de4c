"""Who may see and write segments and campaigns, and end marketing: a part of permissions.py."""

from __future__ import annotations

from collections.abc import Mapping

AUDIENCE: Mapping[str, str] = {
    "segments.index": "view",
    "segments.new": "edit",
    "segments.create": "edit",
    "segments.edit": "edit",
    "segments.update": "edit",
    "segments.destroy": "edit",
    "segment_drafts.create": "edit",
    "campaigns.index": "view",
    "campaigns.new": "edit",
    "campaigns.create": "edit",
    "campaigns.show": "view",
    "campaigns.send": "edit",
    "unsubscribe.show": "public",
    "unsubscribe.update": "public",
}
