"""The command line, `fastcors[cli]`: one module for each command, and the modules that they share."""
