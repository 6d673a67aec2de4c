"""What `benchmarks/mail.py` measures is there: a mail server that counts, a plain loop and a campaign."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import pytest

from app import create_app
from automations.features.audience import campaign_sending
from benchmarks import mail_shop
from benchmarks.line_sides import SECRET
from benchmarks.mail import SITE, MailServer, plain_loop
from tests.kit.doing import perform_due

CUSTOMERS = 3


def test_both_sides_send_each_message_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    now = dt.datetime.now(dt.UTC)
    with closing(MailServer()) as server:
        url = f"sqlite:///{tmp_path / 'mail.db'}"
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET, "PUBLIC_URL": SITE})
        campaign_id = mail_shop.prepare(app, CUSTOMERS, server.port)
        assert plain_loop(app, server, 2) > 0
        mail_shop.start(app, campaign_id)
        with app.app_context():
            campaign_sending.send_all(lambda: now, lambda: True)
            assert perform_due(now) == CUSTOMERS
        came = server.report()
    assert (came["emails"], came["different"], came["connections"]) == (CUSTOMERS, CUSTOMERS, 1)
