#!/bin/bash
# Python's email package, policy SMTP, on Python 3.11.7, 3.12.1 and 3.13.0: folding a header can change what it says.
#
# - A subject that mixes plain and accented words can lose the space between two encoded words: the one below arrives
#   with "retiréeà" from 3.11 and 3.12, and right from 3.13. Nothing raises; a second parser (the package's older decoder)
  reads the same.
# - A List-Unsubscribe address of 76 characters or more is folded as an encoded word, `=?utf-8?q?=3Chttps…`. The header
#   is not one that may hold encoded words (RFC 2047, section 5), so a mail program that looks for `<https` finds none.
# - A display name of plain ASCII that is long enough to be folded, and needs quotation marks because of a comma, loses
#   them: the From header then holds two addresses where it held one.
# Short headers of all three kinds arrive as they were written.
#
# It needs no package: the library comes with Python. On a Python whose folding is mended this fails, and says so.
# Source: run here; https://github.com/python/cpython/issues/92081, 85725 and 80222
set -eu
python3 - <<'PYTHON'
import email
import email.header
import sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

print("Python", sys.version.split()[0])


def sent(name, value):
    """Return the message's bytes as they would go to a server."""
    message = EmailMessage(policy=SMTP)
    message[name] = value
    message.set_content("Hello")
    return message.as_bytes()


def legacy_text(data, name):
    """Return what another parser than the one that wrote it reads."""
    raw = email.message_from_bytes(data)[name]
    return str(email.header.make_header(email.header.decode_header(raw)))


written = "Votre commande 1042 est prête à être retirée à la boutique dès demain matin à 9 h"
seen = legacy_text(sent("Subject", written), "Subject").replace("\n", "").replace("\r", "")
print("Subject:", seen)
assert ("retiréeà" in seen) is (sys.version_info < (3, 13)) and seen.replace(" ", "") == written.replace(" ", "")
short = "Votre commande est prête à être retirée"
assert legacy_text(sent("Subject", short), "Subject") == short

address = "<https://shop.example/unsubscribe/" + "k" * 60 + ">"
header = sent("List-Unsubscribe", address).decode().partition("\r\nContent")[0]
print(header[:60], "…")
assert "<https" not in header and "=?utf-8?q?" in header
assert b"<https" in sent("List-Unsubscribe", "<https://shop.example/unsubscribe/1>")

name = "Flowers, Plants, Baskets, Vases, Ribbons, Cards and Other Gifts for All Occasions"
data = sent("From", Address(name, "hello", "shop.example"))
header = data.partition(b"\r\nContent")[0].decode()
print(header)
parsed = email.message_from_bytes(data, policy=SMTP)["From"].addresses
print("From holds", len(parsed), "addresses")
assert '"' not in header and len(parsed) > 1
short = email.message_from_bytes(sent("From", Address("Flowers, Plants", "hello", "shop.example")), policy=SMTP)
assert [str(one) for one in short["From"].addresses] == ['"Flowers, Plants" <hello@shop.example>']
PYTHON
