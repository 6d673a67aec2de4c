"""Sends campaigns: one message to the customers of a segment, in chunks written completely or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.phone_numbers import PhoneContact
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.features.figures.standings import stayed_here
from automations.models.accounts import merged_customers
from automations.models.db.base import db, run_in_write
from automations.models.tables.occurrence import MANUAL, Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.models.tables.segment import SENDING, SENT, Campaign, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.evaluation.evaluate import Evaluated, LiveVersion, live_of
from automations.pipeline.evaluation.loop_guard import Limits
from automations.pipeline.evaluation.outbox import Outbox, Triggered
from automations.pipeline.records import current_records
from automations.pipeline.records.change import Cause
from automations.pipeline.records.record_kinds import CUSTOMER_TABLE, Row

#: Customers handled in one transaction.
CHUNK = 500
#: What may become of a customer; the first that applies counts.
NO_CONSENT, INVALID, CAPPED, CHOSEN = "no_consent", "invalid", "capped", "sent"
#: Of those who are CAPPED: all marketing they had lately was only kept here, and reached nobody.
CAPPED_HERE = "capped_here"
COUNTED = ("customers", CHOSEN, NO_CONSENT, INVALID, CAPPED, CAPPED_HERE)


@dataclass(slots=True)
class _AlwaysFires:
    """An evaluator that always fires: the campaign's message is meant for every customer chosen."""

    live: LiveVersion
    ruleset: int

    def evaluate(self, occurrence: OccurrenceFacts) -> list[Evaluated]:
        return [Evaluated(self.live)]


def nobody() -> dict[str, int]:
    """Return the counts before anything happened."""
    return dict.fromkeys(COUNTED, 0)


def preview(session: Session, campaign: Campaign, now: dt.datetime) -> dict[str, int]:
    """Return the counts as they would be if the campaign were sent now to everyone left."""
    store = session.get_one(Store, campaign.store_id)
    counts, after, more = nobody() | (campaign.counts or {}), campaign.after_id, True
    while more:
        rows = _page(session, campaign, after)
        _count(counts, fates_of(session, store, campaign, rows, now).values())
        more, after = len(rows) == CHUNK, rows[-1]["id"] if rows else after
    return counts


def first_receiver(session: Session, campaign: Campaign, now: dt.datetime) -> Row | None:
    """Return the first customer who would get the campaign if it were sent now."""
    store, after, more = session.get_one(Store, campaign.store_id), campaign.after_id, True
    while more:
        rows = _page(session, campaign, after)
        fates = fates_of(session, store, campaign, rows, now)
        chosen = next((row for row in rows if fates[row["id"]] == CHOSEN), None)
        if chosen is not None:
            return chosen
        more, after = len(rows) == CHUNK, rows[-1]["id"] if rows else after
    return None


def send_all(now: Callable[[], dt.datetime], go_on: Callable[[], bool]) -> int:
    """Continue every campaign under way, chunk by chunk; return how many messages were begun."""
    campaign_ids = db.session.scalars(sa.select(Campaign.id).where(Campaign.state == SENDING)).all()
    db.session.rollback()
    begun = 0
    for campaign_id in campaign_ids:
        more = True
        while more and go_on():
            sent, more = run_in_write(partial(send_chunk, campaign_id=campaign_id, now=now()))
            begun += sent
    return begun


def send_chunk(session: Session, campaign_id: int, now: dt.datetime) -> tuple[int, bool]:
    """Handle the next customers, inside write(); return how many messages began, and whether any are left."""
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign.state != SENDING:
        return 0, False
    store = session.get_one(Store, campaign.store_id)
    rows = _page(session, campaign, campaign.after_id)
    fates = fates_of(session, store, campaign, rows, now)
    chosen = [row for row in rows if fates[row["id"]] == CHOSEN]
    _begin(session, store, campaign, chosen, now)
    counts = nobody() | (campaign.counts or {})
    _count(counts, fates.values())
    campaign.counts = counts
    if rows:
        campaign.after_id = rows[-1]["id"]
    if len(rows) < CHUNK:
        campaign.state, campaign.finished_at = SENT, now
    session.flush()
    return len(chosen), campaign.state == SENDING


