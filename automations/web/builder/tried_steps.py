"""What each action would do, or would have done, with its effects as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from automations.connectors.connector_set import Files
from automations.features.trial.trial import TrialStep
from automations.web.builder.effect_preview import EffectPreview, can_send, preview


@dataclass(frozen=True)
class TriedStep:
    """What one action would do, in words."""

    place: int
    step: TrialStep
    effects: tuple[EffectPreview, ...]


def tried_steps(steps: Sequence[TrialStep], files: Files | None = None) -> list[TriedStep]:
    """Return every action with its effects; the messages a person can send to themselves are numbered.

    With the store's files, emails are there as they look, and the page of this request may frame them.
    """
    numbers = count(1)
    return [
        TriedStep(
            place,
            step,
            tuple(
                preview(effect, next(numbers) if can_send(effect) else 0, files) for effect in step.messages
            ),
        )
        for place, step in enumerate(steps, start=1)
    ]
