"""Rights from a spreadsheet: each row becomes a draft that lacks nothing but its papers."""
