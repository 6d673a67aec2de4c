"""From draft to live: drafts, publishing, versions, archiving, loop detection; the lists and fields that
automations name, and what uses them. Imports the line.
"""
