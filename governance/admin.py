"""The staff's workplace of the governance room."""

from governance.appeals import admin as appeals

__all__ = ["appeals"]
