#!/bin/bash
# Babel 2.18.0: format_skeleton asked for the whole names of the weekday and the month (yMMMMEEEEd) answers with short ones in
# English, German, French, Dutch and Polish: "Di., 1. Dez. 2026". CLDR lists no pattern for that skeleton; Babel takes the
# nearest one and leaves its widths as they are, where Unicode's rules have them adjusted to what was asked. Node 20 asked
# for the same parts gives "Dienstag, 1. Dezember 2026". Nothing is raised, and in Japanese both agree, so a glance at one
# language shows nothing.
#
# Source: run here, with https://pypi.org/project/babel/2.18.0/ (babel/dates.py, match_skeleton)
# and https://www.unicode.org/reports/tr35/tr35-dates.html#Matching_Skeletons
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q babel==2.18.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime as dt

from babel.dates import format_skeleton

SHORT = {
    "en": "Tue, Dec 1, 2026",
    "de": "Di., 1. Dez. 2026",
    "fr": "mar. 1 déc. 2026",
    "nl": "di 1 dec 2026",
    "pl": "wt., 1 grudnia 2026",
    "ja": "2026年12月1日火曜日",
}
for locale, short in SHORT.items():
    seen = format_skeleton("yMMMMEEEEd", dt.date(2026, 12, 1), locale=locale)
    print("Babel", locale, seen)
    assert seen == short, (locale, seen)
PYTHON
node - <<'NODE'
const assert = require("node:assert");
const parts = { weekday: "long", year: "numeric", month: "long", day: "numeric", timeZone: "UTC" };
const seen = new Intl.DateTimeFormat("de", parts).format(Date.UTC(2026, 11, 1));
console.log("Node de", seen);
assert.strictEqual(seen, "Dienstag, 1. Dezember 2026");
NODE
