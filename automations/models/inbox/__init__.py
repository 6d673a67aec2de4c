"""What people do to tasks, and the notifications they have not read. Imports `access` and below."""
