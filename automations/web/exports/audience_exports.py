"""Segments and campaigns as CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response
from sqlalchemy.orm import joinedload

from automations.models.tables.segment import DRAFT, Campaign
from automations.web.audience import campaign_pages, segment_pages
from automations.web.exports.csv_response import csv_response, local, newest_first
from automations.web.inbox.mailbox_search import CHANNELS

bp = Blueprint("audience_exports", __name__)

SEGMENT = ("Segment", "Customers who", "Customers")
CAMPAIGN = (
    *("Campaign", "Segment", "Channel", "State", "Customers", "Chosen", "Not agreed to marketing"),
    *("No valid address", "Had marketing recently", "Created", "Finished"),
)
COUNTS = ("customers", "sent", "no_consent", "invalid", "capped")


@bp.get("/segments.csv")
def segments() -> Response:
    rows = ((one.segment.name, one.about, str(one.size)) for one in segment_pages.listed())
    return csv_response("segments", SEGMENT, rows, "the segments")


@bp.get("/campaigns.csv")
def campaigns() -> Response:
    query = campaign_pages.of_store().options(joinedload(Campaign.version))
    rows = newest_first(query, Campaign.id, _campaign)
    return csv_response("campaigns", CAMPAIGN, rows, "the campaigns")


def _campaign(campaign: Campaign) -> Iterator[Sequence[str]]:
    # Until it is sent, nobody is counted: the page counts who would get it now.
    counts = ["" if campaign.state == DRAFT else str(campaign.counts.get(name, 0)) for name in COUNTS]
    settings = campaign.version.definition["actions"][0]["settings"]
    channel = CHANNELS.get(settings.get("channel"), "Email")
    what = (campaign.name, campaign.segment.name, channel, campaign.state_words)
    yield *what, *counts, local(campaign.created_at), local(campaign.finished_at)
