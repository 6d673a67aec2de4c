"""What files in other languages call our columns: German, French, Spanish, Italian and Dutch."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

#: The label of our column in small letters -> what files call it, as `csv_format.folded` writes headings.
CALLED: Mapping[str, str] = {
    "number": (
        "bestellnummer; bestellnr; bestell nr; bestell id; bestellung; auftragsnummer; auftragsnr; "
        "auftrags nr; auftrag; nummer; nr; kundennummer; kundennr; kunden nr; n° de commande; n° "
        "commande; no de commande; numéro de commande; numéro; commande; n° client; numéro client; numéro "
        "de client; número de pedido; nº de pedido; n° de pedido; pedido; número; número de cliente; nº "
        "de cliente; numero d'ordine; numero ordine; numero dell'ordine; n° ordine; n. ordine; ordine; "
        "numero; numero cliente; codice cliente; bestelnummer; ordernummer; bestelling; klantnummer"
    ),
    "email": (
        "e mail; e mailadresse; e mail adresse; emailadresse; email adresse; mailadresse; adresse e mail; "
        "adresse email; adresse mail; adresse électronique; courriel; adresse courriel; correo "
        "electrónico; correo; dirección de correo; dirección de correo electrónico; indirizzo email; "
        "indirizzo e mail; posta elettronica; e mailadres; emailadres; mailadres"
    ),
    "phone": (
        "telefon; telefonnummer; telefon nr; tel; tel nr; handy; handynummer; mobil; mobilnummer; "
        "mobiltelefon; rufnummer; téléphone; numéro de téléphone; n° de téléphone; tél; portable; mobile; "
        "teléfono; número de teléfono; móvil; telefono; numero di telefono; cellulare; telefoon; "
        "telefoonnummer; mobiel; mobiele nummer; gsm"
    ),
    "first name": "vorname; prénom; nombre de pila; voornaam",
    "last name": ("nachname; familienname; zuname; nom de famille; apellido; apellidos; cognome; achternaam"),
    "customer name, first and last": (
        "kunde; kundin; kundenname; name des kunden; besteller; client; nom du client; nom client; nombre "
        "del cliente; nombre cliente; cliente; nome cliente; nome del cliente; klant; klantnaam; naam "
        "klant"
    ),
    "total": (
        "gesamtbetrag; gesamtsumme; gesamt; gesamtpreis; summe; bestellsumme; bestellwert; auftragswert; "
        "betrag; endbetrag; rechnungsbetrag; bruttobetrag; montant total; total ttc; montant; montant "
        "ttc; total de la commande; importe total; importe; total del pedido; totale; importo totale; "
        "importo; totale ordine; totaal; totaalbedrag; totaalprijs; bedrag; totale bestelling"
    ),
    "shipping": (
        "versandkosten; lieferkosten; liefergebühr; frais de port; frais de livraison; gastos de envío; "
        "coste de envío; spese di spedizione; costi di spedizione; verzendkosten; bezorgkosten"
    ),
    "discount": "rabatt; nachlass; remise; réduction; descuento; sconto; korting",
    "tax": ("mwst; mehrwertsteuer; ust; umsatzsteuer; steuer; tva; iva; impuesto; impuestos; imposta; btw"),
    "amount paid": (
        "bezahlter betrag; anzahlung; montant payé; importe pagado; importo pagato; betaald bedrag"
    ),
    "amount refunded": (
        "erstattung; rückerstattung; erstatteter betrag; remboursement; montant remboursé; importe "
        "reembolsado; reembolso; rimborso; importo rimborsato; terugbetaald bedrag"
    ),
    "currency": "währung; devise; monnaie; moneda; divisa; valuta",
    "status": (
        "bestellstatus; auftragsstatus; statut; statut de la commande; estado; estado del pedido; stato; "
        "stato ordine; stato dell'ordine; bestelstatus; orderstatus"
    ),
    "payment status": (
        "zahlungsstatus; zahlstatus; statut du paiement; statut de paiement; estado del pago; estado de "
        "pago; stato del pagamento; stato pagamento; betaalstatus; betalingsstatus"
    ),
    "delivery date": (
        "lieferdatum; liefertermin; liefertag; wunschtermin; date de livraison; fecha de entrega; data di "
        "consegna; data consegna; leverdatum; bezorgdatum"
    ),
    "placed at": (
        "bestelldatum; auftragsdatum; datum; bestellt am; date de commande; date de la commande; fecha "
        "del pedido; fecha de pedido; fecha; data ordine; data dell'ordine; data; besteldatum; orderdatum"
    ),
    "recipient": "empfänger; empfängerin; destinataire; destinatario; ontvanger; geadresseerde",
    "delivery street": (
        "straße; strasse; lieferstraße; lieferadresse; adresse; rue; adresse de livraison; calle; "
        "dirección; dirección de envío; via; indirizzo; indirizzo di spedizione; straat; adres; "
        "afleveradres"
    ),
    "delivery postcode": (
        "plz; postleitzahl; code postal; código postal; cap; codice postale; postcode; zip"
    ),
    "delivery city": (
        "ort; stadt; wohnort; ville; ciudad; localidad; población; città; plaats; woonplaats; stad"
    ),
    "delivery region": "bundesland; région; provincia; provincie; regione",
    "delivery country": "land; pays; país; paese",
    "delivery company": "lieferfirma",
    "card message": (
        "kartentext; grußkarte; grußtext; message carte; mensaje de la tarjeta; biglietto; kaarttekst"
    ),
    "tracking number": (
        "sendungsnummer; trackingnummer; paketnummer; numéro de suivi; n° de suivi; número de "
        "seguimiento; numero di tracking; codice di tracciamento"
    ),
    "item": (
        "artikel; artikelname; artikelbezeichnung; produkt; produktname; bezeichnung; article; produit; "
        "nom du produit; artículo; producto; nombre del producto; articolo; prodotto; nome prodotto; "
        "product; productnaam; omschrijving"
    ),
    "item quantity": (
        "menge; anzahl; stück; stückzahl; quantité; qté; cantidad; quantità; qtà; aantal; hoeveelheid"
    ),
    "item price": (
        "einzelpreis; stückpreis; preis; artikelpreis; prix unitaire; prix; precio unitario; precio; "
        "prezzo unitario; prezzo; stukprijs; prijs"
    ),
    "item sku": "artikelnummer; artikelnr; artikel nr; art nr; codice articolo; artikelcode",
    "account": (
        "firma; firmenname; unternehmen; société; entreprise; raison sociale; empresa; azienda; società; "
        "bedrijf; bedrijfsnaam"
    ),
    "tags": "schlagwörter; schlagworte; étiquettes; etiquetas; etichette; labels",
    "note": (
        "notiz; notizen; anmerkung; anmerkungen; bemerkung; bemerkungen; kommentar; hinweis; remarque; "
        "remarques; commentaire; nota; notas; comentario; observaciones; note; commento; opmerking; "
        "opmerkingen; notitie"
    ),
    "language": "sprache; langue; idioma; lingua; taal",
    "event date": ("veranstaltungsdatum; date de l'événement; fecha del evento; data evento; evenementdatum"),
    "event type": ("veranstaltungsart; type d'événement; tipo de evento; tipo di evento; soort evenement"),
    "number of guests": (
        "gäste; anzahl gäste; gästezahl; personenzahl; invités; nombre d'invités; invitados; número de "
        "invitados; ospiti; numero di ospiti; gasten; aantal gasten"
    ),
    "marketing consent": (
        "werbeeinwilligung; newsletter einwilligung; consentement marketing; consentimiento de marketing; "
        "consenso marketing; marketingtoestemming"
    ),
}
#: What is a name of a person beside another heading of names, and a whole name alone in a file of customers.
NAMES: Mapping[str, str] = {
    "nombre": "first name",
    "nome": "first name",
    "nom": "last name",
    "naam": "last name",
}
#: Beside one of these, "Name" is the last name of a person.
BESIDE_NAME = frozenset({"vorname", "voornaam"})
_CURRENCY = re.compile(r" ?\((?:[^\w\s]|[a-z]{3})\)$| (?:in )?(?:eur|euro|chf|usd|gbp|[€$£])$")


def plain(heading: str) -> str:
    """Return a heading in small letters, without accents, marks and a currency: "Prix unitaire (€)"."""
    letters = unicodedata.normalize("NFD", heading.replace("º", "°").casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _CURRENCY.sub("", " ".join(re.sub(r"[-_.:#/]", " ", bare.replace("\u2019", "'")).split()))


#: The label of our column by what files call it.
LABELS: Mapping[str, str] = {
    plain(one): label for label, names in CALLED.items() for one in names.split("; ")
}
