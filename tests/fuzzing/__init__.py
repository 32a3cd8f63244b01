"""The fuzzers of `make fuzz` and `make fuzz-native`: `PYTHONPATH=tests python -m fuzzing.fuzz --help`."""
