"""How often something happens by its past, and when it suddenly happens far more often. Counts and times.

Imports: nothing.
"""
