"""Whether a request from outside answers one of ours: then its change goes on in our chain."""

from __future__ import annotations

import datetime as dt

from flask import request
from sqlalchemy.orm import Session

from automations.connectors.http import CHAIN_HEADER
from automations.pipeline import chains
from automations.pipeline.change import Cause
from automations.web.email_settings import box


def in_chain(session: Session, cause: Cause, store_id: int, now: dt.datetime) -> Cause:
    """The cause of what this request changes, as a link of the chain it names, if it names one of ours."""
    header = request.headers.get(CHAIN_HEADER)
    return chains.continued(session, cause, header, box(), store_id, now) if header else cause
