"""Helpers that tests, fuzzers and memory checks share: apps and requests, drawn cases, the reference, servers."""
