"""The source that reads raw records from CSV and JSON-lines files."""
