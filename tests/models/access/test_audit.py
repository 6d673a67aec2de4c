"""The audit is a chain: rows that are altered, deleted, inserted or moved are reported."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.access import audit, audit_chain
from automations.models.db.base import db, write
from automations.models.tables.people import Audit, AuditHead, User
from tests.kit.shop import place_order
from tests.kit.statements import recorded_statements
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def rows(app: Flask) -> list[int]:
    """The ids of six rows, in order."""
    for number in range(6):
        with write() as session:
            whose = {"user_id": session.query(User.id).filter_by(email="rosa@bloom.example").scalar()}
            change = {"before": {"name": "Rosé"}, "after": {"name": number}}
            audit.note(session, action="changed", about=f"thing “{number}”", at=NOW, **whose, **change)
    return list(db.session.scalars(sa.select(Audit.id).order_by(Audit.id)))


def problems(**known: str) -> list[str]:
    db.session.rollback()
    return list(audit_chain.problems(db.session(), {int(number[1:]): hash for number, hash in known.items()}))


def tamper(statement: str, **values: object) -> None:
    """Change rows as someone could who can write to the database."""
    with db.engine.begin() as connection:
        connection.execute(sa.text(statement), values)


@pytest.mark.usefixtures("rows")
def test_untouched_rows_pass_verification() -> None:
    assert problems() == []
    assert audit_chain.chain_head(db.session()).number == 6


@pytest.mark.parametrize(
    "change",
    [
        "action = 'looked at'",
        "about = 'x'",
        "user_id = NULL",
        "store_id = 1",
        '"before" = NULL',
        "\"after\" = '{}'",
        "at = '2020-01-01 00:00:00+00:00'",
        "hash = 'x'",
    ],
)
def test_an_altered_row_is_reported(rows: list[int], change: str) -> None:
    if db.engine.dialect.name == "sqlite":
        change = change.replace("+00:00", ".000000")
    tamper(f"UPDATE audit SET {change} WHERE id = :id", id=rows[2])
    assert problems()[0].startswith(f"Row {rows[2]} (number 3) was altered")


def test_a_deleted_row_is_reported(rows: list[int]) -> None:
    tamper("DELETE FROM audit WHERE id IN (:one, :two)", one=rows[1], two=rows[2])
    assert f"The numbers 2 to 3 are missing before row {rows[3]}." in problems()


def test_deleting_the_last_row_is_reported(rows: list[int]) -> None:
    tamper("DELETE FROM audit WHERE id = :id", id=rows[5])
    assert problems() == ["The number 6 is missing at the end."]


def test_an_inserted_row_is_reported(rows: list[int]) -> None:
    tamper("INSERT INTO audit (at, action, about) VALUES ('2026-01-01 00:00:00', 'changed', 'x')")
    (sentence,) = problems()
    assert sentence.endswith("was put in from outside: it has no place in the chain.")
    tamper("UPDATE audit SET number = 7, hash = 'x' WHERE number IS NULL")
    assert any("number 7) was altered" in sentence for sentence in problems())


def test_swapped_rows_are_reported(rows: list[int]) -> None:
    tamper("UPDATE audit SET number = 99 WHERE id = :id", id=rows[1])
    tamper("UPDATE audit SET number = 2 WHERE id = :id", id=rows[3])
    tamper("UPDATE audit SET number = 4 WHERE id = :id", id=rows[1])
    report = " ".join(problems())
    assert (
        f"Row {rows[1]} is in the wrong place" in report and f"Row {rows[3]} (number 2) was altered" in report
    )


def test_a_rebuilt_chain_does_not_match_a_noted_hash(rows: list[int]) -> None:
    head = audit_chain.chain_head(db.session())
    noted = {f"n{head.number}": head.hash}
    assert problems(**noted) == []
    with write() as session:
        session.execute(sa.delete(Audit))
        session.execute(sa.update(AuditHead).values(number=0, hash=""))
    for number in range(6):
        with write() as session:
            audit.note(session, action="looked at", about=str(number), at=NOW)
    assert "is not the one whose hash was noted down" in problems(**noted)[0]
    assert problems(n7="x") == ["There is no row with the number 7, whose hash was noted down."]


def test_concurrent_writers_make_one_chain_without_gaps(app: Flask) -> None:
    errors = []

    def work(name: int) -> None:
        with app.app_context():
            try:
                for turn in range(5):
                    with write() as session:
                        audit.note(session, action="changed", about=f"{name} {turn}")
                        audit.note(session, action="changed", about=f"{name} {turn} too")
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, problems()) == ([], [])
    assert db.session.query(Audit).count() == 60


@pytest.mark.usefixtures("rows")
def test_a_rolled_back_transaction_leaves_no_row_and_no_gap() -> None:
    with pytest.raises(ZeroDivisionError), write() as session:
        audit.note(session, action="changed", about="nothing")
        session.flush()
        _ = 1 / 0
    with write() as session:
        audit.note(session, action="changed", about="something")
    assert problems() == [] and db.session.query(Audit).count() == 7


def test_receiving_an_order_never_touches_the_audit() -> None:
    place_order("1")
    with recorded_statements() as statements:
        place_order("2")
    assert not any("audit" in text for text, _ in statements)


def test_values_named_like_secrets_are_masked() -> None:
    settings = {
        "host": "mail.example",
        "password": "s3cret",
        "deep": [{"api_token": "s3cret", "secret": "a new one"}],
    }
    with write() as session:
        audit.note(session, action="changed", about="email server", before=None, after=settings)
    assert db.session.query(Audit).one().after == {
        "host": "mail.example",
        "password": audit.MASKED,
        "deep": [{"api_token": audit.MASKED, "secret": "a new one"}],
    }


def test_the_verify_command_reports_problems_and_fails(app: Flask, rows: list[int]) -> None:
    runner = app.test_cli_runner()
    passed = runner.invoke(args=["audit", "verify"])
    assert passed.exit_code == 0 and "Unaltered: 6 rows." in passed.output
    noted = passed.output.rpartition(" ")[2].strip()
    assert runner.invoke(args=["audit", "verify", "--known", noted]).exit_code == 0
    db.session.rollback()
    tamper("UPDATE audit SET about = 'x' WHERE id = :id", id=rows[0])
    failed = runner.invoke(args=["audit", "verify"])
    assert failed.exit_code == 1 and f"Row {rows[0]} (number 1) was altered" in failed.output
