"""A believable company with planted causes: its history, and the truth about it.

>>> from notyet.simulator import simulate, write
>>> history = simulate(seed=1, deals=500)
>>> [driver.name for driver in history.truth.drivers][:2]
['First reply within 24 hours', 'Second contact by day 7']
"""

from notyet.simulator.company import NOTHING, Company, Plan
from notyet.simulator.frozen import Frozen, frozen_tables
from notyet.simulator.simulation import Simulation, simulate
from notyet.simulator.truth import Truth
from notyet.simulator.writing import write

__all__ = ["NOTHING", "Company", "Frozen", "Plan", "Simulation", "Truth", "frozen_tables", "simulate", "write"]
