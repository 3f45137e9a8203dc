"""The staff's workplace of patrol, in parts."""

from patrol import admin_scans  # noqa: F401  registers its pages
