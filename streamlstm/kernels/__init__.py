"""Arithmetic: arenas in, arenas out; NumPy and Numba only, no objects, no clock, no I/O."""
