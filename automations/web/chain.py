"""Continue our chain when a request from outside follows from one of our own requests."""

from __future__ import annotations

import datetime as dt

from flask import request
from sqlalchemy.orm import Session

from automations.connectors.http import CHAIN_HEADER
from automations.pipeline import chains
from automations.pipeline.change import Cause
from automations.web.email_settings import box


def in_chain(session: Session, cause: Cause, store_id: int, now: dt.datetime) -> Cause:
    """Return the cause of this request's changes, linked to the chain its header names if that is ours."""
    header = request.headers.get(CHAIN_HEADER)
    return chains.continued(session, cause, header, box(), store_id, now) if header else cause
