"""What the how-to says is to be written for one more of each thing, as changes of a copy of the program.

The claim stands in the list: a stored field is three changes, an operator is one. `added.py` asks afterwards
whether each is everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from automations import actions
from automations.actions.shared import action_kind, inside_action
from automations.connectors import sms_presets
from automations.engine.fields.subjects import order as order_entries
from automations.engine.operators import operators
from automations.models.tables import order as order_table
from automations.web.inbox import task_pages
from automations.web.kit import navigation, permissions
from tests.kit.source import ROOT

MIGRATIONS = ROOT / "migrations" / "versions"
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """A text that is put in front of `before` in a file; without `before`, it is a file of its own."""

    path: Path
    text: str
    before: str = ""

    def make(self, copy: Path) -> None:
        """Change the copy of the program that lies in `copy`; raises ValueError without the place for it."""
        target = copy / self.path.relative_to(ROOT)
        if not self.before:
            target.parent.mkdir(exist_ok=True)
            target.write_text(self.text, encoding="utf-8")
            return
        whole = target.read_text(encoding="utf-8")
        if whole.count(self.before) != 1:
            raise ValueError(f"{target.name} has {whole.count(self.before)} of {self.before!r}, not one.")
        target.write_text(whole.replace(self.before, self.text + self.before), encoding="utf-8")


def _in(module: ModuleType, before: str, text: str) -> Change:
    return Change(Path(str(module.__file__)), text, before)


def _beside(module: ModuleType, name: str, text: str) -> Change:
    return Change(Path(str(module.__file__)).parent / name, text)


def _newest_revision() -> str:
    texts = [path.read_text(encoding="utf-8") for path in MIGRATIONS.glob("*.py")]
    revisions: list[str] = [revision for text in texts for revision in _REVISION.findall(text)]
    return max(revisions)


_COLUMNS = """\
    gift_wish: Mapped[str] = mapped_column(default="")
    deposit: Mapped[Decimal] = mapped_column(default=Decimal("0.00"))
"""
_ENTRIES = """\
    Field(
        "gift_wish",
        "Gift wish",
        "text",
        ("gift_wish",),
        "its gift wish",
        stored=Stored(example="With a card", sample="With a red ribbon"),
    ),
    Field(
        "deposit",
        "Deposit",
        "money",
        ("deposit",),
        "its deposit",
        can_be_empty=False,
        stored=Stored(sample="5.00"),
    ),
"""
_MIGRATION = f'''"""A gift wish and a deposit."""

import sqlalchemy as sa
from alembic import op

revision = "added"
down_revision = "{_newest_revision()}"


def upgrade():
    op.add_column("order", sa.Column("gift_wish", sa.Text(), nullable=False, server_default=""))
    op.add_column("order", sa.Column("deposit", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade():
    op.drop_column("order", "deposit")
    op.drop_column("order", "gift_wish")
'''
_TRIGGER = """\
    triggers.TriggerKind(
        "note_changed",
        "Note changed",
        "Fires every time the note changes.",
        "’s note changes",
        watches=("note",),
    ),
"""
_OPERATOR = """\
    Operator(
        "ends_with",
        "ends with",
        {"": "ends with"},
        {"": "to end with"},
        frozenset({"text"}),
        lambda actual, value: fold(actual).endswith(fold(value)),
        absent=False,
        by_position=False,
    ),
"""
_ACTION = f'''"""Post a card."""

from __future__ import annotations

import wtforms

from {action_kind.__name__} import Action, ActionForm, Prepared, Receipt


class CardForm(ActionForm):
    words = wtforms.StringField("Words on the card")


class PostCard(Action):
    key = "post_card"
    label = "Post a card"
    icon = "mail"
    Form = CardForm

    def contacts_customer(self, settings):
        return True

    def summary(self, settings):
        return "post a card"

    def check(self, settings, subject):
        return []

    def prepare(self, settings, situation):
        return [Prepared(self.key, "Anna Petrova", "", "Card", settings["words"])]

    def perform(self, prepared, connectors, key):
        return Receipt("card-1", "posted")
'''
_INSIDE_ACTION = f'''"""Stamp the loyalty card."""

from __future__ import annotations

import wtforms

from {action_kind.__name__} import INSIDE, ActionForm, Prepared
from {inside_action.__name__} import InsideAction, Preview
from automations.models.tables.task import Task


class StampForm(ActionForm):
    words = wtforms.StringField("Words on the stamp")


class StampCard(InsideAction):
    key = "stamp_card"
    label = "Stamp the loyalty card"
    icon = "mail"
    Form = StampForm

    def contacts_customer(self, settings):
        return False

    def summary(self, settings):
        return "stamp the loyalty card"

    def check(self, settings, subject):
        return []

    def prepare(self, settings, situation):
        return [Prepared(self.key, "the store", "", settings["words"], "", channel=INSIDE)]

    def apply(self, session, context, prepared):
        session.add(
            Task(
                store_id=context.store.id,
                run_id=context.run_id,
                part=context.part,
                subject=context.subject,
                record_id=context.record_id,
                title=prepared.subject,
                description="",
                checklist=[],
                priority="normal",
                created_at=context.now,
            )
        )
        return f"Stamped “{{prepared.subject}}”"

    def preview(self, prepared, formats):
        return Preview("A stamp", prepared.subject)
'''
_PRESET = """\
PIGEON = Preset(
    key="pigeon",
    label="Pigeon Post",
    settings=(PresetSetting("secret", "Ring number", secret=True), _SENDER),
    url="https://pigeons.example/messages",
    encoding="json",
    login="bearer",
    fields={"to": "to", "from": "sender", "text": "text"},
    success_path="status",
    success=frozenset({"ok"}),
    id_path="id",
    code_path="code",
    words_path="error",
)

"""
_PAGE = '''"""Greetings."""

from flask import Blueprint, render_template

bp = Blueprint("greetings", __name__, url_prefix="/greetings")


@bp.get("")
def index():
    return render_template("greetings/index.html")
'''
_TEMPLATE = """\
{% extends "base.html" %}
{% block heading %}Greetings{% endblock %}
{% block content %}<p>Good morning.</p>{% endblock %}
"""

CLAIMS: Mapping[str, Sequence[Change]] = {
    "stored_field": (
        _in(order_table, "    custom: Mapped[Any] = ", _COLUMNS),
        _in(order_entries, ")\n#: Part of every order", _ENTRIES),
        Change(MIGRATIONS / "9999_added.py", _MIGRATION),
    ),
    "trigger": (_in(order_entries, "    triggers.CARRIER_CHANGED,\n", _TRIGGER),),
    "operator": (_in(operators, '    Operator(\n        "is_empty",\n', _OPERATOR),),
    "outside_action": (Change(Path(actions.__path__[0]) / "post_card.py", _ACTION),),
    "inside_action": (Change(Path(actions.__path__[0]) / "stamp_card.py", _INSIDE_ACTION),),
    "sms_preset": (
        _in(sms_presets, "PRESETS: Mapping[str, Preset]", _PRESET),
        _in(sms_presets, "GENERIC)}", "PIGEON, "),
    ),
    "page": (
        _beside(task_pages, "greetings.py", _PAGE),
        _in(permissions, '    "tasks.index": "view",\n', '    "greetings.index": "view",\n'),
        _in(navigation, '    ("Tasks", "tasks.index"),\n', '    ("Greetings", "greetings.index"),\n'),
        Change(ROOT / "templates" / "greetings" / "index.html", _TEMPLATE),
    ),
}
