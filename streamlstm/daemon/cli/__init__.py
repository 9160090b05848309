"""Command line: the commands and their output."""
