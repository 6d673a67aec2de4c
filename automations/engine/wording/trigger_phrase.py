"""The trigger of an automation as the start of its sentence, from data that may be incomplete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from automations.engine.fields.problem import lower, text, whole
from automations.engine.fields.shared_fields import WEEKDAYS
from automations.engine.fields.subject import Field, Subject, TriggerKind
from automations.engine.wording.formats import clock_words, count_words
from automations.engine.wording.late_phrases import late_words
from automations.engine.wording.sentence_parts import Part, article
from automations.engine.wording.value_phrases import MISSING, Words

Data = Mapping[str, Any]

#: The start of the phrase of a field that says when something happened: "the time it was placed".
_MOMENT_OF = "the time it "


def when_parts(subject: Subject | None, trigger: object, words: Words) -> list[Part]:
    """Return "Every time an order’s status changes to Ready" and the like, in parts."""
    if subject is None:
        return [("Every time ", False), (MISSING, False)]
    noun = subject.label.lower()
    data = trigger if isinstance(trigger, Mapping) else {}
    kind = subject.triggers.get(text(data.get("key")))
    if kind is None:
        return [(f"Every time {article(noun)} {noun} {MISSING}", False)]
    schedule = data.get("schedule")
    if kind.schedule:
        return _SCHEDULES[kind.schedule](subject, schedule if isinstance(schedule, Mapping) else {}, words)
    if kind.key == "manual":
        return [("Whenever someone ", False), (f"runs it by hand for {article(noun)} {noun}", True)]
    return [
        (f"Every time {article(noun)} ", False),
        (f"{noun}{_happens(subject, kind, data)}", True),
        *narrowed_parts(subject, kind, data, words),
    ]


def narrowed_parts(subject: Subject | None, kind: TriggerKind, trigger: Data, words: Words) -> list[Part]:
    """Return " from Unpaid to Paid", or " Lapsed" for a segment; nothing if any change will do."""
    if kind.segment:
        id = text(trigger.get(kind.segment))
        return [(" ", False), (words.reference("segment", id) if id else MISSING, bool(id))]
    field = named_field(subject, kind, trigger)
    parts: list[Part] = []
    for side in ("from", "to"):
        value = text(trigger.get(side))
        if value and (kind.choices or (field and field.type == "choice")):
            parts += [(f" {side} ", False), (_choice(field, kind, value, words), True)]
    return parts


def named_field(subject: Subject | None, kind: TriggerKind, trigger: Data) -> Field | None:
    """Return the field whose change the trigger waits for, if it names one."""
    return subject.fields.get(text(trigger.get("field"))) if subject and kind.needs_field else None


def schedule_words(subject: Subject, form: str, data: Data, words: Words) -> str:
    """Return a schedule in short: "3 days before event date at 09:00", "Confirmed for 20 days"."""
    if form == "date_reached":
        field = subject.fields.get(text(data.get("field")))
        day = _distance(data, words) + (lower(field.label) if field else MISSING) + _yearly(data)
        return day + _at(data, words) + _repeats(data, words) + late_words(data, words.formats)
    if form == "stays_in_status":
        time = _count(data, "amount", "unit", words) + _repeats(data, words)
        return f"{_status(subject, data, words)} for {time}"
    return _period(data, words) + _at(data, words)


def _happens(subject: Subject, kind: TriggerKind, trigger: Data) -> str:
    field = named_field(subject, kind, trigger)
    if kind.segment:
        return kind.phrase.replace(" a ", " the ")
    if field:
        return f"’s {noun_of(field)} changes"
    if kind.needs_field:
        return " changes in any way"
    if kind.narrows and (trigger.get("from") or trigger.get("to")):
        return f"’s {noun_of(subject.fields[kind.narrows])} changes"
    return kind.phrase


def noun_of(field: Field) -> str:
    """Return the name of a field as it reads after "an order’s"."""
    for start in ("its ", "their "):
        if field.phrase.startswith(start):
            return field.phrase.removeprefix(start)
    return lower(field.label)


def _date_reached(subject: Subject, data: Data, words: Words) -> list[Part]:
    noun = subject.label.lower()
    field = subject.fields.get(text(data.get("field")))
    if field and field.phrase.startswith(_MOMENT_OF):
        whose = f"{article(noun)} {noun} {field.phrase.removeprefix(_MOMENT_OF)}"
    else:
        whose = f"{article(noun)} {noun}’s {noun_of(field) if field else MISSING}"
    phrase = f"{_distance(data, words)}{whose}{_yearly(data)}{_at(data, words)}{_repeats(data, words)}"
    phrase += late_words(data, words.formats)
    return [(phrase[:1].upper() + phrase[1:], True)]


def _stays(subject: Subject, data: Data, words: Words) -> list[Part]:
    noun = subject.label.lower()
    field = subject.fields.get(text(data.get("status_field")))
    whose = "" if field is None or field.key == "status" else f"’s {noun_of(field)}"
    time = _count(data, "amount", "unit", words) + _repeats(data, words)
    status = _status(subject, data, words)
    return [("When ", False), (f"{article(noun)} {noun}{whose} has been {status} for {time}", True)]


def _scheduled(subject: Subject, data: Data, words: Words) -> list[Part]:
    segment = text(data.get("segment"))
    of = f" of {words.reference('segment', segment)}" if segment else ""
    when = _period(data, words) + _at(data, words)
    return [(when, True), (f", for each {subject.label.lower()}{of}", False)]


def _distance(data: Data, words: Words) -> str:
    if whole(data.get("amount"), 0, 0) == 0:
        return "on "
    direction = text(data.get("direction")) or MISSING
    count = _count(data, "amount", "unit", words)
    return f"{MISSING} " if count == direction == MISSING else f"{count} {direction} "


def _repeats(data: Data, words: Words) -> str:
    if not data.get("repeat_every"):
        return ""
    times = whole(data.get("repeat_times"), 1, 10_000)
    once = whole(data["repeat_every"], 1, 1) == 1
    every = text(data.get("repeat_unit")).removesuffix("s") if once else ""
    every = every or _count(data, "repeat_every", "repeat_unit", words)
    more = count_words(times, "more times", words.formats) if times else MISSING
    return f", then every {every}, {more}"


def _period(data: Data, words: Words) -> str:
    every, weekday = text(data.get("every")), WEEKDAYS.get(text(data.get("weekday")), MISSING)
    if every == "week":
        return f"Every {weekday}"
    if every == "month" and text(data.get("nth")):
        return f"Every month on the {data['nth']} {weekday}"
    if every == "month":
        day = whole(data.get("day"), 1, 31)
        return f"Every month on day {words.formats.number(day) if day else MISSING}"
    return f"Every {every or MISSING}"


def _yearly(data: Data) -> str:
    return " every year" if data.get("yearly") == "yes" else ""


def _at(data: Data, words: Words) -> str:
    said = text(data.get("time"))
    return f" at {clock_words(said, words.formats)}" if said else ""


def _count(data: Data, amount: str, unit: str, words: Words) -> str:
    count, units = whole(data.get(amount), 0, 10_000), text(data.get(unit)) or MISSING
    if count is None:
        return MISSING if units == MISSING else f"{MISSING} {units}"
    return count_words(count, units, words.formats)


def _status(subject: Subject, data: Data, words: Words) -> str:
    field, key = subject.fields.get(text(data.get("status_field"))), text(data.get("status"))
    return words.choice(field.choices, key) if field and field.choices and key else MISSING


def _choice(field: Field | None, kind: TriggerKind, key: str, words: Words) -> str:
    if field and field.labels:
        return field.labels.get(key, key)
    return words.choice((field.choices if field else kind.choices) or "", key)


_SCHEDULES: Mapping[str, Callable[[Subject, Data, Words], list[Part]]] = {
    "date_reached": _date_reached,
    "stays_in_status": _stays,
    "scheduled": _scheduled,
}
