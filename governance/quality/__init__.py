"""How well decisions hold: second looks drawn by lot, and figures of each reviewer that nobody is ranked by."""
