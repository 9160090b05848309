"""Reads records from files: how does a CSV or JSON-lines file become raw records?"""
