"""The staff's workplace of the governance room."""

from governance.appeals import admin as appeals
from governance.penalties import admin as penalties
from governance.quality import admin as quality

__all__ = ["appeals", "penalties", "quality"]
