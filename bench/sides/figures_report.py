"""A full set of figures for a filter, from the facts: ``figures_report FOLDER FIELD VALUE``."""

import sys

from bench.sides import say, work
from notyet.analysis.history import History
from notyet.analysis.report import analyse
from notyet.analysis.selection import Selection

folder, field, value = sys.argv[1:]
with work(), History.open(folder) as history:
    report = analyse(history, selection=Selection(where=((field, (value,)),)), drivers=False)

say(
    {figure.key: figure.value for figure in report.figures if not figure.by}
    | {
        f"win_rate {name} {level}": f.value
        for f in report.figures
        for name, level in f.by.items()
        if f.key == "win_rate"
    }
    | {f"cohort {f.by['opened_quarter']}": f.value for f in report.figures if f.key == "cohort_win_rate"}
    | {f"reason {row.reason}": row.seller.deals for row in report.reasons}
    | {f"entered {stage.stage}": stage.entered for stage in report.funnel.stages}
    | {f"waited {stage.stage}": stage.median_days for stage in report.funnel.stages}
)
