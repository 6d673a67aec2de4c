"""What a customer chose or typed about a product of BigCommerce's: the size, a vase, the words on a card."""

from __future__ import annotations

from automations.connectors.sources.payload import Data, objects, text
from automations.connectors.sources.shop_messages import Attribute

#: Parts of the types of options that are typed in: words, dates, files.
_TYPED = ("text", "date", "file")
_YES, _NO = ("yes", "1", "true"), ("no", "0", "false", "")


def chosen_name(line: Data) -> str:
    """Return the name of a product with what was chosen from a list: "Roses, Large, Vase"."""
    parts = [text(line, "name") or "Item"]
    for option in objects(line, "product_options"):
        value = text(option, "display_value")
        if _is_typed(option) or value.lower() in _NO:
            continue
        parts.append(text(option, "display_name") if value.lower() in _YES else value)
    return ", ".join(part for part in parts if part)


def typed_in(line: Data) -> list[Attribute]:
    """Return what was typed about a product, by the name of the field."""
    typed = [option for option in objects(line, "product_options") if _is_typed(option)]
    said = [(text(one, "display_name"), text(one, "display_value", longest=2000)) for one in typed]
    return [Attribute(name, value) for name, value in said if name and value]


def _is_typed(option: Data) -> bool:
    kind = text(option, "type").lower()
    return any(word in kind for word in _TYPED)
