"""The pages of imports from CSV files: upload, columns, what each row would do, progress."""
