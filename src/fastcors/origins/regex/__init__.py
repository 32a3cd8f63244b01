"""Compiles a regular expression into an automaton, which gives the verdict in linear time."""
