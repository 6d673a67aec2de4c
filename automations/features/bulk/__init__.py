"""One change for many records: chosen first, then rehearsed, then done in pieces. Imports the line."""
