"""The pages of customers."""

from __future__ import annotations

from automations.web import record_pages
from automations.web.record_kinds import KINDS

bp = record_pages.blueprint(KINDS["customers"])
