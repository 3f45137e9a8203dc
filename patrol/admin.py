"""The staff's workplace of patrol, in parts."""

from patrol import admin_candidates, admin_leads, admin_profiles, admin_risk, admin_sampling, admin_scans

__all__ = ["admin_candidates", "admin_leads", "admin_profiles", "admin_risk", "admin_sampling", "admin_scans"]
