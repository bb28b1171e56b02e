"""Facts of a frozen history, made and written: ``facts_made FOLDER``."""

import sys

from bench.sides import work
from notyet.analysis import facts

with work():
    facts.write(sys.argv[1])
