"""The apps that the processes of these tests run."""
