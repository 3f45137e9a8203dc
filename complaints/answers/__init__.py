"""Many complaints withdrawn or supplemented at once: ticked on the list, or from a sheet of their numbers.

One page says what each of them will do before anything is done; each is then answered by itself, by the service that its
own page calls, and says what became of it.
"""
