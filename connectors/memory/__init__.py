"""An in-process broker: how can the contracts be tested without I/O?"""
