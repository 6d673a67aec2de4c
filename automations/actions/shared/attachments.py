"""What an email brings along: files of the store's, and the order as a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared.action_kind import ATTACHMENTS, Lists, Prepared, Settings, Situation, text_of
from automations.actions.shared.order_paper import order_paper
from automations.connectors.connector_set import Files
from automations.connectors.file_types import file_name, size_words
from automations.connectors.receipts import Refused
from automations.connectors.stored_file import StoredFile
from automations.emails.order_document import OrderDocument
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import joined
from automations.loading.first_use import FirstUse

if TYPE_CHECKING:
    from automations.emails import order_pdf, paper_gaps
else:
    order_pdf = FirstUse("automations.emails.order_pdf")
    paper_gaps = FirstUse("automations.emails.paper_gaps")

ORDER, FILES = "order_pdf", ("file_1", "file_2", "file_3")
OPTIONAL = (ORDER, *FILES)
PDF = "pdf"
#: Where an attachment keeps what its PDF has no letters for; so many are named.
LEFT_OUT, MOST_LOST = "left_out", 4
#: Of all files of one email; mail servers refuse what is much larger.
LARGEST_ALL = 10 * 1024 * 1024
_ORDERS = (("", "No"), (PDF, "As a PDF"))
_LABELS = ("Attached file", "Second file", "Third file")


def order_field() -> wtforms.SelectField:
    """Return the field that attaches the order."""
    return wtforms.SelectField(
        "Attach the order", choices=[SelectChoice(*one) for one in _ORDERS], default=""
    )


def file_fields() -> Iterator[wtforms.SelectField]:
    """Yield the fields of the files; the page offers those of the store by name."""
    yield from (
        wtforms.SelectField(label, choices=[SelectChoice("", "None")], default="") for label in _LABELS
    )


def problems(settings: Settings, subject: Subject) -> Iterator[Problem]:
    """Yield what is wrong with the attachments, as far as the store's files need not be known."""
    if settings.get(ORDER) not in (None, "", PDF):
        yield Problem(f"settings.{ORDER}", "Choose whether the order is attached.")
    elif settings.get(ORDER) and subject.key != "order":
        noun = f"{'an' if subject.key[:1] in 'aeiou' else 'a'} {subject.key}"
        yield Problem(f"settings.{ORDER}", f"Only an order can be attached, and this email is about {noun}.")
    named: set[str] = set()
    for field in FILES:
        if not isinstance(settings.get(field, ""), str):
            yield Problem(f"settings.{field}", "Choose a file by its name.")
        name = text_of(settings, field)
        if name and name in named:
            yield Problem(f"settings.{field}", f"“{name}” is attached already. Choose another file.")
        named.add(name)


def problems_in_store(settings: Settings, lists: Lists) -> Iterator[Problem]:
    """Yield the files that the store does not have, and what is too much for one email."""
    names = {field: name for field in FILES if (name := text_of(settings, field))}
    sizes = lists.files() if names else {}
    for field, name in names.items():
        if name not in sizes:
            sentence = f"There is no file “{name}”. Upload it under Settings, Attachments, or choose another."
            yield Problem(f"settings.{field}", sentence)
    total = sum(sizes.get(name, 0) for name in names.values())
    if total > LARGEST_ALL:
        said = f"The files are {size_words(total)} together; the limit for one email is 10 MB."
        yield Problem(f"settings.{list(names)[-1]}", said)


def attached(settings: Settings, situation: Situation) -> dict[str, Any]:
    """Return what a prepared message keeps of its attachments; {} for none.

    A file stays the one it was, however often the message is tried: another of its name has another id.
    """
    kept: list[dict[str, Any]] = []
    if settings.get(ORDER) == PDF and situation.subject == "order":
        paper = order_paper(situation)
        document = paper.to_data()
        entry = {"name": file_name(f"{paper.title}.pdf"), "type": order_pdf.TYPE, "document": document}
        lost = paper_gaps.left_out(paper_gaps.texts_in(document), paper.language)
        kept.append(entry | ({LEFT_OUT: lost} if lost else {}))
    for name in filter(None, (text_of(settings, field) for field in FILES)):
        file = situation.find_file(name)
        known = {"file": file.id, "type": file.type, "size": file.size} if file else {}
        kept.append({"name": name, **known})
    return {ATTACHMENTS: kept} if kept else {}


def contents(prepared: Prepared, files: Files) -> list[StoredFile]:
    """Return the attachments of a prepared message. Raises Refused: nothing leaves without one of them."""
    found = [(entry, content_of(entry, files)) for entry in entries(prepared.extra)]
    missing = [f"“{entry['name']}”" for entry, file in found if file is None]
    if missing:
        what = f"The attached {'file' if len(missing) == 1 else 'files'} {joined(missing)}"
        is_gone = f"{'is' if len(missing) == 1 else 'are'} not there any more"
        raise Refused(f"{what} {is_gone}. Upload it again under Settings, Attachments, then try again.")
    attachments = [file for _, file in found if file]
    if sum(len(file.content) for file in attachments) > LARGEST_ALL:
        raise Refused("The attachments are over 10 MB together, which mail servers refuse.")
    return attachments


def content_of(entry: Mapping[str, Any], files: Files) -> StoredFile | None:
    """Return an attachment as it is or was sent; None for a file that is no longer kept."""
    document = OrderDocument.from_data(entry.get("document"))
    if document:
        return StoredFile(str(entry["name"]), order_pdf.TYPE, order_pdf.order_pdf(document))
    id = entry.get("file")
    if isinstance(id, int):
        return files.read(id)
    # When the message was prepared there was none of this name.
    return files.named(str(entry["name"])) if "type" not in entry else None


def entries(data: object) -> Sequence[Mapping[str, Any]]:
    """Return the attachments that a prepared or stored message has, each at least with its name."""
    listed = data.get(ATTACHMENTS) if isinstance(data, Mapping) else None
    rows = listed if isinstance(listed, list | tuple) else ()
    return [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("name"), str)]


def names(data: object) -> str:
    """Return the names of the attachments of a message: "Care.pdf (820 kB) and Order 7.pdf"; "" for none."""
    return joined([_named(entry) for entry in entries(data)])


def lost_words(entry: Mapping[str, Any]) -> str:
    """Return what a PDF lacks, as no font has it: "leaves out Hindi letters"; "" where it has all."""
    lost = entry.get(LEFT_OUT)
    listed = list(map(str, lost)) if isinstance(lost, list) else []
    more = len(listed) - MOST_LOST
    named = [*listed[:MOST_LOST], "others"] if more > 0 else listed
    return f"leaves out {joined(named)}" if named else ""


def _named(entry: Mapping[str, Any]) -> str:
    size = entry.get("size")
    said = size_words(size) if isinstance(size, int) else lost_words(entry)
    return f"{entry['name']} ({said})" if said else str(entry["name"])
