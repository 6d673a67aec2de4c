"""Fields that subjects share: those of the moment of evaluation, and custom fields."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.fields.subject import CUSTOM, Field

WEEKDAYS: Mapping[str, str] = {
    day.lower(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
TAGS_HINT = "Separate them with commas; put one that has a comma in quotation marks."
#: Fields of the moment at which the conditions are evaluated, in the store's time zone.
MOMENT: tuple[Field, ...] = (
    Field(
        "now.weekday",
        "Weekday",
        "choice",
        ("now", "weekday"),
        "the weekday",
        can_be_empty=False,
        help="The day on which the conditions are checked, in the store’s time zone.",
        labels=WEEKDAYS,
    ),
    Field(
        "now.time",
        "Time of day",
        "time",
        ("now", "time"),
        "the time of day",
        can_be_empty=False,
        help="The time at which the conditions are checked, in the store’s time zone.",
    ),
    Field(
        "now.working_time",
        "Working time",
        "bool",
        ("now", "working_time"),
        "the time",
        can_be_empty=False,
        help="Whether the store is open when the conditions are checked, by its working hours.",
        labels={"yes": "within working hours", "no": "outside working hours"},
    ),
)
#: The types of custom fields.
CUSTOM_TYPES = ("text", "choice", "number", "money", "date", "bool")


def custom_field(
    key: str,
    label: str,
    type: str,
    *,
    subject: str = "order",
    choices: str | None = None,
    labels: Mapping[str, str] | None = None,
    help: str = "",
) -> Field:
    """Return a custom field, "custom.<key>", whose value is at ("custom", key) of the snapshot.

    `subject` is the key of the subject it belongs to. A choice has the store's list `choices`, or `labels`
    by key. Raises ValueError for a type that is not in CUSTOM_TYPES.
    """
    if type not in CUSTOM_TYPES:
        raise ValueError(f"A field can’t be of the type {type!r}; use one of {', '.join(CUSTOM_TYPES)}.")
    whose = "their" if subject == "customer" else "its"
    words = label if label.isupper() else label[:1].lower() + label[1:]
    path = (CUSTOM.rstrip("."), key)
    return Field(
        f"{CUSTOM}{key}", label, type, path, f"{whose} {words}", choices, help=help, labels=labels or {}
    )
