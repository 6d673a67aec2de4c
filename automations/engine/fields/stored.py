"""What the entry of a stored field says beside what conditions need: its column, its limits, its places."""

from __future__ import annotations

from dataclasses import dataclass

#: Types of what a record keeps that no condition asks about: its id and number, the currency of its amounts,
#: its customer, its lines, and the values of the store’s own fields; the address it goes to, its parcels, and
#: what sources wrote where an amount was rounded.
ID, NUMBER, CURRENCY, PERSON, LINES, OWN = "id", "record_number", "currency", "person", "lines", "own_fields"
ADDRESS, PARCELS, ROUNDED = "address", "parcels", "rounded"
#: A text that names a language: "de-AT".
LANGUAGE = "language"
#: The types that hold text.
TEXTS = frozenset({"text", "tags", LINES, OWN, ADDRESS, PARCELS, ROUNDED})
#: The types that hold a list, or an object; empty ones are there too in a snapshot.
LISTS, OBJECTS = frozenset({LINES, PARCELS}), frozenset({OWN, ADDRESS, ROUNDED})
#: The place of a field that names none: behind the particular ones, before the tags and the note.
LATER = 500


@dataclass(frozen=True)
class Stored:
    """How a record keeps a field, and where people and programs meet it.

    `form`, `facts`, `api`, `json`, `message` and `change` are its places there, the smallest first: in the
    form of the record, in the card beside its log, in what the API takes, in a snapshot and what the API
    answers, in the menu of messages, and among what an action may change. None leaves it out.
    """

    form: int | None = LATER
    facts: int | None = LATER
    api: int | None = LATER
    json: int | None = LATER
    message: int | None = LATER
    change: int | None = LATER
    #: The column, where its name is not the key.
    column: str = ""
    #: It follows from other columns and has none of its own.
    computed: bool = False
    #: Its names in the form and in the card, where they are not the label.
    form_label: str = ""
    facts_label: str = ""
    #: Left empty, it is added up from the lines; see pipeline/records/order_totals.py.
    adds_up: bool = False
    #: What its text has to be, where not any will do: LANGUAGE.
    holds: str = ""
    #: A sentence below its control in the form.
    hint: str = ""
    #: The characters of a text; one that is `long` has several lines, to which an action adds.
    longest: int = 200
    long: bool = False
    #: The range of a whole number.
    least: int = 0
    most: int = 1_000_000
    #: A value for the description of the API.
    example: str | int | None = None
    #: Its value in the records that automations are tried on, as a snapshot holds it.
    sample: object = None
    #: Of a customer’s field: whether it is taken and shown inside their orders and events too.
    with_records: bool = True


def shown(
    *,
    json: int | None = None,
    message: int | None = None,
    facts: int | None = None,
    facts_label: str = "",
    sample: object = None,
    computed: bool = False,
    with_records: bool = True,
) -> Stored:
    """The places of what is shown but taken from nobody."""
    return Stored(
        form=None,
        facts=facts,
        api=None,
        json=json,
        message=message,
        change=None,
        facts_label=facts_label,
        sample=sample,
        computed=computed,
        with_records=with_records,
    )
