"""Continue our chain when a request from outside follows from one of our own requests."""

from __future__ import annotations

import datetime as dt

from flask import request
from sqlalchemy.orm import Session

from automations.connectors.signed_requests import CHAIN_HEADER
from automations.pipeline.providers import causation_token
from automations.pipeline.records.change import Cause
from automations.web.kit.secret_box import secret_box


def in_chain(session: Session, cause: Cause, store_id: int, now: dt.datetime) -> Cause:
    """Return the cause of this request's changes, linked to the chain its header names if that is ours."""
    header = request.headers.get(CHAIN_HEADER)
    return (
        causation_token.continue_chain(session, cause, header, secret_box(), store_id, now)
        if header
        else cause
    )
