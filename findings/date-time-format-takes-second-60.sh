#!/bin/bash
# The format "date-time" of JSON Schema does not mean that a program can read the time. jsonschema-rs 0.61.2 (with
# validate_formats) and Ajv 8.20.0 with ajv-formats 3.0.1 take second 60 wherever it is 23:59 in UTC, also on a day that had
# no leap second; RFC 3339, section 5.6, allows it. jsonschema 4.25.1 with rfc3339-validator 0.1.4 refuses it, and neither
# datetime.fromisoformat (Python 3.11.7) nor JavaScript's Date can read it. So a service that checks with the first
# and reads with the last fails after the check said that all was well.
#
# Source: run here; https://www.rfc-editor.org/rfc/rfc3339#section-5.6
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jsonschema-rs==0.61.2 jsonschema==4.25.1 rfc3339-validator==0.1.4
"$folder/venv/bin/python" - <<'PYTHON'
import datetime

import jsonschema
import jsonschema_rs

schema = {"format": "date-time"}
rust = jsonschema_rs.validator_for(schema, validate_formats=True)
python = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
for text, in_rust, in_python in [
    ("2026-06-15T23:59:60Z", True, False),
    ("2027-01-01T00:59:60+01:00", True, False),
    ("2026-06-15T12:34:60Z", False, False),
    ("2026-06-15T23:59:59Z", True, True),
]:
    try:
        read = str(datetime.datetime.fromisoformat(text))
    except ValueError as error:
        read = f"ValueError: {error}"
    print(f"{text}  jsonschema-rs {rust.is_valid(text)}, jsonschema {python.is_valid(text)}, datetime: {read}")
    assert rust.is_valid(text) == in_rust
    assert python.is_valid(text) == in_python
    assert read.startswith("ValueError") == text[:-1].split("+")[0].endswith("60")
PYTHON
cd "$folder"
npm install --silent --no-audit --no-fund ajv@8.20.0 ajv-formats@3.0.1
node - <<'NODE'
const assert = require("node:assert");
const Ajv = require("ajv/dist/2020");
const ajv = require("ajv-formats")(new Ajv());
for (const [text, taken] of [["2026-06-15T23:59:60Z", true], ["2026-06-15T12:34:60Z", false]]) {
  const seen = ajv.validate({ type: "string", format: "date-time" }, text);
  console.log(text, "Ajv", seen, "Date", String(new Date(text)));
  assert.strictEqual(seen, taken);
}
NODE
