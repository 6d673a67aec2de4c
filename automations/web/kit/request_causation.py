"""Continue our chain when a request from outside follows from one of our own requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask.globals import request_ctx
from sqlalchemy.orm import Session

from automations.connectors.signed_requests import CHAIN_HEADER
from automations.pipeline.providers import causation_token
from automations.pipeline.records.change import Cause
from automations.web.kit.secret_box import secret_box


def chain_of_request(store_id: int) -> Callable[[Session, Cause], Cause] | None:
    """Return a function that links the cause of this request's changes to the chain that its header names.

    None if it names none.
    """
    header = request_ctx.request.headers.get(CHAIN_HEADER)
    if not header:
        return None
    box, now = secret_box(), dt.datetime.now(dt.UTC)
    return lambda session, cause: causation_token.continue_chain(session, cause, header, box, store_id, now)


def in_chain(session: Session, cause: Cause, store_id: int) -> Cause:
    """Return the cause of this request's changes, linked to the chain its header names if that is ours."""
    chain = chain_of_request(store_id)
    return chain(session, cause) if chain else cause
