"""The campaigns that one customer is in line for, each with what would become of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.audience import campaign_sending
from automations.models.tables.customer import Customer
from automations.models.tables.segment import DRAFT, SENDING, Campaign, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.records import current_records

#: The newest campaigns that are looked at.
SHOWN = 5
#: Why a customer would not get a campaign, by what becomes of them.
REASONS = {
    campaign_sending.NO_CONSENT: "they have not agreed to marketing",
    campaign_sending.CAPPED: "they received marketing too recently for it",
    campaign_sending.CAPPED_HERE: "they had marketing too recently for it, though it was only kept here",
}


@dataclass(frozen=True, slots=True)
class CampaignAhead:
    """A campaign under way, or one that nobody has sent yet. `reason` says why they would not get it."""

    id: int
    name: str
    segment: str
    sending: bool
    reason: str


def campaigns_ahead(
    session: Session, store: Store, customer: Customer, now: dt.datetime
) -> list[CampaignAhead]:
    """Return the newest campaigns to segments the customer belongs to, that have not come to them yet."""
    segments = sa.select(SegmentMember.segment_id).where(SegmentMember.customer_id == customer.id)
    unsent = sa.and_(Campaign.store_id == store.id, Campaign.state.in_((DRAFT, SENDING)))
    query = sa.select(Campaign).where(unsent, Campaign.segment_id.in_(segments))
    query = query.where(Campaign.after_id < customer.id).order_by(Campaign.id.desc()).limit(SHOWN)
    campaigns = session.scalars(query).all()
    rows = current_records.rows_of(session, "customer", store.id, [customer.id]) if campaigns else []
    return [
        CampaignAhead(campaign.id, campaign.name, campaign.segment.name, campaign.state == SENDING, reason)
        for campaign in campaigns
        for fate in campaign_sending.fates_of(session, store, campaign, rows, now).values()
        for reason in [_reason(fate, campaign)]
    ]


def _reason(fate: str, campaign: Campaign) -> str:
    if fate != campaign_sending.INVALID:
        return REASONS.get(fate, "")
    by_text = campaign.version.definition["actions"][0]["settings"]["channel"] == "sms"
    return f"they have no valid {'phone number' if by_text else 'email address'}"
