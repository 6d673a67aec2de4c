"""Finding anything from any page: the palette, the search page, the keys. Imports the pages it leads to."""
