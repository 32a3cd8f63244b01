"""Faults that are planted one at a time, to see whether the suite notices: `make mutants`."""
