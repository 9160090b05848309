"""The service: the only floor that sees connectors and models alike."""
