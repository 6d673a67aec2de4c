#!/bin/bash
# Python's email package, policy default, on Python 3.11.7, 3.12.1 and 3.13.0: in the name of an address, the reader puts a space
# between two encoded words that stand beside each other. RFC 2047, section 6.2, says that the space between
# them belongs to the encoding and is not shown: the name "Padd" in two encoded words is read as "Pad d". In a Subject the same
# reader is right, and the package's older decoder is right in both. So a test that reads mail back with this policy
# calls a correctly written long name wrong.
#
# It needs no package: the library comes with Python. Source: run here; https://www.rfc-editor.org/rfc/rfc2047#section-6.2
set -eu
python3 - <<'PYTHON'
import email
import email.header
import email.policy
import sys

print("Python", sys.version.split()[0])
words = b"=?utf-8?b?UGFk?= =?utf-8?b?ZA==?="
mail = b"To: " + words + b" <padd@shop.example>\r\nSubject: " + words + b"\r\n\r\nHello\r\n"

modern = email.message_from_bytes(mail, policy=email.policy.default)
older = email.header.make_header(email.header.decode_header(email.message_from_bytes(mail)["To"]))
print("name, policy default:", modern["To"].addresses[0].display_name)
print("name, older decoder: ", older)
print("subject:             ", modern["Subject"])
assert modern["To"].addresses[0].display_name == "Pad d"
assert str(older) == "Padd <padd@shop.example>"
assert modern["Subject"] == "Padd"
PYTHON
