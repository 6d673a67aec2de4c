"""Evaluates a single version on records as they are now: no other version listens to its schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from automations.engine.explain.explanation import explain
from automations.engine.fields.subject import Field
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.pipeline.evaluation.action_timing import Hours, is_working
from automations.pipeline.evaluation.evaluate import Evaluated, LiveVersion


class SingleVersionEvaluator:
    """An evaluator of a single version."""

    def __init__(
        self,
        live: LiveVersion,
        ruleset: int,
        now: dt.datetime,
        zone: ZoneInfo,
        hours: Hours | None = None,
        custom: Mapping[str, Field] | None = None,
    ) -> None:
        """`hours` are the store's working hours; `custom` holds its own fields of the subject by key."""
        self.ruleset = ruleset
        self._live = live
        self._context = EvaluationContext(now.astimezone(zone), is_working(now, zone, hours))
        self._custom = custom

    def evaluate(self, occurrence: OccurrenceFacts) -> list[Evaluated]:
        """Return the version itself if it fires or cannot be evaluated, else nothing.

        The moment is this evaluator's own, and its schedule has no values before and after.
        """
        rule = self._live.rule
        timed = OccurrenceFacts(
            occurrence.subject, occurrence.trigger, occurrence.snapshot, context=self._context
        )
        try:
            fires = explain(rule, timed.read(rule.fields, self._custom), self._custom).fires
            return [Evaluated(self._live)] if fires else []
        except ValueError as error:
            return [Evaluated(self._live, error=str(error))]
