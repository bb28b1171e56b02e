"""A whole history from a seed."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from notyet.simulator import learning, record
from notyet.simulator.company import NOTHING, RATES, STAGES, Company
from notyet.simulator.conversations import conversation_table
from notyet.simulator.deals_table import deal_table
from notyet.simulator.effects import truth_of
from notyet.simulator.field_changes import field_change_table, negotiate
from notyet.simulator.learning import Ended
from notyet.simulator.openings import Openings, open_deals
from notyet.simulator.outcomes import Endings, end_deals
from notyet.simulator.reasons import filed_reasons, true_reasons
from notyet.simulator.shares import Ints, stream
from notyet.simulator.truth import Truth
from notyet.simulator.worktime import DAY


@dataclass(frozen=True)
class Simulation:
    """A simulated history and the truth about it.

    ``tables`` has every table of the exchange format by its name, columns as defined there, times as
    UTC timestamps; ``deals`` has the source's own attributes after them. ``rates`` turn a currency
    into the workspace's. The record is known up to ``known_at``.
    """

    tables: dict[str, pa.Table]
    truth: Truth
    company: Company
    rates: dict[str, float]
    stages: tuple[tuple[str, str], ...]
    known_at: datetime
    payments_from: datetime | None


def simulate(
    seed: int,
    deals: int = 3000,
    *,
    nothing: bool = False,
    until: date | None = None,
    company: Company | None = None,
) -> Simulation:
    """A company's history of ``deals`` deals, the same for the same arguments.

    It ends at the beginning of the day ``until`` in UTC (by default ``company.until``) and began
    ``company.years`` before. With ``nothing`` no effect is planted: outcomes depend on nothing known before
    the close. Raises ``ValueError`` for a negative seed or less than one deal.
    """
    firm = company or Company()
    if nothing:
        firm = replace(firm, plan=NOTHING)
    end = until or firm.until
    known_at = datetime(end.year, end.month, end.day, tzinfo=UTC)
    last = int(known_at.timestamp())
    opened = open_deals(seed, deals, last - int(firm.years * 365.25) * DAY, last, firm)
    endings = end_deals(seed, opened, firm)
    tables = _tables(seed, opened, endings, firm)
    truth = truth_of(opened, endings, firm.plan)
    tables["changes"] = learning.change_table(truth.changes, last)
    payments = pa.compute.min(tables["deals"]["paid_at"]).as_py()
    return Simulation(tables, truth, firm, dict(RATES), STAGES, known_at, payments)


def _tables(seed: int, opened: Openings, endings: Endings, firm: Company) -> dict[str, pa.Table]:
    planted, until = firm.plan.after_the_close, opened.until
    rng = stream(seed, "reasons")
    true = true_reasons(rng, opened, endings.lost, endings.no_decision, planted)
    filed = filed_reasons(rng, true, planted)
    ends = np.minimum(endings.closed, until)
    ended = _ended(endings, true, filed, until)
    answers = learning.buyer_answers(seed, ended, planted)
    back = learning.win_backs(seed, opened, ended, answers)
    opened = learning.reopen(opened, back)
    amounts = negotiate(seed, opened, endings, planted)
    deals = deal_table(seed, opened, endings, filed, amounts, back, firm)
    entries = record.stage_entries(seed, opened, endings, true, planted)
    mean_days = float(np.mean(endings.closed - opened.opened)) / DAY
    probability: Ints = deals["Probability"].to_numpy()
    return {
        "deals": deals,
        "field_changes": field_change_table(seed, opened, endings, amounts, probability, planted),
        "next_steps": record.next_step_table(seed, opened, ends, endings.closed > until),
        "stage_changes": record.stage_table(entries, until),
        "conversations": conversation_table(seed, opened, ends, mean_days, firm),
        "promises": record.promise_table(seed, opened, ends),
        "steps_done": record.steps_table(seed, opened, entries, ends),
        "debriefs": learning.debrief_table(seed, ended, planted),
        "buyer_answers": answers.table,
        "win_backs": back.table,
    }


def _ended(endings: Endings, true: Ints, filed: Ints, until: int) -> Ended:
    """Disqualified deals are neither debriefed nor asked."""
    deal = np.flatnonzero((endings.closed <= until) & ~endings.disqualified)
    return Ended(deal, endings.closed[deal], endings.won[deal], true[deal], filed[deal], until)
