"""Complaints by people without an account: a form, a letter that proves the mailbox, then a case like any other."""
