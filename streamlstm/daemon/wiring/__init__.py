"""Wiring: creation of a worker from a configuration."""
