"""What origins are allowed besides those that are listed: patterns and regular expressions."""
