"""From draft to live: drafts, publishing, versions, archiving, loop detection. Imports the line."""
