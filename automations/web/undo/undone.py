"""What becomes of a change that is taken back, and who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep


@dataclass(frozen=True)
class Undone:
    """What became of it as a sentence, and the address of the page that shows it."""

    sentence: str
    url: str


#: Takes a step back, inside write(). Raises CannotUndo.
TakeBack = Callable[[Session, UndoStep, User, dt.datetime], Undone]
#: Kind of a step -> the endpoint that one has to be allowed to use, and how it is taken back.
Kinds = dict[str, tuple[str, TakeBack]]
