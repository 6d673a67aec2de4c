"""The files people hand in: a folder, single files, or the archive that an export is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from automations.engine.operators.value_types import counted
from automations.features.rules_as_code.export import ExportedFile
from automations.features.rules_as_code.rule_file import (
    ENDINGS,
    LARGEST,
    MOST_FILES,
    RuleFile,
    UnreadableFile,
    read,
)

#: The most bytes of all files together.
MOST = 3_000_000
#: Written into archives in place of the time, so that the same automations give the same archive.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

Named = tuple[str, bytes]


def from_folder(folder: Path) -> list[Named]:
    """Return the files of a folder with their names. Raises UnreadableFile."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    return _limited((path.name, path.read_bytes()) for path in paths)


def from_upload(uploaded: Iterable[Named]) -> list[Named]:
    """Return uploaded files, with those of an archive in its place. Raises UnreadableFile."""
    return _limited(one for name, content in uploaded for one in _opened(name, content))


def rule_files(named: Sequence[Named]) -> list[RuleFile]:
    """Return what the files say. Raises UnreadableFile, also where there are none."""
    if not named:
        raise UnreadableFile(
            "There is no automation here: choose files that end in .yaml, or an exported archive."
        )
    return [read(name, content) for name, content in named]


def archive(files: Sequence[ExportedFile]) -> bytes:
    """Return the files as one ZIP archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in files:
            packed.writestr(zipfile.ZipInfo(one.file, _NO_TIME), one.text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _opened(name: str, content: bytes) -> Iterator[Named]:
    short = PurePosixPath(name.replace("\\", "/")).name
    if short.lower().endswith(ENDINGS):
        yield short, content
    elif short.lower().endswith(".zip"):
        yield from _unpacked(short, content)
    elif short:
        raise UnreadableFile(
            f"{short} is neither YAML nor an archive: choose files that end in .yaml or .zip."
        )


def _unpacked(name: str, content: bytes) -> Iterator[Named]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for entry in packed.infolist():
                if not entry.filename.lower().endswith(ENDINGS):
                    continue
                with packed.open(entry) as file:
                    # What an archive says of its sizes may be wrong: no more than this is unpacked.
                    yield PurePosixPath(entry.filename).name, file.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise UnreadableFile(f"{name} can’t be opened as an archive. Export it again.") from error


def _limited(named: Iterable[Named]) -> list[Named]:
    taken: list[Named] = []
    for name, content in named:
        taken.append((name, content))
        if len(taken) > MOST_FILES:
            raise UnreadableFile(f"These are more than {MOST_FILES} files. Apply them in parts.")
        if sum(len(one) for _, one in taken) > MOST:
            raise UnreadableFile(f"The files are over {counted(MOST)} bytes together. Apply them in parts.")
    return taken
