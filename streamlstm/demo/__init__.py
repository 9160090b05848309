"""The demo: a stream goes through, and a page shows what was found."""
