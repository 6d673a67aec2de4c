"""The one generator of words: the sentence of an automation, verdicts, values.

Imports `explain`, `rules` and below.
"""
