"""The few words that the program itself puts into an email, in the languages it knows."""

from __future__ import annotations

from collections.abc import Mapping

from automations.emails.further_email_words import FURTHER

ENGLISH: Mapping[str, str] = {
    "order": "Your order",
    "price": "Price",
    "total": "Total",
    "paid": "Total, paid",
    "shipping": "Delivery",
    "discount": "Discount",
    "tax": "Tax included",
    "amount_refunded": "Refunded",
    "balance_due": "Still to pay",
    "why_order": "You get this because you ordered from us.",
    "why_event": "You get this because of your event with us.",
    "why_customer": "You get this because you are a customer of ours.",
    "why_marketing": "You get this because you agreed to hear from us.",
    "unsubscribe": "Unsubscribe",
    # Before the link that ends marketing, in a plain email and in a text message.
    "agreed": "You agreed to hear from us. To stop it:",
    "stop": "Stop:",
    # On an order as a PDF.
    "order_title": "Order",
    "placed": "Placed on",
    "customer": "Customer",
    "delivery_day": "Delivery on",
    "delivered_to": "Delivered to",
}


def _in(*words: str) -> Mapping[str, str]:
    return dict(zip(ENGLISH, words, strict=True))


_LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": ENGLISH,
    "de": _in(
        "Ihre Bestellung",
        "Preis",
        "Summe",
        "Summe, bezahlt",
        "Lieferung",
        "Rabatt",
        "Enthaltene Steuer",
        "Erstattet",
        "Noch offen",
        "Sie erhalten diese Nachricht, weil Sie bei uns bestellt haben.",
        "Sie erhalten diese Nachricht wegen Ihrer Veranstaltung bei uns.",
        "Sie erhalten diese Nachricht, weil Sie Kundin oder Kunde bei uns sind.",
        "Sie erhalten diese Nachricht, weil Sie unseren Neuigkeiten zugestimmt haben.",
        "Abmelden",
        "Sie haben unseren Neuigkeiten zugestimmt. Abmelden:",
        "Abmelden:",
        "Bestellung",
        "Bestellt am",
        "Bestellt von",
        "Lieferung am",
        "Lieferung an",
    ),
    "fr": _in(
        "Votre commande",
        "Prix",
        "Total",
        "Total, payé",
        "Livraison",
        "Remise",
        "Taxes comprises",
        "Remboursé",
        "Reste à payer",
        "Vous recevez ce message parce que vous avez commandé chez nous.",
        "Vous recevez ce message au sujet de votre événement chez nous.",
        "Vous recevez ce message parce que vous êtes client chez nous.",
        "Vous recevez ce message parce que vous avez accepté nos nouvelles.",
        "Se désabonner",
        "Vous avez accepté nos nouvelles. Se désabonner :",
        "Stop :",
        "Commande",
        "Passée le",
        "Client",
        "Livraison le",
        "Livraison à",
    ),
    "es": _in(
        "Su pedido",
        "Precio",
        "Total",
        "Total, pagado",
        "Envío",
        "Descuento",
        "Impuestos incluidos",
        "Reembolsado",
        "Pendiente de pago",
        "Recibe este mensaje porque hizo un pedido en nuestra tienda.",
        "Recibe este mensaje por su evento con nosotros.",
        "Recibe este mensaje porque es cliente nuestro.",
        "Recibe este mensaje porque aceptó recibir nuestras noticias.",
        "Darse de baja",
        "Aceptó recibir nuestras noticias. Darse de baja:",
        "Baja:",
        "Pedido",
        "Realizado el",
        "Cliente",
        "Entrega el",
        "Entrega a",
    ),
    "it": _in(
        "Il suo ordine",
        "Prezzo",
        "Totale",
        "Totale, pagato",
        "Consegna",
        "Sconto",
        "Imposte incluse",
        "Rimborsato",
        "Ancora da pagare",
        "Riceve questo messaggio perché ha ordinato da noi.",
        "Riceve questo messaggio per il suo evento da noi.",
        "Riceve questo messaggio perché è nostro cliente.",
        "Riceve questo messaggio perché ha accettato le nostre novità.",
        "Annulla l’iscrizione",
        "Ha accettato le nostre novità. Annulla l’iscrizione:",
        "Stop:",
        "Ordine",
        "Effettuato il",
        "Cliente",
        "Consegna il",
        "Consegna a",
    ),
    "nl": _in(
        "Uw bestelling",
        "Prijs",
        "Totaal",
        "Totaal, betaald",
        "Bezorging",
        "Korting",
        "Waarvan btw",
        "Terugbetaald",
        "Nog te betalen",
        "U ontvangt dit bericht omdat u bij ons hebt besteld.",
        "U ontvangt dit bericht vanwege uw evenement bij ons.",
        "U ontvangt dit bericht omdat u klant bij ons bent.",
        "U ontvangt dit bericht omdat u onze nieuwsberichten wilt ontvangen.",
        "Afmelden",
        "U wilt onze nieuwsberichten ontvangen. Afmelden:",
        "Afmelden:",
        "Bestelling",
        "Besteld op",
        "Klant",
        "Bezorging op",
        "Bezorgd aan",
    ),
    **{language: _in(*words) for language, words in FURTHER.items()},
}


def email_words(language: str) -> Mapping[str, str]:
    """Return the words of a language tag such as "de-DE"; English where the language is not known."""
    return _LANGUAGES[_known(language) or "en"]


def speaks(language: str) -> bool:
    """Return whether these words are known in the language."""
    return _known(language) is not None


def _known(language: str) -> str | None:
    """Return the key of the words of a language: those of its country first."""
    tag = language.replace("_", "-").lower()
    return next((key for key in (tag, tag.partition("-")[0]) if key in _LANGUAGES), None)
