"""Headings in other languages, and columns chosen by hand for an earlier file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.features.csv_import.foreign_headings import LABELS, plain
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from tests.features.csv_import.uploads import check, loaded, start, upload
from tests.kit.shop import place_customer

pages = pytest.mark.usefixtures("app")


def guesses(headings: str, subject: str = "order") -> list[str]:
    names = headings.split(";")
    return list(loaded(upload(f"{headings}\n{';'.join('1' for _ in names)}\n", subject)).columns)


@pages
@pytest.mark.parametrize(
    "headings",
    [
        "Bestellnummer;Vorname;Nachname;E-Mail-Adresse;Telefon;Gesamtbetrag;Versandkosten;Bestelldatum",
        "Bestell-Nr.;Vorname;Name;E-Mail;Telefon;Gesamtbetrag (€);Versandkosten in EUR;Datum",
        "N° de commande;Prénom;Nom;Adresse e-mail;Téléphone;Montant total;Frais de port;Date de commande",
        "Nº de pedido;Nombre;Apellidos;Correo electrónico;Teléfono;Importe total;Gastos de envío;Fecha",
        "Numero ordine;Nome;Cognome;Indirizzo email;Telefono;Totale;Spese di spedizione;Data ordine",
        "Bestelnummer;Voornaam;Achternaam;E-mailadres;Telefoonnummer;Totaalbedrag;Verzendkosten;Besteldatum",
        "Order no;First name;Last name;Email;Phone;Total;Shipping;Order date",
    ],
)
def test_orders_in_seven_languages(headings: str) -> None:
    names = ["number", "customer.first_name", "customer.last_name", "customer.email", "customer.phone"]
    expected = [*names, "total", "shipping", "placed_at"]
    assert guesses(headings) == expected


@pages
@pytest.mark.parametrize(
    ("headings", "subject", "expected"),
    [
        ("Kundennummer;Vorname;Nachname;E-Mail;Handy;Firma;Notiz;Sprache", "customer", None),
        ("Vorname;Name", "customer", ["first_name", "last_name"]),
        ("Vorname;Name;Nummer", "event", ["customer.first_name", "name", "number"]),
        ("Nombre;Correo", "customer", ["name", "email"]),
        ("Nom;Prénom;Courriel", "customer", ["last_name", "first_name", "email"]),
        ("Naam;E-mail;GSM", "customer", ["name", "email", "phone"]),
        ("Firma", "account", ["name"]),
        (
            "Nummer;Veranstaltungsdatum;Gäste;Kunde",
            "event",
            ["number", "event_date", "guests", "customer.name"],
        ),
        ("Artikel;Menge;Einzelpreis", "order", ["lines.name", "lines.quantity", "lines.unit_price"]),
        (
            "Straße;PLZ;Ort;Land",
            "order",
            [f"delivery_address.{part}" for part in ("street", "postcode", "city", "country")],
        ),
        ("Bezahlt;Versand;Irgendwas", "order", ["", "", ""]),
        ("E-Mail;Email", "order", ["customer.email", ""]),
    ],
)
def test_other_files_in_other_languages(headings: str, subject: str, expected: list[str] | None) -> None:
    known = ["number", "first_name", "last_name", "email", "phone", "account", "note", "language"]
    assert guesses(headings, subject) == (expected or known)


@given(st.sampled_from(sorted(LABELS)), st.sampled_from(["{}", " {} ", "{}:", "{}.", "{} (€)", "{} in EUR"]))
def test_case_accents_marks_and_a_currency_do_not_matter(name: str, around: str) -> None:
    assert plain(around.format(name.upper())) == plain(name)


@pages
def test_a_german_file_goes_in_as_it_is() -> None:
    import_id = upload("Bestellnummer;Kunde;E-Mail;Gesamtbetrag\nB-7;Ina Weiß;ina@x.example;1.234,50\n")
    assert check(import_id) == ""
    start(import_id)
    order = db.session.query(Order).filter_by(number="B-7").one()
    customer = db.session.get_one(Customer, order.customer_id)
    assert (float(order.total), customer.first_name, customer.email) == (1234.5, "Ina", "ina@x.example")


@pages
def test_columns_chosen_by_hand_are_there_for_the_next_file_with_the_heading() -> None:
    content = "Beleg;Wert;Sonstiges;Total\n1;1,50;x;2,50\n"
    first = upload(content)
    assert loaded(first).columns == ["", "", "", "total"]
    assert check(first, columns=["number", "total", "note", ""]) == ""
    again = loaded(upload("Sonstiges;Beleg;Total;Neu\nx;1;2,50;3\n"))
    assert again.columns == ["note", "number", "", ""]
    assert again.options["recalled"] == {"0": "note", "1": "number", "2": ""}
    assert loaded(upload("Beleg;Wert\n1;1,50\n", "event")).columns == ["", ""]


@pages
def test_what_is_chosen_as_it_is_guessed_again_is_no_longer_remembered() -> None:
    content = "Number;Betrag\n1;1,50\n"
    assert check(upload(content), columns=["number", "shipping"]) == ""
    second = upload(content)
    assert loaded(second).columns == ["number", "shipping"]
    assert check(second, columns=["number", "total"]) == ""
    third = loaded(upload(content))
    assert (third.columns, third.options["recalled"]) == (["number", "total"], {})


@pages
def test_a_remembered_column_that_is_gone_or_twice_is_not_used() -> None:
    assert check(upload("Beleg;X\n1;2\n"), columns=["number", "note"]) == ""
    assert loaded(upload("Beleg;X;X\n1;2;3\n")).columns == ["number", "", ""]
    assert loaded(upload("Number;Beleg\n1;2\n")).columns == ["", "number"]


@pages
def test_an_email_that_comes_with_a_known_phone_is_a_change_and_is_kept() -> None:
    place_customer("C-9", first_name="Ida", last_name="Holm", phone="020 7946 0777")
    content = "Phone,Last name,Email\n+442079460777,Holm,ida@holm.example\n"
    import_id = upload(content, "customer")
    assert check(import_id) == "" and loaded(import_id).figures == {"change": 1}
    start(import_id)
    assert db.session.query(Customer).filter_by(number="C-9").one().email == "ida@holm.example"
    again = upload(content, "customer")
    assert check(again) == "" and loaded(again).figures == {"same": 1}
