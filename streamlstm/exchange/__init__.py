"""Models in files, and in the layouts of others."""

from streamlstm.exchange.files import load, save

__all__ = ["load", "save"]
