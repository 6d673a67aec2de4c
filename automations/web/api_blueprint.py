"""The blueprint of the JSON API. Importing the modules of web/api/ registers its routes."""

from __future__ import annotations

from automations.web.api import deliveries, documents, records
from automations.web.api.blueprint import bp

__all__ = ["bp", "deliveries", "documents", "records"]
