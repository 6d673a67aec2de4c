"""The lists of the site as CSV files, with the filters that their pages have."""
