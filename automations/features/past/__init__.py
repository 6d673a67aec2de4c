"""The recorded past as columns: at which occurrences a rule would have fired, without judging each."""
