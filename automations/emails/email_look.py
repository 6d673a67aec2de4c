"""How all emails of a store look: its name, colour, logo and address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from automations.emails.colours import is_colour

COLOUR = "#2f6b57"
_TEXTS = ("brand", "address", "phone", "email")


@dataclass(frozen=True)
class EmailLook:
    """The look of a store's emails. `logo` is the id of a stored file, shown `width` by `height` pixels."""

    brand: str
    colour: str = COLOUR
    address: str = ""
    phone: str = ""
    email: str = ""
    logo: int = 0
    width: int = 0
    height: int = 0


def look_of(settings: object, brand: str, email: str) -> EmailLook | None:
    """Return the look that a store has set; None for one whose emails are plain."""
    if not isinstance(settings, Mapping) or not settings.get("on"):
        return None
    return look_from({**settings, "brand": brand, "email": email})


def look_from(data: Mapping[str, object]) -> EmailLook:
    """Return the look that stored data describe; what cannot be read is as if it were not set."""
    colour = str(data.get("colour") or "")
    brand, address, phone, email = (
        str(data.get(name) or "") for name in ("brand", "address", "phone", "email")
    )
    look = EmailLook(brand, colour if is_colour(colour) else COLOUR, address, phone, email)
    logo, width, height = (_number(data.get(name)) for name in ("logo", "width", "height"))
    return replace(look, logo=logo, width=width, height=height) if logo and width and height else look


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
