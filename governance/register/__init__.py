"""The public register of notices, statements and outcomes. Source: E-Commerce Law of the PRC, art. 44."""
