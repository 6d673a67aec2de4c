"""What can be proven about a rule without a record: whether it can fire, and which conditions say something.

A proof holds for every record; where none is found, nothing is claimed.
"""
