"""Render a checked template with the context of a record."""

from __future__ import annotations

from collections.abc import Mapping

from liquid.exceptions import FilterArgumentError, LiquidError, OutputStreamLimitError

from automations.messages.environment import HOLES, OUTPUT_LIMIT, TooMuchWork, parsed
from automations.messages.template_problem import TemplateFailed
from automations.messages.template_values import PlainContext, plain_context

#: Paths of fields: ("order", "delivery_date").
Holes = set[tuple[str, ...]]
#: Bytes of a character at most.
_WIDEST = 4


def render(text: str, context: Mapping[str, object], holes: Holes | None = None) -> str:
    """Return the message for one record. Raises only TemplateFailed, with a sentence.

    The paths of fields that are shown and empty for this record are added to `holes`.
    """
    try:
        if "{" not in text and len(text) * _WIDEST <= OUTPUT_LIMIT:
            return text
        values = context if isinstance(context, PlainContext) else plain_context(context)
        return parsed(text).render(values if holes is None else {**values, HOLES: holes})
    except TooMuchWork as error:
        raise TemplateFailed("its loops take too long; use fewer or shorter ones.") from error
    except OutputStreamLimitError as error:
        raise TemplateFailed(f"it is longer than {OUTPUT_LIMIT // 1000} kB.") from error
    except FilterArgumentError as error:
        raise TemplateFailed(str(error.message)) from error
    except LiquidError as error:
        raise TemplateFailed("its template does not fit this record. Check it in the automation.") from error
    # An unforeseen value must end as a reason in the log, not as an error in the worker.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise TemplateFailed("a value of this record cannot be shown. Check the template.") from error
