"""The products of the sample shop, and order lines made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Good:
    """One product; `price` is a decimal number of pounds."""

    sku: str
    name: str
    category: str
    price: str


_BOUQUETS = (
    Good("BQ-MEADOW-S", "Meadow bouquet, small", "Bouquets", "34.00"),
    Good("BQ-MEADOW-L", "Meadow bouquet, large", "Bouquets", "58.00"),
    Good("BQ-ROSE-12", "A dozen garden roses", "Bouquets", "62.50"),
    Good("BQ-PEONY", "Peony and eucalyptus", "Bouquets", "49.00"),
    Good("BQ-DRIED", "Dried everlasting bunch", "Bouquets", "28.00"),
    Good("BQ-SEASON", "Florist’s choice of the season", "Bouquets", "42.00"),
)
_PLANTS = (
    Good("PL-FERN", "Maidenhair fern", "Plants", "18.50"),
    Good("PL-ORCHID", "White orchid in a stone pot", "Plants", "39.00"),
    Good("PL-OLIVE", "Young olive tree", "Plants", "74.00"),
)
_EXTRAS = (
    Good("EX-VASE-M", "Glass vase, medium", "Extras", "19.00"),
    Good("EX-CHOC", "Sea salt chocolates", "Extras", "12.50"),
    Good("EX-CARD", "Letterpress card", "Extras", "4.50"),
)
_FUNERAL = (
    Good("FN-WREATH-14", "Laurel wreath, 14 inch", "Funeral tributes", "95.00"),
    Good("FN-SPRAY", "Single-ended spray", "Funeral tributes", "78.00"),
    Good("FN-POSY", "Posy pad", "Funeral tributes", "54.00"),
    Good("FN-CASKET", "Casket spray, white and green", "Funeral tributes", "210.00"),
)
_CORPORATE = (
    Good("CO-LOBBY", "Lobby arrangement", "Corporate", "145.00"),
    Good("CO-DESK", "Reception desk vase", "Corporate", "48.00"),
    Good("CO-TABLE", "Table posies", "Corporate", "14.00"),
)
_EVENT = (
    Good("EV-TABLE", "Table centre", "Event flowers", "46.00"),
    Good("EV-GARLAND", "Foliage garland, per metre", "Event flowers", "32.00"),
    Good("EV-BUTTON", "Buttonhole", "Event flowers", "9.50"),
)
#: Order type -> its main category, and the largest quantity.
MAIN: Mapping[str, tuple[Sequence[Good], int]] = {
    "gift": ((*_BOUQUETS, *_PLANTS), 1),
    "funeral": (_FUNERAL, 1),
    "corporate": (_CORPORATE, 6),
    "event": (_EVENT, 12),
}


def basket(rng: Random, order_type: str) -> dict[str, Any]:
    """Return the values `lines`, `item_count` and `total` of an order of this type."""
    goods, most = MAIN[order_type]
    chosen = [(rng.choice(goods), rng.randint(1, most))]
    if order_type == "gift" and rng.random() < 0.4:
        chosen.append((rng.choice(_EXTRAS), rng.randint(1, 2)))
    return {
        "lines": [_line(good, quantity) for good, quantity in chosen],
        "item_count": sum(quantity for _, quantity in chosen),
        "total": sum((Decimal(good.price) * quantity for good, quantity in chosen), Decimal("0.00")),
    }


def _line(good: Good, quantity: int) -> dict[str, Any]:
    return {
        "sku": good.sku,
        "name": good.name,
        "category": good.category,
        "quantity": quantity,
        "unit_price": good.price,
    }
