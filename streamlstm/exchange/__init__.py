"""Models in files, and in the layouts of others."""

from streamlstm.exchange.exported import ExportedNetwork, export_network
from streamlstm.exchange.files import load, save
from streamlstm.exchange.onnx_graph import export_onnx
from streamlstm.exchange.torch_layout import export_torch, import_torch

__all__ = [
    "ExportedNetwork",
    "export_network",
    "export_onnx",
    "export_torch",
    "import_torch",
    "load",
    "save",
]
