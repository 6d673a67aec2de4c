"""The process that does the work: periodic jobs, recovery after a death, cleanup. Imports `features` and
the line.
"""
