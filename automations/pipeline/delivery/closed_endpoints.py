"""Addresses that answered 410 Gone: closed, reported to the managers, and reopened by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Skipped
from automations.connectors.host_allowlist import host_of
from automations.models.access import audit
from automations.models.db.fast_select import Lookup, in_list
from automations.models.tables.called_host import ClosedEndpoint
from automations.models.tables.people import User
from automations.models.tables.run import Run
from automations.pipeline.providers import manager_alerts
from automations.pipeline.runs.claimed_run import ClaimedRun

#: A store id and an address as it stands in an action.
Address = tuple[int, str]
_CLOSED = Lookup(
    lambda dialect: sa.select(ClosedEndpoint.store_id, ClosedEndpoint.url).where(
        in_list(ClosedEndpoint.url, "urls", dialect)
    )
)
SWITCHED_OFF = "{} answered that this address is gone for good (410), so requests to it are switched off."
NEXT = "Put another address in the automation, or switch this one on again on its page."


def url_of(settings: Mapping[str, Any]) -> str:
    """Return the address in the settings of an action, placeholders included; "" for kinds without one."""
    url = settings.get("url")
    return url.strip() if isinstance(url, str) else ""


def closed_among(session: Session, runs: Iterable[ClaimedRun]) -> set[Address]:
    """Return those of the runs' addresses that are closed."""
    addresses = {(run.store_id, url) for run in runs if (url := url_of(run.settings))}
    if not addresses:
        return set()
    rows = _CLOSED.rows(session, urls=list({url for _, url in addresses}))
    return {(row["store_id"], row["url"]) for row in rows} & addresses


def skip_if_closed(run: ClaimedRun, closed: Collection[Address]) -> None:
    """Raise Skipped where the run's address is among those that are `closed`."""
    url = url_of(run.settings)
    if (run.store_id, url) in closed:
        raise Skipped(SWITCHED_OFF.format(_host(url)))


def is_closed(has_url: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether an address of which `has_url` holds is closed in a run's store, as a condition on its row."""
    return sa.select(ClosedEndpoint.id).where(ClosedEndpoint.store_id == Run.store_id, has_url).exists()


def close(session: Session, run: ClaimedRun, now: dt.datetime) -> None:
    """Close the run's address and tell the managers, once. Inside write()."""
    url = url_of(run.settings)
    if not url or closed(session, run.store_id, [url]):
        return
    host = _host(url)
    session.add(ClosedEndpoint(store_id=run.store_id, url=url, host=host, closed_at=now))
    session.flush()
    body = f"{SWITCHED_OFF.format(host)} The address is {url}. {NEXT}"
    manager_alerts.alert_managers(
        session, manager_alerts.Alert(run.evaluation_id, f"Requests to {host} are switched off", body), now
    )


def reopen(session: Session, endpoint: ClosedEndpoint, user: User, now: dt.datetime) -> None:
    """Reopen the address for requests. Inside write()."""
    about = f"requests to {endpoint.url}"
    audit.note(
        session, action="switched on", about=about, store_id=endpoint.store_id, user_id=user.id, at=now
    )
    session.delete(endpoint)


def closed(session: Session, store_id: int, urls: Iterable[str] | None = None) -> Sequence[ClosedEndpoint]:
    """Return the closed addresses of the store; with `urls`, only those among them."""
    of_store = (
        sa.select(ClosedEndpoint).where(ClosedEndpoint.store_id == store_id).order_by(ClosedEndpoint.id)
    )
    return session.scalars(
        of_store if urls is None else of_store.where(ClosedEndpoint.url.in_(list(urls)))
    ).all()


def of_actions(
    session: Session, store_id: int, actions: Iterable[Mapping[str, Any]]
) -> Sequence[ClosedEndpoint]:
    """Return the closed addresses among those that the actions of a draft or a version call."""
    urls = [url_of(action.get("settings") or {}) for action in actions]
    return closed(session, store_id, filter(None, urls)) if any(urls) else ()


def _host(url: str) -> str:
    return host_of(url.partition("{")[0])
