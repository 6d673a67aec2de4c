#!/bin/bash
# ReportLab 5.1.0 with types-reportlab 5.0.0.20261008: the stubs allow ParagraphStyle(alignment="center"), and a type checker refuses
# only words that are none of theirs. The library has a function for such words (str2alignment), but a paragraph does not call it: the
# style is made, the paragraph wrapped and its height known, and then drawing it fails with UnboundLocalError about a variable "dpl".
# Only the numbers of reportlab.lib.enums (TA_CENTER is 1) draw, and the error names neither the style nor the word.
#
# Source: run here, with https://pypi.org/project/reportlab/5.1.0/, https://pypi.org/project/types-reportlab/5.0.0.20261008/ and
# https://pypi.org/project/mypy/1.18.2/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q reportlab==5.1.0 types-reportlab==5.0.0.20261008 mypy==1.18.2
cat > "$folder/styles.py" <<'PYTHON'
from reportlab.lib.styles import ParagraphStyle

ParagraphStyle("delivery note", alignment="center")
ParagraphStyle("delivery note", alignment="middle")
PYTHON
told=$("$folder/venv/bin/mypy" --strict "$folder/styles.py" || true)
echo "$told"
echo "$told" | grep -q "styles.py:4: error"
if echo "$told" | grep -q "styles.py:3: error"; then exit 1; fi
"$folder/venv/bin/python" - <<'PYTHON'
import io

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph


def drawn(alignment):
    paragraph = Paragraph("Twelve tulips", ParagraphStyle("delivery note", alignment=alignment))
    _, height = paragraph.wrap(200, 200)
    assert height > 0
    try:
        paragraph.drawOn(Canvas(io.BytesIO()), 0, 0)
    except UnboundLocalError as error:
        return str(error)
    return "drawn"


found = {alignment: drawn(alignment) for alignment in (TA_CENTER, "center", "left", "justify")}
print(found)
assert found.pop(TA_CENTER) == "drawn"
assert all("'dpl'" in what for what in found.values()), found
PYTHON
