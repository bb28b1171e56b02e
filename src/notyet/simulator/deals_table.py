"""The deals themselves, as known at the end of the history."""

import numpy as np
import pyarrow as pa

from notyet.analysis.tables import OUTCOMES
from notyet.simulator import columns, names
from notyet.simulator import company as catalogue
from notyet.simulator.company import Company
from notyet.simulator.field_changes import Amounts
from notyet.simulator.learning import WinBacks
from notyet.simulator.openings import Openings
from notyet.simulator.outcomes import DISQUALIFIED, LOST, OPEN, WON, Endings, outcome_codes, payments_known_from
from notyet.simulator.own_columns import known_after_close, known_at_opening
from notyet.simulator.reasons import CODE, LABELS, NONE
from notyet.simulator.shares import Flags, Ints, chance, labels, stream


def deal_table(
    seed: int, deals: Openings, endings: Endings, filed: Ints, amounts: Amounts, back: WinBacks, company: Company
) -> pa.Table:
    """All deals as known at ``deals.until``: the columns of the exchange format, then the source's own."""
    outcome = outcome_codes(endings, deals.until)
    own = known_at_opening(seed, deals)
    own |= known_after_close(seed, deals, endings, outcome, company.plan.after_the_close)
    given = (
        _who(deals, back, company)
        | _what(seed, deals)
        | _ending(seed, deals, endings, outcome, filed)
        | {"amount": columns.amounts(amounts.known(deals.until), amounts.missing)}
    )
    return columns.table("deals", given, own)


def _who(deals: Openings, back: WinBacks, company: Company) -> dict[str, pa.Array]:
    n = len(deals.opened)
    reopened_from = np.full(n, NONE)
    reopened_from[back.new_deal] = back.came_back
    numbers, places = np.unique(deals.account, return_inverse=True)
    account = columns.text(names.account_names(numbers), places)
    product = columns.text(labels(catalogue.PRODUCTS), deals.product)
    return {
        "deal_id": columns.deal_ids(np.arange(n)),
        "account": account,
        "name": pa.compute.binary_join_element_wise(product, account, ", "),
        "owner": columns.text(names.owner_names(company.owners), deals.owner),
        "team": columns.text(catalogue.TEAMS, deals.team),
        "product": product,
        "opened_at": columns.times(deals.opened),
        "process_version": columns.text(("1", "2"), deals.new_process.astype(np.int64)),
        "reopened_from": columns.deal_ids(reopened_from, reopened_from == NONE),
    }


def _what(seed: int, deals: Openings) -> dict[str, pa.Array]:
    """What is known at the opening; here and there somebody forgot to enter it, whatever the outcome."""
    rng, n = stream(seed, "gaps"), len(deals.opened)
    return {
        "currency": columns.text(labels(catalogue.CURRENCIES), deals.currency),
        "contract_term_months": columns.text(labels(catalogue.TERMS), deals.term).cast(pa.int64()),
        "source": columns.text(labels(catalogue.SOURCES), deals.source, chance(rng, 0.01, n)),
        "campaign": columns.text(labels(catalogue.CAMPAIGNS), deals.campaign, chance(rng, 0.06, n)),
        "message": columns.text(labels(catalogue.MESSAGES), deals.message, chance(rng, 0.04, n)),
        "persona": columns.text(labels(catalogue.PERSONAS), deals.persona, chance(rng, 0.01, n)),
        "segment": columns.text(catalogue.SEGMENTS, deals.segment),
        "region": columns.text(labels(catalogue.REGIONS), deals.region),
        "competitor": columns.text(labels(catalogue.COMPETITORS), deals.competitor),
    }


def _ending(seed: int, deals: Openings, endings: Endings, outcome: Ints, filed: Ints) -> dict[str, pa.Array]:
    not_won = outcome != WON
    unpaid = not_won | (endings.paid < payments_known_from(deals)) | (endings.paid > deals.until)
    reason = np.where(outcome == DISQUALIFIED, CODE["Not our buyer"], filed)
    reasonless = (reason == NONE) | (outcome == OPEN) | ~not_won
    return {
        "closed_at": columns.times(endings.closed, outcome == OPEN),
        "outcome": columns.text(OUTCOMES, outcome),
        "lost_to": _lost_to(seed, deals, outcome == LOST),
        "ordered_at": columns.times(endings.closed, not_won),
        "paid_at": columns.times(endings.paid, unpaid),
        "loss_reason": columns.text(LABELS, np.maximum(reason, 0), reasonless),
    }


def _lost_to(seed: int, deals: Openings, lost: Flags) -> pa.Array:
    rng, rivals = stream(seed, "lost to"), labels(catalogue.COMPETITORS)
    other = rng.integers(1, len(rivals), len(lost))
    winner = np.where((deals.competitor > 0) & chance(rng, 0.85, len(lost)), deals.competitor, other)
    return columns.text(rivals, winner, ~lost | chance(rng, 0.35, len(lost)))
