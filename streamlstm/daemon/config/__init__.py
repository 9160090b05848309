"""The configuration: one YAML file, checked in full before anything runs."""
