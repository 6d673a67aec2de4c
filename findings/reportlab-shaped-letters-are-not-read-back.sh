#!/bin/bash
# ReportLab 5.1.0 with uharfbuzz 0.57.0: TTFont(shapable=True) and shaping=1 join the letters of Devanagari for the eye, but what
# stands for a joined form in the file's table of letters is a character of the private use area: of “जन्मदिन” (birthday) pypdf 7.1.1
# reads two of the four forms back as U+E000 and U+E001, the rest as it is. The same page without shaping reads back letter by
# letter. So a file with shaped text can be looked at, but neither be searched nor copied from. Nothing warns of it: a word without
# joined forms, such as “नमन”, reads back whole, and a test with it passes.
#
# Source: run here, with https://pypi.org/project/reportlab/5.1.0/, https://pypi.org/project/uharfbuzz/0.57.0/ and
# https://pypi.org/project/pypdf/7.1.1/; shaping: https://docs.reportlab.com/reportlab/userguide/ch3_fonts/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q reportlab==5.1.0 uharfbuzz==0.57.0 pypdf==7.1.1 fontpkg-hind==2.1
"$folder/venv/bin/python" - <<'PYTHON'
import io
from importlib.metadata import files

from pypdf import PdfReader
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

font = next(str(file.locate()) for file in files("fontpkg-hind") if file.name == "Hind-Regular.ttf")
pdfmetrics.registerFont(TTFont("Plain", font))
pdfmetrics.registerFont(TTFont("Shaped", font, shapable=True))


def read_back(word, name, shaping):
    page = io.BytesIO()
    style = ParagraphStyle("word", fontName=name, shaping=shaping)
    SimpleDocTemplate(page).build([Paragraph(word, style)])
    return PdfReader(page).pages[0].extract_text().strip()


BIRTHDAY, BOW = "जन्मदिन", "नमन"
found = {word: (read_back(word, "Plain", 0), read_back(word, "Shaped", 1)) for word in (BIRTHDAY, BOW)}
for word, (plain, shaped) in found.items():
    print(f"{word}: without shaping read back as {plain}, shaped as {shaped!r}")
assert found[BIRTHDAY] == (BIRTHDAY, "ज\ue000\ue001दन"), found
assert found[BOW] == (BOW, BOW), found
PYTHON
