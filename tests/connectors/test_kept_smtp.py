"""The connection to a mail server stays open between emails, and its end neither fails nor repeats one."""

from __future__ import annotations

import dataclasses
import os
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.connectors import smtp, smtp_session
from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail, Refused, TryAgain, Uncertain
from automations.connectors.smtp import SmtpConnector
from tests.connectors.certificates import make_contexts
from tests.connectors.post_office import CLOSES, IS_SILENT, KEPT, RECEIVED, Moment, PostOffice, open_office
from tests.connectors.servers import Handler, mail_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # On a busy machine more than a few seconds may pass between two emails.
    monkeypatch.setattr(smtp_session, "LONGEST_IDLE", 60.0)
    monkeypatch.setattr(smtp_session, "LONGEST_KEPT", 600.0)
    yield
    smtp.close_kept()


def email(place: int) -> OutgoingEmail:
    to, sender = EmailContact("anna@shop.example", ""), EmailContact("hello@bloom.example", "")
    return OutgoingEmail(to, sender, f"Order {place}", f"Text {place}.", f"run-{place}-0")


def connector(port: int, timeout: float = 60.0, keeper: str = "store 1") -> SmtpConnector:
    return SmtpConnector("127.0.0.1", port, "none", timeout=timeout, keeper=keeper)


def send(port: int, count: int) -> None:
    for place in range(count):
        connector(port).send(email(place))


def each_arrived_once(office: PostOffice, count: int) -> bool:
    arrived = Counter(
        place for place in range(count) for _, body in office.emails if b"Text %d." % place in body
    )
    return arrived == Counter(range(count)) and len(office.emails) == count


def test_workflows_that_begin_together_share_the_certificates_and_so_the_connections() -> None:
    smtp._read_certificates.cache_clear()
    all_are_there = threading.Barrier(8)

    def context(_: int) -> ssl.SSLContext:
        all_are_there.wait()
        return connector(25).context

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(context, range(8)))) == 1


def test_the_next_email_of_the_store_leaves_through_the_same_connection() -> None:
    office = PostOffice()
    with open_office(office) as port:
        send(port, 3)
    assert office.by_connection == [1, 1, 1] and each_arrived_once(office, 3)


def test_stores_share_no_connection_and_without_a_store_none_is_kept() -> None:
    office = PostOffice()
    with open_office(office) as port:
        for keeper in ("store 1", "store 2", "", "", "store 2"):
            connector(port, keeper=keeper).send(email(0))
    assert office.by_connection == [1, 2, 3, 4, 2]


@pytest.mark.parametrize("change", [{"username": "shop", "password": "new"}, {"host": "localhost"}])
def test_other_settings_or_another_secret_open_a_new_connection_and_close_the_old_one(
    change: dict[str, str],
) -> None:
    def answer(moment: Moment) -> str:
        return {"EHLO": "250-hello\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}.get(moment.command, "")

    office = PostOffice(answer)
    with open_office(office) as port:
        before = dataclasses.replace(connector(port), username="shop", password="old")
        before.send(email(0))
        dataclasses.replace(before, **change).send(email(1))
        assert office.ended.acquire(timeout=60)
        dataclasses.replace(before, **change).send(email(2))
    assert office.by_connection == [1, 2, 2]
    assert Moment(1, 2, "QUIT") in office.heard


def test_emails_at_the_same_time_have_a_connection_each() -> None:
    together = threading.Barrier(3)

    def answer(moment: Moment) -> str:
        if moment.command == "DATA" and moment.email == 1:
            together.wait(60)
        return ""

    office = PostOffice(answer)
    with open_office(office) as port:
        threads = [threading.Thread(target=connector(port).send, args=(email(place),)) for place in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        connector(port).send(email(3))
    assert sorted(office.by_connection[:3]) == [1, 2, 3] and each_arrived_once(office, 4)
    assert office.connections == 3


def test_it_says_goodbye_after_so_many_emails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MOST_EMAILS", 2)
    office = PostOffice()
    with open_office(office) as port:
        send(port, 5)
    assert office.by_connection == [1, 1, 2, 2, 3]
    assert Moment(1, 3, "QUIT") in office.heard


def test_it_says_goodbye_when_nothing_is_sent_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_session, "LONGEST_IDLE", 0.05)
    office = PostOffice()
    with open_office(office) as port:
        send(port, 1)
        assert office.ended.acquire(timeout=60)
    assert office.heard[-1] == Moment(1, 2, "QUIT")


def test_a_name_is_looked_up_and_a_certificate_checked_anew_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp_session, "LONGEST_KEPT", 0.0)
    office = PostOffice()
    with open_office(office) as port:
        send(port, 2)
    assert office.by_connection == [1, 2]


