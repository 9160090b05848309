"""An in-process broker, with which the contracts can be tested without I/O."""
