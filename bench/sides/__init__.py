"""The programs that are compared, each run in a process of its own as ``python -m bench.sides.NAME``.

A side imports what it needs, then times its work with :func:`work`, whose seconds are the last line that it prints.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def work() -> Iterator[None]:
    """Time the block and print it as the side's last line."""
    began = time.perf_counter()
    yield
    print(json.dumps({"work": time.perf_counter() - began}))
