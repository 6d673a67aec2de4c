"""Signing in and out, and sessions."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from automations.models.access.browser_sessions import hash_token
from automations.models.access.sign_in_throttle import FREE_HERE
from automations.models.db.base import db
from automations.models.tables.people import Audit, SignIn, SignInFailure, User
from tests.kit.statements import recorded_statements
from tests.web.pages import sign_in, text_of
from tests.world import NOW, PASSWORD


def test_the_start_page_asks_to_sign_in_and_remembers_where_to_go(client: FlaskClient) -> None:
    answer = client.get("/sessions?x=1")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/sessions?x%3D1"


def test_signing_in_keeps_only_a_hash_of_the_token(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    cookie = client.get_cookie("sign_in")
    assert cookie and cookie.http_only and cookie.same_site == "Lax" and len(cookie.value) >= 43
    assert db.session.query(SignIn).one().token_hash == hash_token(cookie.value)
    assert db.session.query(Audit).one().action == "signed in"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(client: FlaskClient) -> None:
    answers = [
        client.post("/sign-in", data={"email": email, "password": "wrong"})
        for email in ("rosa@bloom.example", "nobody@bloom.example")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("That email and password do not match." in text_of(answer) for answer in answers)
    assert 'value="rosa@bloom.example"' in answers[0].text


def test_the_email_may_be_written_in_any_case_and_with_spaces(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": " Rosa@Bloom.example ", "password": PASSWORD})
    assert answer.status_code == 303


def test_after_several_wrong_passwords_even_the_right_one_has_to_wait(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(FREE_HERE):
            client.post("/sign-in", data={"email": "rosa@bloom.example", "password": "wrong"})
        refused = client.post("/sign-in", data={"email": "rosa@bloom.example", "password": PASSWORD})
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert "Too many tries. Wait 1 second, then try again." in text_of(refused)
        assert 'value="rosa@bloom.example"' in refused.text
        clock.shift(1)
        sign_in(client, "rosa")
    assert db.session.query(SignInFailure).count() == 0


def test_unknown_and_known_emails_cost_the_same_work(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, *given: verified.append("") or real(self, *given)
    )
    statements_of_each = []
    for number, email in enumerate(("warm-up@bloom.example", "rosa@bloom.example", "nobody@bloom.example")):
        elsewhere = {"REMOTE_ADDR": f"198.51.100.{number}"}
        with recorded_statements() as statements:
            client.post("/sign-in", data={"email": email, "password": "wrong"}, environ_base=elsewhere)
        statements_of_each.append([text for text, _ in statements])
    _, known, unknown = statements_of_each
    assert known == unknown and len(verified) == 3


def test_a_refused_sign_in_is_in_the_audit(client: FlaskClient, as_ada: FlaskClient) -> None:
    client.post("/sign-in", data={"email": "rosa@bloom.example", "password": "wrong"})
    assert "Rosa Lind tried to sign in from 127.0.0.1, and rosa@bloom.example was refused" in text_of(
        as_ada.get("/settings/audit")
    )


def test_a_disabled_person_cannot_sign_in(client: FlaskClient) -> None:
    db.session.query(User).filter_by(email="rosa@bloom.example").update({"disabled_at": NOW})
    db.session.commit()
    answer = client.post("/sign-in", data={"email": "rosa@bloom.example", "password": PASSWORD})
    assert answer.status_code == 422


def test_next_leads_only_inside_this_site(client: FlaskClient) -> None:
    for address in ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"):
        data = {"email": "rosa@bloom.example", "password": PASSWORD, "next": address}
        assert client.post("/sign-in", data=data).location == "/"
    data = {"email": "rosa@bloom.example", "password": PASSWORD, "next": "/sessions?x=1"}
    assert client.post("/sign-in", data=data).location == "/sessions?x=1"


def test_a_session_ends_after_twelve_hours_without_use(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        sign_in(client, "rosa")
        clock.shift(11 * 3600)
        assert client.get("/sessions").status_code == 200
        clock.shift(11 * 3600)
        assert client.get("/sessions").status_code == 200
        clock.shift(12 * 3600 + 1)
        assert client.get("/sessions").status_code == 303


def test_a_session_ends_fourteen_days_after_signing_in(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        sign_in(client, "rosa")
        for _ in range(14 * 24 // 8):
            assert client.get("/sessions").status_code == 200
            clock.shift(8 * 3600)
        assert client.get("/sessions").status_code == 303


def test_signing_in_again_makes_a_new_token_and_ends_the_old(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    old = client.get_cookie("sign_in")
    sign_in(client, "rosa")
    new = client.get_cookie("sign_in")
    assert old and new and old.value != new.value
    client.set_cookie("sign_in", old.value)
    assert client.get("/sessions").status_code == 303


def test_signing_out_ends_the_session_in_the_database(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    cookie = client.get_cookie("sign_in")
    client.post("/sign-out")
    assert cookie
    client.set_cookie("sign_in", cookie.value)
    assert client.get("/sessions").status_code == 303


def test_signing_out_clears_the_browsers_cache(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    assert client.post("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/sign-in").headers


def test_people_can_end_only_their_own_sessions(client: FlaskClient) -> None:
    there = client.application.test_client()
    sign_in(there, "rosa")
    sign_in(client, "rosa")
    elsewhere = min(row.id for row in db.session.query(SignIn))
    assert 'aria-label="Sign out ' in client.get("/sessions").text
    stranger = client.application.test_client()
    sign_in(stranger, "finn")
    assert stranger.post(f"/sessions/{elsewhere}/end").status_code == 404
    assert client.post(f"/sessions/{elsewhere}/end").status_code == 303
    assert there.get("/sessions").status_code == 303


def test_ending_a_session_elsewhere_needs_the_password_after_a_while(client: FlaskClient) -> None:
    start = dt.datetime.now(dt.UTC)
    there = sign_in(client.application.test_client(), "rosa")
    sign_in(client, "rosa")
    elsewhere = min(row.id for row in db.session.query(SignIn))
    with time_machine.travel(start + dt.timedelta(minutes=20)):
        assert f'formaction="/sessions/{elsewhere}/end"' in client.get("/sessions").text
        for given in ({}, {"current": "a guess"}):
            refused = client.post(f"/sessions/{elsewhere}/end", data=given)
            assert refused.status_code == 422 and "password" in text_of(refused)
        assert there.get("/sessions").status_code == 200
        answer = client.post(f"/sessions/{elsewhere}/end", data={"current": PASSWORD})
        assert answer.status_code == 303
        assert there.get("/sessions").status_code == 303
    row = db.session.query(Audit).order_by(Audit.id.desc()).first()
    assert row and (row.action, row.about) == ("ended a session of", "Rosa Lind")


@pytest.mark.parametrize("address", ["/password", "/sessions/1/end"])
def test_an_open_browser_cannot_be_used_to_guess_the_password(client: FlaskClient, address: str) -> None:
    start = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)
    sign_in(client, "rosa")
    with time_machine.travel(start, tick=False) as clock:
        wrong = [
            client.post(address, data={"current": "a guess", "new": "new petals"}) for _ in range(FREE_HERE)
        ]
        assert all("That is not your password." in text_of(answer) for answer in wrong)
        right = {"current": PASSWORD, "new": "new petals"}
        waits = client.post(address, data=right)
        assert waits.status_code == 422 and "Too many tries. Wait 1 second, then try again." in text_of(waits)
        clock.shift(dt.timedelta(seconds=2))
        assert client.post(address, data=right).status_code in (303, 404)
        assert db.session.query(SignInFailure).count() == 0


def test_a_new_password_signs_out_everywhere_else(client: FlaskClient) -> None:
    there = client.application.test_client()
    sign_in(there, "rosa")
    sign_in(client, "rosa")
    wrong = client.post("/password", data={"current": "no", "new": "ten letters"})
    assert wrong.status_code == 422 and "That is not your password." in text_of(wrong)
    short = client.post("/password", data={"current": PASSWORD, "new": "short"})
    assert "Use at least 10 characters" in text_of(short)
    assert client.post("/password", data={"current": PASSWORD, "new": "new petals"}).status_code == 303
    assert client.get("/sessions").status_code == 200
    assert there.get("/sessions").status_code == 303


def test_a_new_password_gives_this_browser_a_new_token(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    old = client.get_cookie("sign_in")
    client.post("/password", data={"current": PASSWORD, "new": "new petals"})
    new = client.get_cookie("sign_in")
    assert old and new and old.value != new.value
    client.set_cookie("sign_in", old.value)
    assert client.get("/sessions").status_code == 303


def test_a_common_password_is_refused(client: FlaskClient) -> None:
    sign_in(client, "rosa")
    answer = client.post("/password", data={"current": PASSWORD, "new": "Password123!"})
    assert answer.status_code == 422 and "on the lists that are tried first" in text_of(answer)


def test_signing_in_renews_a_hash_of_an_earlier_cost(client: FlaskClient) -> None:
    outdated = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    db.session.query(User).filter_by(email="rosa@bloom.example").update({"password_hash": outdated})
    db.session.commit()
    sign_in(client, "rosa")
    assert "m=8," in db.session.query(User.password_hash).filter_by(email="rosa@bloom.example").scalar()