@pytest.mark.parametrize("after", [1, 3])
def test_a_server_that_closes_after_so_many_emails_gets_all_of_them_once(after: int) -> None:
    office = PostOffice(
        lambda moment: CLOSES if moment.command == KEPT and moment.email == after else "",
    )
    with open_office(office) as port:
        send(port, 7)
    assert each_arrived_once(office, 7)
    assert max(Counter(office.by_connection).values()) == after


@pytest.mark.parametrize("said", ["421 too many in one go", "250 what you did not ask for"])
def test_a_server_that_speaks_unasked_is_left(said: str) -> None:
    office = PostOffice(lambda moment: said if moment.command == KEPT else "")
    with open_office(office) as port:
        send(port, 3)
    assert each_arrived_once(office, 3)


BEFORE_IT_LEAVES = ["MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("command", BEFORE_IT_LEAVES)
@pytest.mark.parametrize("does", [CLOSES, "421 idle for too long", "451 one email only", "550 no more here"])
def test_what_a_kept_connection_refuses_is_sent_over_a_new_one(command: str, does: str) -> None:
    office = PostOffice(lambda moment: does if moment[1:] == (2, command) else "")
    with open_office(office) as port:
        send(port, 4)
    assert office.by_connection == [1, 2, 3, 4] and each_arrived_once(office, 4)


def test_a_kept_connection_that_went_silent_leaves_time_for_a_new_one() -> None:
    office = PostOffice(lambda moment: IS_SILENT if moment == (1, 2, "MAIL") else "")
    with open_office(office) as port:
        connector(port).send(email(0))
        connector(port, timeout=6.0).send(email(1))
    assert office.by_connection == [1, 2] and each_arrived_once(office, 2)


@pytest.mark.parametrize("does", [CLOSES, "nonsense"])
def test_what_was_handed_over_without_an_answer_stays_uncertain_and_is_not_repeated(does: str) -> None:
    office = PostOffice(lambda moment: does if moment == (1, 2, RECEIVED) else "")
    with open_office(office) as port:
        send(port, 1)
        with pytest.raises(Uncertain):
            connector(port).send(email(1))
        assert len(office.emails) == 2
        connector(port).send(email(2))
    assert each_arrived_once(office, 3)


def test_a_refusal_on_a_new_connection_counts_and_the_next_email_has_its_own() -> None:
    office = PostOffice(lambda moment: "550 nobody here" if moment.command == "RCPT" else "")
    with open_office(office) as port:
        for place in range(2):
            with pytest.raises(Refused, match="nobody here"):
                connector(port).send(email(place))
    assert office.connections == 2 and not office.emails


def test_a_forked_process_opens_its_own() -> None:
    office = PostOffice()
    with open_office(office) as port:
        connector(port).send(email(0))
        child = os.fork()
        if child == 0:
            try:
                connector(port).send(email(1))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        connector(port).send(email(2))
    assert office.by_connection == [1, 2, 1] and each_arrived_once(office, 3)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return make_contexts(folder)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_connection_is_kept_with_its_login(
    security: smtp_session.Security,
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = []

    class Counted(smtp_session.Session):
        def connect(
            self, host: str = "localhost", port: int = 0, source_address: object = None
        ) -> tuple[int, bytes]:
            opened.append(host)
            return super().connect(host, port, source_address)

    monkeypatch.setattr(smtp, "Session", Counted)
    handler, how = Handler(), {security: contexts[0]}
    with mail_server(handler, login=True, **how) as port:
        keeping = SmtpConnector(
            "127.0.0.1", port, security, "shop", "right", 60.0, contexts[1], keeper="store 1"
        )
        for place in range(3):
            keeping.send(email(place))
    assert len(handler.mails) == 3 and len(opened) == 1


DOES = st.sampled_from(["", "", "", CLOSES, "421 closing", "451 later", "550 never"])


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 6), st.integers(1, 3), st.sampled_from([*BEFORE_IT_LEAVES, RECEIVED, KEPT])),
        DOES,
        max_size=12,
    )
)
def test_whatever_a_server_does_no_email_leaves_twice_and_the_answer_is_true(
    plan: dict[tuple[int, int, str], str],
) -> None:
    office = PostOffice(lambda moment: plan.get(moment, ""))
    said: dict[int, str] = {}
    with open_office(office) as port:
        for place in range(6):
            before = office.connections
            try:
                connector(port).send(email(place))
                said[place] = "sent"
            except (Refused, TryAgain) as error:
                said[place] = type(error).__name__
                # A failure is always what a new connection said, or an answer to the whole email.
                answered = any(b"Text %d." % place in body for _, body in office.emails)
                assert office.connections > before or answered
            except Uncertain:
                said[place] = "uncertain"
    smtp.close_kept()
    for place, outcome in said.items():
        arrived = [connection for connection, body in office.emails if b"Text %d." % place in body]
        assert len(arrived) <= 1
        if outcome in ("sent", "uncertain"):
            assert arrived
