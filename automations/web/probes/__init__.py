"""For whoever watches over the server: health, metrics, security.txt. Imports `request`."""
