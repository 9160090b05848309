"""The outbox in a folder of JSON-lines files, with exactly-once commits."""
