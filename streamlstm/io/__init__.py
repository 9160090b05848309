"""Files: how is a model saved, loaded, and exchanged with PyTorch and ONNX?"""

from streamlstm.io.files import load, save
from streamlstm.io.network import ExportedNetwork, export_network
from streamlstm.io.onnx_graph import export_onnx
from streamlstm.io.torch_layout import export_torch, import_torch

__all__ = [
    "ExportedNetwork",
    "export_network",
    "export_onnx",
    "export_torch",
    "import_torch",
    "load",
    "save",
]
