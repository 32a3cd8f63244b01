"""Decides from the automaton of an origin regex which origins the regex admits."""
