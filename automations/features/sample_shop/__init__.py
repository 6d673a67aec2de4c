"""Fills an empty database with two invented stores and three months of history. Imports every other
feature.
"""
