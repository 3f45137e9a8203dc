"""Agencies at work: the pages and the API of powers of attorney. The power itself stands in `accounts/powers/`; only here
are all the words of its scope known."""
