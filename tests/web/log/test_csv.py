"""The CSV export: whatever a name says, no cell is read as a formula, and each cell can be read back."""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from automations.features.csv_files import csv_lines
from automations.features.csv_files.csv_lines import guarded
from automations.models.db.base import write
from automations.models.tables.store import Choice
from automations.pipeline.records.change import Cause
from automations.web.kit.export_permissions import EXPORTS
from automations.web.kit.permissions import PERMISSIONS
from automations.web.log.activity_csv import HEADINGS
from tests.kit import shop
from tests.web.pages import text_of

COMPUTES = "=+-@＝＋－＠"
FORMULAS = ('T("a|b")&A1', 'CONCATENATE("x; ",A1,"y")', "1+1", "SUM(A1:A9)*1,5", "2;=3")
BEFORE = (
    "",
    " ",
    "   ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\x0b",
    "\x00",
    "\xa0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e",
)
BEHIND = ("", "a;", 'a";', "a,", "a\t", "a\n", "a|", "';")
DANGEROUS = tuple(
    f"{front}{before}{sign}{FORMULAS[(place + count) % len(FORMULAS)]}"
    for front in BEHIND
    for place, before in enumerate(BEFORE)
    for count, sign in enumerate(COMPUTES)
)


def is_live(cell: str) -> bool:
    """Whether some spreadsheet would read the cell as a formula."""
    shown = cell
    while shown and (shown[0].isspace() or unicodedata.category(shown[0]) in ("Cc", "Cf")):
        shown = shown[1:]
    return shown[:1] != "" and shown[0] in COMPUTES


def live(text: str) -> list[str]:
    """Return the cells that would be read as formulas with any of the usual separators."""
    cells = []
    for separator in ",;\t|":
        # Some programs end a file at a NUL; Python's reader takes it for text.
        rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator)
        cells += [cell for row in rows for cell in row if is_live(cell)]
    return cells


def test_no_value_becomes_a_formula_and_each_is_read_back() -> None:
    assert len(DANGEROUS) > 500
    for place, heading in enumerate(HEADINGS):
        for value in DANGEROUS:
            cells = ["Order 1"] * len(HEADINGS)
            cells[place] = value
            line = csv_lines.line(cells)
            assert live(line) == [], (heading, value, line)
            (row,) = csv.reader(io.StringIO(line, newline=""))
            assert row[place].replace("'", "") == value.replace("'", ""), heading


@pytest.mark.parametrize(
    "text", ["Order 1", "£-5.00", "a; b", "2026-11-22 10:00:00", "Anna-Maria", "a@b.example", ""]
)
def test_text_that_is_no_formula_is_unchanged(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("sign", [*COMPUTES, " =", "\t=", "a;="])
def test_names_that_look_like_formulas_are_exported_as_text(as_ada: FlaskClient, sign: str) -> None:
    name = f"{sign}1+1"
    with write() as session:
        for choice in session.query(Choice).filter(Choice.list_key == "order_status"):
            choice.label = f"{name} {choice.id}"
    shop.publish_automation(name, "created", shop.condition("note", "contains", "roses"))
    shop.publish_automation(f"{name} 2", "created", actions=[shop.email_to()])
    shop.place_order(name, note=name, cause=Cause("api", name))
    shop.place_order(name, status="picked", cause=Cause("person", name))
    text = as_ada.get("/activity.csv").text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert live(text) == [] and len(rows) >= 2
    for column in ("Record", "By", "Automation", "Change"):
        assert any(name in row[column].replace("'", "") for row in rows), column


def _rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text.lstrip("\ufeff"), newline="")))


def test_the_file_says_what_changed_and_why_as_the_page_does(as_ada: FlaskClient) -> None:
    roses = shop.publish_automation("Roses", "created", shop.condition("note", "contains", "lilies"))
    shop.place_order("7", total=Decimal(10), note="tulips")
    shop.place_order("7", total=Decimal(10), note="roses", tags=["vip"])
    shop.place_order("7", total=Decimal(11), note="roses", tags=["vip"], status="picked")
    rows = _rows(as_ada, "/activity.csv")
    assert [(row["What happened"], row["Change"]) for row in rows] == [
        ("Status changed", "Unconfirmed → Picked with Total"),
        ("Changed", "Note, Tags"),
        ("Created", "Unconfirmed, Unpaid"),
    ]
    page = text_of(as_ada.get("/activity"))
    assert "status changed Unconfirmed → Picked with Total" in page and "changed Note, Tags" in page
    missed = f"?automation={roses}&outcome=not_applicable"
    (reason,) = (row["Why"] for row in _rows(as_ada, f"/activity.csv{missed}"))
    assert reason and reason in text_of(as_ada.get(f"/activity{missed}"))


def test_the_check_fails_without_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "guarded", lambda text: text)
    with pytest.raises(AssertionError):
        test_no_value_becomes_a_formula_and_each_is_read_back()


def test_there_is_no_other_export() -> None:
    exports = {endpoint for endpoint in PERMISSIONS if "export" in endpoint}
    assert exports == {
        "personal_data.export",
        "activity.export",
        "backtests.export",
        "record_exports.export",
        "import_files.export",
        "record_exports.export_accounts",
        "task_exports.export",
        "message_exports.export",
        "audit_exports.export",
        *EXPORTS,
    }
