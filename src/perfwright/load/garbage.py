"""Python's cyclic garbage in a load worker: collected in small passes between batches of users.

Python's own collector would walk over every live user whenever it likes, and pause for as long.
Here it is off. What existed before the load is frozen, so that no pass walks over it; then

    so many objects more than at the last look ─► a young pass: frees cycles among the new ones
    as many survivors as were alive before     ─► a full pass: frees what became garbage since

A full pass thus costs a constant share of the work that made the objects, and memory is at most
about twice what is alive. A load whose code leaves no cycles sees only the passes of its ramp.
"""

from __future__ import annotations

import gc

_YOUNG = 50_000
"""Container objects: a young pass over them takes some milliseconds."""


class GarbageWatch:
    def __init__(self) -> None:
        gc.collect()
        gc.freeze()
        gc.disable()
        self._alive = 0
        self._survivors = 0

    def look(self) -> None:
        """Collects if the number of live objects grew; what was freed without it does not count."""
        grown = gc.get_count()[0]
        if grown < _YOUNG:
            return
        self._survivors += max(0, grown - gc.collect(0))
        if self._survivors > max(_YOUNG, self._alive):
            self._alive = max(0, self._alive + self._survivors - gc.collect())
            self._survivors = 0
