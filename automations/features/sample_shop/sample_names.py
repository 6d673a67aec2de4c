"""Invented people and companies of the sample shop. No address or number reaches anyone."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Amara Anna Beatrix Bronwyn Callum Carys Chidi Clara Dafydd Delphine Dmitri Edith Eilidh Esme Farah "
    "Fergus Freya Gethin Greta Hamza Harriet Idris Imogen Ines Ivo Jarek Joan Kamala Kenji Leonie Lorcan "
    "Magnus Maeve Mina Nadia Niamh Oskar Padma Quentin Rhian Rosalind Saoirse Søren Tamsin Thandi Uma "
    "Viktor Wren Yusuf Zoë"
)
LAST_NAMES = _words(
    "Abernathy Achterberg Ashdown Bellweather Birtwhistle Brightwater Castellanos Chaudhry Cloverley "
    "Dalgleish Danjuma Eastlake Featherstone Fennimore Gallacher Goldsworthy Hartigan Hollingbery Ivanova "
    "Jessop Kavanagh Kettleborough Kowalczyk Lindqvist Llewellyn Marchbanks Merriweather Mukherjee "
    "Nakagawa Nightingale Nguyễn O’Donnell Okafor Osterhagen Pemberton Penhaligon Quigley Ravenscroft "
    "Sandoval Scattergood Silverlock Swithinbank Thistlewood Underhill Vasquez Wetherby Whittingstall "
    "Yarrow Yeats-Brown Zielińska"
)
MAIL_HOSTS = ("post.example", "letterbox.example", "inbox.example", "mail.example")

#: Phone numbers that Ofcom reserves for drama.
MOBILE = "+44 7700 900{:03d}"
LANDLINE = "+44 20 7946 0{:03d}"

GRAND_HOTEL = "Grand Hotel & Conference Centre Königswinter am Rhein"
ACCOUNTS = (
    GRAND_HOTEL,
    "Aldous & Finch Funeral Directors",
    "The Copper Kettle Café",
    "Hollingbery Solicitors LLP",
    "Nightingale Ward Friends’ Association",
    "Marchbanks & Daughters Estate Agents",
)

#: What a hurried person types instead of an address; {} stands for their name.
BROKEN_ADDRESSES = (
    "{}(at)post.example",
    "{}@",
    "{}@@mail.example",
    "{} at letterbox",
    "@{}",
    "{}@mail,example",
)

NOTES = (
    "",
    "",
    "",
    "",
    "Leave with the neighbour at number 12.",
    "Card: “With all our love, from the whole street”.",
    "No lilies, there is a cat in the house.",
    "Ring before delivery.",
)
VENUES = (
    "Thornbury Barn",
    "Elmhurst House",
    "St Winifred’s",
    "The Old Granary",
    "Larkrise Gardens",
    "Quayside Hall",
)
