"""What the forms of a connection show of its options."""

from __future__ import annotations

from typing import Any

from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import old_orders


def option_values(connection: ShopConnection) -> dict[str, str]:
    """Return what the form of the options shows, as a browser sends it."""
    options: dict[str, Any] = connection.options
    return {
        "two_steps": "on" if options.get("two_steps") else "",
        "quiet_after": str(options.get("quiet_after", old_orders.USUAL)),
        "takes_tests": "on" if options.get("takes_tests") else "",
        "prefix": options.get("prefix") or "",
        "month_first": "yes" if options.get("month_first") else "no",
        "silence": str(options.get("silence", 24)),
    }


def signature_values(connection: ShopConnection) -> dict[str, str]:
    """Return what the form of the authentication of messages shows."""
    signature: dict[str, str] = connection.options.get("signature") or {}
    return {"way": signature.get("way", ""), "header": signature.get("header", "")}


def mapping_values(mapping: dict[str, Any], subject: str) -> dict[str, str]:
    """Return what the form about what a source sends shows."""
    only = ", ".join(mapping.get("only") or [])
    return {"subject": subject, "minor": "on" if mapping.get("minor") else "", "only": only}
