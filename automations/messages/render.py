"""A checked template and a record's context become a text."""

from __future__ import annotations

from collections.abc import Mapping

from liquid.exceptions import FilterArgumentError, LiquidError, OutputStreamLimitError

from automations.messages.environment import OUTPUT_LIMIT, TooMuchWork, parsed
from automations.messages.problem import TemplateFailed
from automations.messages.values import plain


def render(text: str, context: Mapping[str, object]) -> str:
    """The message for one record. Raises TemplateFailed with a sentence, and nothing else."""
    try:
        return parsed(text).render({str(name): plain(value) for name, value in context.items()})
    except TooMuchWork as error:
        raise TemplateFailed("its loops take too long; use fewer or shorter ones.") from error
    except OutputStreamLimitError as error:
        raise TemplateFailed(f"it is longer than {OUTPUT_LIMIT // 1000} kB.") from error
    except FilterArgumentError as error:
        raise TemplateFailed(str(error.message)) from error
    except LiquidError as error:
        raise TemplateFailed("its template does not fit this record. Check it in the automation.") from error
    # A value nobody thought of must end as a reason in the log, not as a run that breaks its worker.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise TemplateFailed("a value of this record cannot be shown. Check the template.") from error
