"""Commits to one SQLite file: how do alerts and positions share a transaction?"""
