"""`user.rng`: random.Random's methods over the kernel's counter-based generator.

Python's generator is a C struct of 2.5 kB, too much for a million users; the kernel's is 16 bytes
and as good for workloads (SplitMix64, Steele et al. 2014). The commonest draws (`choice`,
`randint`, `randrange`, `uniform`) are the kernel's too; the others are random.Random's own code,
which asks for nothing but `random` and `getrandbits`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from perfwright._kernel import CounterRng

_BORROWED = (
    "betavariate", "binomialvariate", "choices", "expovariate", "gammavariate", "lognormvariate",
    "normalvariate", "paretovariate", "randbytes", "sample", "shuffle", "triangular",
    "vonmisesvariate", "weibullvariate",
)  # fmt: skip

if TYPE_CHECKING:

    class Rng(random.Random):
        """A seeded generator with random.Random's methods; `Rng(seed, stream)`."""

        def __init__(self, seed: int, stream: int) -> None: ...

else:

    class Rng(CounterRng):
        """A seeded generator with random.Random's methods; `Rng(seed, stream)`."""

        __slots__ = ()
        gauss = random.Random.normalvariate  # gauss itself keeps a value between calls

    for _name in _BORROWED:
        if hasattr(random.Random, _name):
            setattr(Rng, _name, getattr(random.Random, _name))
