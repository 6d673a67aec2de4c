"""Evaluates one version only: an occurrence of its own schedule has no other listener."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.explain import explain
from automations.engine.subject import Field
from automations.engine.subjects import facts
from automations.pipeline.circumstances import Circumstances
from automations.pipeline.judge import Live, Outcome
from automations.pipeline.timing import Hours, is_working


class OneVersion:
    """Stands in for the evaluator of all rules."""

    def __init__(
        self,
        live: Live,
        ruleset: int,
        now: dt.datetime,
        zone: ZoneInfo,
        hours: Hours | None = None,
        custom: Mapping[str, Field] | None = None,
    ) -> None:
        """`hours` are the store's working hours; `custom` holds its own fields of the subject by key."""
        self.ruleset = ruleset
        self._live = live
        self._now = now.astimezone(zone)
        self._working = is_working(now, zone, hours)
        self._custom = custom

    def judge(
        self,
        subject: str,
        trigger: str,
        snapshot: Mapping[str, Any],
        from_value: str | None = None,
        to_value: str | None = None,
        around: Circumstances | None = None,
    ) -> list[Outcome]:
        """Return the version if it fires or cannot be evaluated, else nothing."""
        rule = self._live.rule
        try:
            known = facts(
                subject,
                snapshot,
                only=rule.fields,
                now=self._now,
                working=self._working,
                custom=self._custom,
            )
            return [Outcome(self._live)] if explain(rule, known, self._custom).fires else []
        except ValueError as error:
            return [Outcome(self._live, error=str(error))]
