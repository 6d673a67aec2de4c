"""How orders arrive from each source, said where it decides which trigger fires."""

from __future__ import annotations

from automations.connectors.sources.all_sources import SOURCES
from automations.engine.fields.subject import TriggerKind
from automations.engine.wording.formats import joined
from automations.models.db.base import db
from automations.models.settings import shop_connections

#: The triggers between which it decides.
_CREATED, _CHANGED = "created", frozenset({"status_changed", "payment_status_changed"})
_IN_STEPS = {
    False: "Orders of {} arrive unpaid, and change to what they are in the same moment.",
    True: "Orders of {} are created unpaid first, and change in the same moment: this fires for that.",
}
_AT_ONCE = {
    False: "Orders of {} are created as they are, also paid.",
    True: "Orders of {} are created as they are: one that arrives paid fires “Created” only.",
}
_OURS = "Orders entered here, or sent to the API, are created as they are, which fires “Created” only."


def arrivals(subject: str, kind: TriggerKind | None, store_id: int) -> str:
    """Return how orders of each source set off this trigger; "" where that makes no difference."""
    if subject != "order" or kind is None or kind.key not in {_CREATED, *_CHANGED}:
        return ""
    shops = [
        one
        for one in shop_connections.of_store(db.session(), store_id)
        if one.closed_at is None and not SOURCES[one.kind].is_carrier
    ]
    sentences = []
    for in_steps, words in ((True, _IN_STEPS), (False, _AT_ONCE)):
        names = [one.name for one in shops if bool(one.options.get("two_steps")) == in_steps]
        if names:
            sentences.append(words[kind.key in _CHANGED].format(joined(names)))
    if kind.key in _CHANGED:
        sentences.append(_OURS)
    return " ".join(sentences)
