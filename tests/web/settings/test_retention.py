"""Settings: how long the log is kept."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.settings import log_retention
from automations.models.tables.people import Audit
from automations.models.tables.store import Store

PAGE = "/settings/retention"
GIVEN = {"nothing": "31", "unsent": "365", "sent": "0"}


def kept() -> dict[str, int]:
    db.session.rollback()
    return log_retention.days_of(db.session.query(Store).filter_by(name="Bloom & Wild St").one())


def test_the_defaults_are_shown_until_somebody_chooses(as_ada: FlaskClient) -> None:
    page = as_ada.get(PAGE).text
    for days in log_retention.USUAL.values():
        assert f'<option selected value="{days}">' in page


def test_the_chosen_times_are_saved_and_audited(as_ada: FlaskClient) -> None:
    assert as_ada.post(PAGE, data=GIVEN).status_code == 303
    assert kept() == {"nothing": 31, "unsent": 365, "sent": 0}
    row = db.session.query(Audit).filter_by(about="how long the log is kept").one()
    assert row.before == {"nothing": 90, "sent": 1825}
    assert row.after == {"nothing": 31, "sent": 0}


@pytest.mark.parametrize(
    "wrong",
    [{"sent": "90"}, {"unsent": "0", "sent": "3650"}, {"nothing": "1"}, {"sent": "soon"}, {"sent": ""}],
)
def test_what_was_sent_is_always_kept_longest(as_ada: FlaskClient, wrong: dict[str, str]) -> None:
    assert as_ada.post(PAGE, data=GIVEN | wrong).status_code == 422
    assert kept() == log_retention.USUAL
