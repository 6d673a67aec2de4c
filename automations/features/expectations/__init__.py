"""Expectations: what must follow when something happens to a record, judged over the log.

Asks `past` at which occurrences an expectation begins and the log what followed; the worker looks at what
became due since it last looked, and the managers are told.
"""
