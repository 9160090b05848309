"""The engine: how does a worker get from records to a commit, and back after a crash?"""
