#!/bin/bash
# phonenumbers 9.0.43: shops often store a number with the code of its country and without the "+". Read with the country as its
# region, such a mobile number is understood in fifteen of the sixteen countries tried here: the leading code is taken off, because
# the digits as they stand are no number there. In Germany they are: 49 is also how an area code begins, so 491701234567 becomes the
# landline +49 491 701234567, which is_valid_number() calls valid, instead of the mobile +49 170 1234567. Nothing tells that there
# were two readings; text messages go nowhere, and two spellings of one customer's number differ. Whoever gets digits without a "+"
# has to try them with one as well, and to compare the types.
#
# Source: run here, with https://pypi.org/project/phonenumbers/9.0.43/; how a code is recognized without a "+":
# https://github.com/google/libphonenumber/blob/master/FAQ.md
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q phonenumbers==9.0.43
"$folder/venv/bin/python" - <<'PYTHON'
import phonenumbers
from phonenumbers import PhoneNumberType, is_valid_number, number_type, parse

MOBILES = {
    "AT": "436601234567", "BE": "32470123456", "CH": "41781234567", "DE": "491701234567", "DK": "4520123456",
    "ES": "34612345678", "FI": "358401234567", "FR": "33612345678", "GB": "447400123456", "IE": "353851234567",
    "IT": "393471234567", "NL": "31612345678", "PL": "48501234567", "PT": "351912345678", "SE": "46701234567",
    "US": "12015550123",
}
MAY_BE_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
misread = {}
for region, digits in MOBILES.items():
    meant, read = parse(f"+{digits}", None), parse(digits, region)
    assert is_valid_number(meant) and number_type(meant) in MAY_BE_MOBILE, region
    if read != meant:
        misread[region] = (read.national_number, is_valid_number(read), number_type(read))
print(len(MOBILES), "countries, misread:", misread)
assert misread == {"DE": (491701234567, True, PhoneNumberType.FIXED_LINE)}
PYTHON
