"""Whether a claimed run may still be sent. Part of: perform."""

from __future__ import annotations

from automations.actions.base import Skipped
from automations.models.customer import ERASED
from automations.pipeline.job import REFUSED, TRY_AGAIN, Job

GONE = "The customer it was for was erased before it was sent."


def skip_if_customer_erased(job: Job) -> None:
    """Raise Skipped where the message is for a customer erased since, unless it may have left already."""
    person = job.snapshot if job.subject == "customer" else job.snapshot.get("customer") or {}
    is_for_customer = job.settings.get("to") == "customer"
    is_erased = ERASED in (person.get("first_name"), person.get("email"), person.get("phone"))
    may_have_left = any(earlier.result not in (TRY_AGAIN, REFUSED) for earlier in job.earlier.values())
    if is_for_customer and is_erased and not may_have_left:
        raise Skipped(GONE)
