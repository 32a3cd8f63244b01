"""From a regular expression to the automaton that gives its verdict in linear time."""
