"""The outbox in one SQLite file: alerts and positions share a transaction."""