def _page(session: Session, campaign: Campaign, after: int) -> list[Row]:
    table = CUSTOMER_TABLE
    joined = sa.select(table).join(SegmentMember, SegmentMember.customer_id == table.c.id)
    members = sa.and_(SegmentMember.segment_id == campaign.segment_id, table.c.id > after)
    query = joined.where(members, table.c.store_id == campaign.store_id).order_by(table.c.id).limit(CHUNK)
    return [dict(row) for row in session.execute(query).mappings()]


def fates_of(
    session: Session, store: Store, campaign: Campaign, rows: Sequence[Row], now: dt.datetime
) -> dict[int, str]:
    """Return what becomes of each customer."""
    channel = campaign.version.definition["actions"][0]["settings"]["channel"]
    lately = _written_to(session, store, campaign, [row["id"] for row in rows], now)
    fates = {}
    for row in rows:
        if not row["marketing_consent"]:
            fates[row["id"]] = NO_CONSENT
        elif not _reachable(row, channel, store.region):
            fates[row["id"]] = INVALID
        else:
            fates[row["id"]] = lately.get(row["id"], CHOSEN)
    return fates


def _reachable(row: Row, channel: str, region: str) -> bool:
    try:
        if channel == "sms":
            PhoneContact.parse(row["phone"], region)
        else:
            EmailContact.parse(row["email"])
    except InvalidContact:
        return False
    return True


def _written_to(
    session: Session, store: Store, campaign: Campaign, ids: Sequence[int], now: dt.datetime
) -> dict[int, str]:
    """Return CAPPED or CAPPED_HERE, by id, for those with marketing within the campaign's `once_in_days`."""
    if not campaign.once_in_days or not ids:
        return {}
    since = now - dt.timedelta(days=campaign.once_in_days)
    were = {was: id for id in ids for was in merged_customers.ids_of(session, id)}
    reached = sa.func.max(sa.case((stayed_here(), 0), else_=1))
    query = sa.select(Occurrence.record_id, reached).join(
        Evaluation, Evaluation.occurrence_id == Occurrence.id
    )
    query = query.join(Run, Run.evaluation_id == Evaluation.id).where(
        Occurrence.store_id == store.id,
        Occurrence.subject == "customer",
        Occurrence.record_id.in_(were),
        Evaluation.at > since,
        Run.kind.in_(MARKETING),
        Run.state.not_in(("skipped", "cancelled")),
    )
    lately: dict[int, str] = {}
    for id, has_reached in session.execute(query.group_by(Occurrence.record_id)):
        # Someone who was merged into them may have been reached.
        if has_reached or lately.get(were[id]) != CAPPED:
            lately[were[id]] = CAPPED if has_reached else CAPPED_HERE
    return lately


def _begin(session: Session, store: Store, campaign: Campaign, rows: Sequence[Row], now: dt.datetime) -> None:
    cause = Cause("campaign", f"campaign “{campaign.name}”")
    limits = Limits(session, store.id, "customer", cause, now, ())
    everyone = _AlwaysFires(live_of(campaign.version), store.ruleset)
    outbox = Outbox(session, everyone, store, "customer", cause, now, limits)
    snapshots = current_records.snapshots(session, "customer", store, rows)
    for row, snapshot in zip(rows, snapshots, strict=True):
        outbox.add(row, snapshot, (Triggered(MANUAL, None, None),), [])
    outbox.write()


def _count(counts: dict[str, int], fates: Collection[str]) -> None:
    counts["customers"] += len(fates)
    for fate in fates:
        counts[fate] += 1
        if fate == CAPPED_HERE:
            counts[CAPPED] += 1
