"""What a mail's headers say arrives as it was written: at a real server, and read back by other programs."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail
from automations.connectors.smtp import SmtpConnector
from tests.connectors.mail_readers import READERS, by_the_library
from tests.connectors.servers import Handler, Mail, mail_server

#: Words of six languages, accented and plain, with the marks that people put beside them.
SENTENCES = (
    "Your order 1042, for Anna’s (late) wedding: paid & ready; it's “fine” at 9.00 \\ or <sooner>",
    "Votre commande 1042 est prête à être retirée à la boutique dès demain matin à 9 h où ça",
    "Ihre Bestellung für die Übergabe in der Straße, größer als gedacht! Grüße Müller+Söhne",
    "Państwa zamówienie jest gotowe, łódź żółć źdźbło Łukasz S.A.",
    "Ваш заказ № 1042 готов, цветы уже в магазине",
    "ご注文 1042 のお花は、明日 準備できます。 花店 💐 👩\u200d🌾",
)
WORDS = [word for sentence in SENTENCES for word in sentence.split()]
MARKS = [*'",;:@._=?()<>', "a@b.example", "=20", "e\u0301", "Ωμέγα", "שלום", "x" * 90]
TEXTS = st.lists(st.sampled_from(WORDS) | st.sampled_from(MARKS), min_size=1, max_size=30).map(" ".join)
NAMES = TEXTS.map(lambda text: text[:100].strip())
PARTS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=60)
ADDRESSES = st.builds("{}@{}.{}.example".format, PARTS, PARTS, PARTS)
TOKENS = st.text("ABCabc0123456789-_.~", max_size=800)
UNSUBSCRIBE = "https://shop.example/unsubscribe/"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Handler, int]]:
    handler = Handler()
    with mail_server(handler) as port:
        yield handler, port


def arrived(server: tuple[Handler, int], email: OutgoingEmail) -> Mail:
    handler, port = server
    handler.mails.clear()
    receipt = SmtpConnector("127.0.0.1", port, "none").send(email)
    (mail,) = handler.mails
    assert {read(mail.raw).message_id for read in READERS} == {receipt.provider_id}
    return mail


def mail_with(
    subject: str = "Hello", sender: str = "Bloom", to: str = "Anna", url: str = ""
) -> OutgoingEmail:
    contacts = EmailContact("anna@shop.example", to), EmailContact("hello@bloom.example", sender)
    return OutgoingEmail(*contacts, subject, "Hello", "run-7:1", url)


@pytest.mark.slow
@given(TEXTS, NAMES, NAMES, ADDRESSES, ADDRESSES, TOKENS, st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_every_reader_sees_what_was_written(
    server: tuple[Handler, int],
    subject: str,
    sender: str,
    to: str,
    from_address: str,
    to_address: str,
    token: str,
    key: str,
) -> None:
    contacts = EmailContact(to_address, to), EmailContact(from_address, sender)
    email = OutgoingEmail(*contacts, subject, "Hello", key, f"{UNSUBSCRIBE}{token}")
    mail = arrived(server, email)
    for read in READERS:
        seen = read(mail.raw)
        assert seen.subject == subject
        assert (seen.sender[1], seen.recipient[1]) == (from_address, to_address)
        assert seen.unsubscribe == f"<{email.unsubscribe_url}>"
        if read is not by_the_library:
            assert (seen.sender[0], seen.recipient[0]) == (sender, to)
        assert seen.sender[0].replace(" ", "") == sender.replace(" ", "")


@pytest.mark.parametrize(
    "subject",
    [
        "Votre commande 1042 est prête à être retirée à la boutique dès demain matin à 9 h",
        "Zażółć gęślą jaźń, " * 50,
        "x" * 900,
        f"é {'x' * 900}",
        "An order of words " * 55,
    ],
)
def test_a_long_subject_keeps_its_spaces_and_its_end(server: tuple[Handler, int], subject: str) -> None:
    mail = arrived(server, mail_with(subject=subject))
    assert [read(mail.raw).subject for read in READERS] == [subject.strip()] * len(READERS)


@pytest.mark.parametrize("length", [10, 75, 76, 77, 300, 900])
def test_an_unsubscribe_address_is_never_encoded_folded_or_cut(
    server: tuple[Handler, int], length: int
) -> None:
    url = UNSUBSCRIBE + "a" * (length - len(UNSUBSCRIBE) if length > 40 else 1)
    mail = arrived(server, mail_with(url=url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in mail.raw


def test_an_unsubscribe_address_of_other_letters_is_escaped(server: tuple[Handler, int]) -> None:
    mail = arrived(server, mail_with(url="https://blüte.example/ab melden/a%20b?c=d&e"))
    expected = b"\r\nList-Unsubscribe: <https://bl%C3%BCte.example/ab%20melden/a%20b?c=d&e>\r\n"
    assert expected in mail.raw


def test_an_unsubscribe_address_too_long_for_a_header_is_left_out(server: tuple[Handler, int]) -> None:
    mail = arrived(server, mail_with(url=UNSUBSCRIBE + "a" * 1000))
    assert b"List-Unsubscribe" not in mail.raw


@pytest.mark.parametrize(
    "name",
    [
        "Rosa, Lind & Daughters, Florists, of 14 Long Street, Old Town, Upper Village",
        "Bloom, Wild & Co. (Flowers, Plants, Weddings), 12 The Old Market Street, Much Wenlock, TF13 6AD",
        'The "Old" Florist, ' * 5,
        "Fleuriste Élégante, Dupont & Filles, 12 rue de la Paix, Paris",
        "Kwiaciarnia Pod Różą, Łódź",
        "花店",
    ],
)
def test_a_store_name_stays_the_name_of_one_sender(server: tuple[Handler, int], name: str) -> None:
    mail = arrived(server, mail_with(sender=name, to=name))
    for read in READERS:
        seen = read(mail.raw)
        assert seen.sender == (name.strip(), "hello@bloom.example")
        assert seen.recipient == (name.strip(), "anna@shop.example")
