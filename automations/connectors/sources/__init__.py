"""Shops, tills and carriers: one file per source, which verifies and reads what it sends.

May import `connectors`. What a word means in a store is said in `pipeline/sources`.
"""
