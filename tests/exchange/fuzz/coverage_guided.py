"""Feed a reader with files that atheris makes, guided by which of our lines they reach. No part of the test run.

Atheris is no dependency of ours: install it beside (``pip install atheris``), then, from the project's folder,

    python -m tests.exchange.fuzz.coverage_guided deals.csv CORPUS -max_total_time=120

The name's ending chooses the reader; CORPUS is a folder with some good files. It ends with a traceback and the file
that caused it, or with nothing said. ``test_fuzz`` does the same in every test run, without the guidance.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["notyet.exchange"]):
    from tests.exchange.fuzz.accounting import accounted_for


def main() -> None:
    """Fuzz the reader of files of that name until the time is over."""
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name

        def one(content: bytes) -> None:
            path.write_bytes(content)
            accounted_for(path)

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
