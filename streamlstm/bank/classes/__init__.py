"""The state of a classifier: where does it lie, and how does it grow by a class?"""
