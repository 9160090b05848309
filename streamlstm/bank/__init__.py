"""Many models of one shape: how are they stored, grown, saved and updated in one call?"""

from streamlstm.bank.bank import Bank
from streamlstm.bank.batch_result import BatchResult
from streamlstm.bank.settings import Detection, Settings
from streamlstm.bank.snapshot import SnapshotError
from streamlstm.kernels.layout import Shape

__all__ = ["Bank", "BatchResult", "Detection", "Settings", "Shape", "SnapshotError"]
