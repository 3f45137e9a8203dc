"""Search over what is publicly on sale on the connected marketplaces (ADR 18).

`words` says what a text is looked for as; `index` keeps an entry of each target up to date; `engine` answers.
"""
