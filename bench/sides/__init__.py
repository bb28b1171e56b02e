"""The programs that are compared, each run in a process of its own as ``python -m bench.sides.NAME``.

A side imports what it needs and times its work with :func:`work`. It may tell what it found with :func:`say`;
two sides that both do must have found the same. Both go to standard output, a line of JSON each.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def work() -> Iterator[None]:
    """Time the block and print the seconds that it took: those that passed, and those of all cores."""
    began, busy = time.perf_counter(), time.process_time()
    yield
    print(json.dumps({"work": time.perf_counter() - began, "cpu": time.process_time() - busy}))


def say(found: Mapping[str, float | int | None]) -> None:
    """Print what was found, by name."""
    print(json.dumps({"found": found}))
