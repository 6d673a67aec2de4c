"""A log entry judged again, by the version of its time and by another. Nothing is written or sent."""
