"""Checks of references, memory and allocations that fail: `PYTHONPATH=tests python -m safety.leaks --help`."""
