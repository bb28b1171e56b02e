"""statsmodels' Logit, fitted alone on the matrix of the driver analysis: ``drivers_logit MATRIX``."""

import sys
from pathlib import Path

import numpy as np
from statsmodels.discrete.discrete_model import Logit

from bench.sides import work

folder = Path(sys.argv[1])
x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
x = np.column_stack([np.ones(len(x)), x.astype(np.float64)])
with work():
    Logit(y.astype(np.float64), x).fit(disp=False)
