"""Models in files, and in the layouts of others."""

from streamlstm.exchange.exported import ExportedNetwork, export_network
from streamlstm.exchange.files import load, save
from streamlstm.exchange.torch_layout import export_torch, import_torch

__all__ = [
    "ExportedNetwork",
    "export_network",
    "export_torch",
    "import_torch",
    "load",
    "save",
]
