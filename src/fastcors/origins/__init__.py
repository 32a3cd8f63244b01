"""Origins that are allowed by a pattern or a regular expression instead of by name."""
