"""The page of deals of a large record beside that of ten thousand deals."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.comparisons import Comparison, Sizes
from bench.measuring import Side
from bench.places import DATA

SMALL = 10_000
TIMES = 40
ADDRESSES = {
    "first page": "/deals/",
    "last page": "/deals/?page=999999999",
    "half of them": "/deals/?outcome=lost",
    "half, last": "/deals/?outcome=lost&page=999999999",
    "few, by buyer": "/deals/?outcome=open&region=DACH&attr.Industry=Chemicals&sort=account",
    "a span, by amount": "/deals/?closed_at.from=2024-01-01&closed_at.to=2024-03-31&sort=-amount",
    "own number": "/deals/?attr.Headcount.from=100&attr.Headcount.to=120&sort=attr.Headcount",
    "words": "/deals/?q=spare+parts&sort=name",
    "words, last": "/deals/?q=spare+parts&sort=name&page=999999999",
    "nothing": "/deals/?q=zzz",
}
"""A page beyond the last one is the last."""


def pages(address: str, sizes: Sizes) -> tuple[Side, Side]:
    """An address of the large record against the same of the small one."""
    large, small = (Side("deals_page", (str(home(size)), address, str(TIMES))) for size in (sizes.deals, SMALL))
    return large, small


def home(deals: int) -> Path:
    """The home folder of a record with so many deals, made where it is not there yet."""
    folder = DATA / f"record-{deals}"
    if not folder.exists():
        print(f"making {folder.name} (once)", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "bench.records", folder, f"{deals}"], check=True)
    return folder


DEAL_PAGES = {
    name: Comparison(name, "a large record", f"{SMALL:,} deals", "≤ 1.5 ×", 1.5, partial(pages, address))
    for name, address in ((f"deals:{label}", address) for label, address in ADDRESSES.items())
}
