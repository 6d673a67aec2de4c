"""Hands what Shippo or AfterShip says of a parcel to the road on which EasyPost's updates travel."""

from __future__ import annotations

import json

from automations.connectors.easypost import TrackerEvent
from automations.connectors.sources.shop_messages import ParcelNews
from automations.models.tables.shop_connection import NOT_TAKEN, TAKEN, UNCHANGED
from automations.pipeline.intake import carrier_updates
from automations.pipeline.sources.outcome import Outcome, Taking


def take_parcel(taking: Taking, news: ParcelNews) -> Outcome:
    """Change the delivery status of the orders with this tracking number."""
    if not news.status and not news.is_test:
        return Outcome(NOT_TAKEN, f"“{news.said}” does not say where the parcel is; nothing was changed.")
    event = TrackerEvent(news.id, news.tracking_number, news.status, news.is_test, news.at)
    answer = carrier_updates.apply(
        taking.session, taking.store, event, taking.cause, taking.now, f"shop {taking.connection.id}"
    )
    sentence = str(json.loads(answer.body)["detail"])
    if "nothing was changed" in sentence:
        return Outcome(NOT_TAKEN if "late" not in sentence else UNCHANGED, sentence)
    understood = {"values": {"tracking_number": news.tracking_number, "delivery_status": news.status}}
    return Outcome(TAKEN, sentence, understood)
