"""The JSON API: its addresses come with the modules of web/api/."""

from __future__ import annotations

from automations.web.api import deliveries, documents, records
from automations.web.api.blueprint import bp

__all__ = ["bp", "deliveries", "documents", "records"]
