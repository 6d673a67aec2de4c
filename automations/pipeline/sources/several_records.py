"""Takes a message about several records: each as if it came alone, and one outcome for them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from automations.connectors.sources.shop_messages import Message, Several, ShopOrder
from automations.models.tables.shop_connection import NOT_TAKEN, NOT_UNDERSTOOD, OLDER, TAKEN, UNCHANGED
from automations.pipeline.sources import buyers, linking
from automations.pipeline.sources.outcome import Outcome, Taking

#: The state of them all is the first of these that one of them has.
_FIRST = (NOT_UNDERSTOOD, TAKEN, UNCHANGED, OLDER, NOT_TAKEN)
#: So many sentences are kept, those about trouble first.
_SENTENCES = 10


def take_all(taking: Taking, message: Several, take: Callable[[Callable[[], Message]], Outcome]) -> Outcome:
    """Take each record by `take`; what cannot be understood keeps the others from nothing."""
    orders = [part for part in message.parts if isinstance(part, ShopOrder)]
    buyers.lock_all(taking, [(order, _known(taking, order)) for order in orders])
    outcomes = [take(_reader(part)) for part in message.parts]
    states = Counter(outcome.state for outcome in outcomes)
    state = next((state for state in _FIRST if state in states), outcomes[0].state)
    told = sorted(outcomes, key=lambda outcome: _FIRST.index(outcome.state) if outcome.state in _FIRST else 0)
    sentences = [outcome.sentence for outcome in told[:_SENTENCES]]
    more = [f"And {len(told) - _SENTENCES} more."] if len(told) > _SENTENCES else []
    understood = next((outcome.understood for outcome in outcomes if outcome.understood), {})
    sentence = " ".join([f"It has {len(outcomes)} records.", *sentences, *more])
    return Outcome(
        state,
        sentence,
        {**understood, "words": taking.translation.used},
        orders[0].subject if orders else None,
    )


def _known(taking: Taking, order: ShopOrder) -> int | None:
    links = (
        linking.link_of(taking.session, taking.connection, order.subject, id)
        for id in (order.id, *order.ids_before)
    )
    return next((link.record_id for link in links if link is not None), None)


def _reader(part: Message | ValueError) -> Callable[[], Message]:
    def read() -> Message:
        if isinstance(part, ValueError):
            raise part
        return part

    return read
