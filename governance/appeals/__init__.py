"""Appeals against decisions of the platform: what can be appealed stands in `governance/appealable.py`."""
