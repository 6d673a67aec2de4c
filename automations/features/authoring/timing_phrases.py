"""The timing and the caps of actions: what is wrong with them, and both in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automations.engine.fields.problem import either, lower, text, unknown_settings, whole
from automations.engine.fields.subject import Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import InvalidValue, counted, parse
from automations.engine.rules import lateness
from automations.engine.rules.rule import Problem
from automations.engine.rules.time_units import MOST as MOST_OF
from automations.engine.rules.time_units import UNITS
from automations.engine.rules.trigger_schedule import DIRECTIONS
from automations.engine.wording.formats import Formats, clock_words, count_words
from automations.engine.wording.late_phrases import late_words
from automations.pipeline.evaluation.action_timing import LATER

_TIMING = ("when", "amount", "unit", "direction", "field", "time", "recheck", *lateness.SETTINGS)
_CAPS = ("once_per_record", "once_per_customer_days", "per_hour")
#: The largest number of a limit.
MOST = 10_000


def timing_problems(subject: Subject | None, timing: object) -> Iterator[Problem]:
    """Return every problem with an action's `timing`, of any type; the paths begin with "timing"."""
    if timing is None:
        return
    settings = timing if isinstance(timing, Mapping) else {}
    when = settings.get("when")
    if when not in ("now", *LATER):
        yield Problem("timing.when", "Choose when it runs: straight away, later, or in working hours.")
    if when in ("after", "date"):
        yield from _amount(settings, 0 if when == "date" else 1)
    if when == "date":
        yield from _date(subject, settings)
        for setting, sentence in lateness.late_problems(settings):
            yield Problem(f"timing.{setting}", sentence)
    if when in ("after", "date"):
        yield from _time(settings)
    yield from unknown_settings(settings, _TIMING, "timing")


def caps_problems(caps: object) -> Iterator[Problem]:
    """Return every problem with a draft's `caps`, of any type."""
    if caps is None:
        return
    if not isinstance(caps, Mapping):
        yield Problem("caps", "The limits are an object: once per record, per customer, per hour.")
        return
    for name in ("once_per_customer_days", "per_hour"):
        if caps.get(name) is not None and whole(caps[name], 1, MOST) is None:
            sentence = f"Enter a whole number from 1 to {counted(MOST)}, or leave it empty for no limit."
            yield Problem(f"caps.{name}", sentence)
    yield from unknown_settings(caps, _CAPS, "caps")


def timing_words(subject: Subject | None, timing: object, formats: Formats) -> str:
    """Return how the sentence continues after the action: " after 2 hours", " in working hours"; "" if
    straight away.
    """
    settings = timing if isinstance(timing, Mapping) else {}
    when = settings.get("when")
    if when == "working_hours":
        return " in working hours"
    time = text(settings.get("time"))
    count, at = _count(settings, formats), f" at {clock_words(time, formats)}" if time else ""
    if when == "after":
        return f" after {count}{at}"
    if when != "date":
        return ""
    field = subject.fields.get(text(settings.get("field"))) if subject else None
    distance = (
        "on" if text(settings.get("amount")) == "0" else f"{count} {text(settings.get('direction')) or '…'}"
    )
    return f" {distance} {field.phrase if field else '…'}{at}{late_words(settings, formats)}"


def caps_words(subject_key: str, caps: object, formats: Formats) -> str:
    """Return the caps as a sentence of their own: "At most once for each order."; "" if there are none."""
    settings = caps if isinstance(caps, Mapping) else {}
    subject = SUBJECTS.get(subject_key)
    noun = subject.label.lower() if subject else "record"
    phrases = [f"once for each {noun}"] if settings.get("once_per_record") else []
    if settings.get("once_per_customer_days"):
        phrases.append(
            f"once for a customer in {_counted(settings['once_per_customer_days'], 'days', formats)}"
        )
    if settings.get("per_hour"):
        phrases.append(f"{_counted(settings['per_hour'], 'times', formats)} an hour")
    return f" At most {' and '.join(phrases)}." if phrases else ""


def _amount(settings: Mapping[str, Any], least: int) -> Iterator[Problem]:
    most = MOST_OF.get(text(settings.get("unit")), MOST)
    if whole(settings.get("amount"), least, most) is None:
        yield Problem("timing.amount", f"Enter a whole number from {least} to {counted(most)}.")
    if settings.get("unit") not in UNITS:
        yield Problem("timing.unit", f"Choose {either([*UNITS])}.")


def _date(subject: Subject | None, settings: Mapping[str, Any]) -> Iterator[Problem]:
    if settings.get("direction") not in DIRECTIONS:
        yield Problem("timing.direction", "Choose whether it is before or after the date.")
    dates = {field.key: lower(field.label) for field in subject.dates} if subject else {}
    if settings.get("field") not in dates:
        yield Problem("timing.field", f"Choose the date it waits for: {either(list(dates.values()))}.")


def _time(settings: Mapping[str, Any]) -> Iterator[Problem]:
    if settings.get("time") in (None, ""):
        return
    try:
        parse("time", text(settings["time"]) or "?")
    except InvalidValue as problem:
        yield Problem("timing.time", f"The time {problem}.")


def _count(settings: Mapping[str, Any], formats: Formats) -> str:
    amount = whole(settings.get("amount"), 0, MOST)
    return _counted(amount if amount is not None else "…", text(settings.get("unit")) or "…", formats)


def _counted(amount: object, units: str, formats: Formats) -> str:
    if isinstance(amount, int):
        return count_words(amount, units, formats)
    return f"{amount} {units.removesuffix('s') if str(amount) == '1' else units}"
