"""Powers of attorney: what lets an agency act for a rights holder, for what, from when until when."""
