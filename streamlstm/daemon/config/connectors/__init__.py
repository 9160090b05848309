"""Sections of connectors: what does a configuration say about sources and outboxes?"""
