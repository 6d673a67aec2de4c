#!/bin/bash
# For 13 currencies CLDR, and so Babel 2.18.0, has fewer decimals than ISO 4217: none for the Iraqi dinar, which has three, and
# none for the Afghan afghani, the Albanian lek, the Serbian dinar and nine more, which have two. An amount that a till or a
# payment provider keeps by ISO 4217 is rounded when it is shown: 10.500 IQD becomes "IQD 10". Node 20, which shows none either,
# rounds the half up and shows "IQD 11", so a page and the server's email name two different amounts. For the Serbian dinar
# Node has two decimals and Babel none.
#
# Source: run here, with https://pypi.org/project/iso4217/1.16.20260101/ (the list of the maintenance agency),
# https://pypi.org/project/babel/2.18.0/ and
# https://github.com/unicode-org/cldr/blob/main/common/supplemental/supplementalData.xml (currencyData, fractions)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q babel==2.18.0 iso4217==1.16.20260101
"$folder/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from iso4217 import Currency

pairs = {one.code: (one.exponent, get_currency_precision(one.code)) for one in Currency if one.exponent is not None}
differing = {code: pair for code, pair in pairs.items() if pair[0] != pair[1]}
print("ISO 4217 and Babel:", differing)
assert differing.pop("IQD") == (3, 0)
assert set(differing) == set("AFN ALL IRR KPW LAK LBP MGA MMK RSD SOS SYP YER".split())
assert set(differing.values()) == {(2, 0)}
seen = format_currency(Decimal("10.500"), "IQD", locale="en").replace("\xa0", " ")
print("Babel", seen)
assert seen.replace(" ", "") == "IQD10"
PYTHON
node - <<'NODE'
const assert = require("node:assert");
const shown = (code) => new Intl.NumberFormat("en", { style: "currency", currency: code }).format(10.5).replace("\xa0", " ");
console.log("Node", shown("IQD"), "and", shown("RSD"));
assert.strictEqual(shown("IQD"), "IQD 11");
assert.strictEqual(shown("RSD"), "RSD 10.50");
NODE
