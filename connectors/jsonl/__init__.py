"""Commits to a folder of JSON-lines files: how does a plain file become exactly once?"""
