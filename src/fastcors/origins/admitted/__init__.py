"""What a regular expression lets in, decided from its automaton."""
