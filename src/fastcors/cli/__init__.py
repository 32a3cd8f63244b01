"""The command line, `fastcors[cli]`: one module for each command, and what they share."""
