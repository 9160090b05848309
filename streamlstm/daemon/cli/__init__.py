"""Command line: which commands are there, and what do they print?"""
