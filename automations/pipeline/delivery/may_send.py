"""Whether what a claimed run has prepared may still leave. Asked by perform, and by attempts just before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from automations.actions.send_marketing import NO_CONSENT
from automations.actions.shared.action_kind import Skipped
from automations.models.tables.customer import ERASED
from automations.pipeline.delivery import circuit_breaker, closed_endpoints
from automations.pipeline.delivery.closed_endpoints import Address
from automations.pipeline.delivery.previous_responses import NotYet
from automations.pipeline.evaluation.consent import MARKETING, has_consent
from automations.pipeline.evaluation.frequency_caps import customer_of
from automations.pipeline.runs.claimed_run import REFUSED, TRY_AGAIN, ClaimedRun

GONE = "The customer it was for was erased before it was sent."


def may_send(session: Session, run: ClaimedRun, hosts: Iterable[str], now: dt.datetime) -> None:
    """Return without error if the run may be sent to `hosts` now.

    Raises Skipped if it is not wanted any more, NotYet if one of the hosts must not be called now.
    """
    is_wanted(session, run, closed_endpoints.closed_among(session, [run]))
    hosts_answer(session, run.store_id, hosts, now)


def is_wanted(session: Session, run: ClaimedRun, closed: Collection[Address]) -> None:
    """Raise Skipped if the run's address is `closed`, its customer was erased, or consent is missing.

    A run that may have left already is finished all the same, unless its address is closed.
    """
    closed_endpoints.skip_if_closed(run, closed)
    if not _may_have_left(run):
        _skip_if_customer_erased(run)
        _skip_if_consent_withdrawn(session, run)


def hosts_answer(session: Session, store_id: int, hosts: Iterable[str], now: dt.datetime) -> None:
    """Raise NotYet, with the seconds to wait, if the breaker of a host is open."""
    for _, host in circuit_breaker.failing_among(session, {(store_id, host) for host in hosts if host}):
        until = circuit_breaker.wait_for(session, store_id, host, now)
        if until:
            raise NotYet(math.ceil((until - now).total_seconds()), circuit_breaker.sentence(host))


def _skip_if_customer_erased(run: ClaimedRun) -> None:
    person = run.snapshot if run.subject == "customer" else run.snapshot.get("customer") or {}
    is_for_customer = run.settings.get("to") == "customer"
    is_erased = ERASED in (person.get("first_name"), person.get("email"), person.get("phone"))
    if is_for_customer and is_erased:
        raise Skipped(GONE)


def _skip_if_consent_withdrawn(session: Session, run: ClaimedRun) -> None:
    # A first try asks when it is rendered; a later one sends what was rendered then.
    if run.earlier and run.kind in MARKETING:
        customer_id = customer_of(run.subject, run.snapshot)
        if not has_consent(session, run.store_id, customer_id):
            raise Skipped(NO_CONSENT)


def _may_have_left(run: ClaimedRun) -> bool:
    return any(earlier.result not in (TRY_AGAIN, REFUSED) for earlier in run.earlier.values())
