"""Where histories are kept; they are made once, in a process of their own.

On Linux a process counts the memory of the one that started it towards its own peak, so the one that measures stays
small: it imports neither the simulator nor Arrow.
"""

import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).parent / "data"


def history(form: str, deals: int, conversations: int) -> Path:
    """The folder of a history in the form ``frozen`` (without facts) or ``exported`` (CSV, exchange format).

    ``conversations`` of them a closed deal on average. It is made where it is not there yet.
    """
    folder = DATA / f"{form}-{deals}-{conversations}"
    if not folder.exists():
        print(f"making {folder.name} (once)", file=sys.stderr, flush=True)
        subprocess.run(
            [sys.executable, "-m", "bench.histories", form, folder, f"{deals}", f"{conversations}"], check=True
        )
    return folder
