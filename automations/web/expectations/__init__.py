"""Expectations: the list, the sentence from the builder's dropdowns, and what the log says about it."""
