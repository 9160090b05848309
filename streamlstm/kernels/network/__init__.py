"""The network around a cell: how does it see an event, and how does it learn from it?"""
