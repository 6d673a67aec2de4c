"""Why one rule fired or not, condition by condition; the meaning the index is held to. Imports `rules`
and below.
"""
