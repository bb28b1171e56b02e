"""What a person would measure in a simulated history, read from its tables in plain pandas."""

from functools import cache

import pandas as pd

from notyet.simulator import Simulation, simulate

HOUR = pd.Timedelta(hours=1)
OPENING_FIELDS = [
    "team", "source", "campaign", "message", "persona", "segment", "region", "product", "competitor",
    "contract_term_months", "currency", "process_version", "Industry", "Language", "Sites", "Headcount",
]  # fmt: skip


@cache
def history(seed: int, deals: int = 3000, nothing: bool = False) -> Simulation:
    """The same simulation once for all tests."""
    return simulate(seed, deals, nothing=nothing)


@cache
def closed_deals(seed: int, deals: int = 3000, nothing: bool = False) -> pd.DataFrame:
    """The deals that count, with ``win`` and what was measured of the behaviours, by the rules of the facts."""
    simulation = history(seed, deals, nothing)
    deal = simulation.tables["deals"].to_pandas().set_index("deal_id")
    talk = simulation.tables["conversations"].to_pandas()
    talk = talk[talk["channel"] != "note"].join(deal[["opened_at", "closed_at"]], on="deal_id")
    heard = talk[~talk["missed"]]
    deal["reply_hours"] = _reply_hours(heard)
    deal["second_hours"] = _second_contact_hours(heard)
    since = (heard["at"] - heard["opened_at"]) / HOUR
    deal["first_week"] = heard[since.between(0, 168)].groupby("deal_id").size().reindex(deal.index, fill_value=0)
    deal["talks"] = heard.groupby("deal_id").size().reindex(deal.index, fill_value=0)
    deal["broken_hours"] = _first_broken_hours(simulation, deal)
    deal["fast"] = deal["reply_hours"] <= 24
    deal["second"] = deal["second_hours"] <= 168
    deal["broken"] = deal["broken_hours"] <= 336
    deal["life"] = (deal["closed_at"] - deal["opened_at"]) / HOUR / 24
    deal["win"] = (deal["outcome"] == "won").astype(float)
    pending = (deal["outcome"] == "won") & deal["paid_at"].isna() & (deal["closed_at"] >= simulation.payments_from)
    return deal[deal["outcome"].isin(["won", "lost", "no_decision"]) & ~pending].copy()


def _reply_hours(heard: pd.DataFrame) -> pd.Series:
    asked = heard[heard["direction"] == "in"].groupby("deal_id")["at"].min()
    replied = heard[heard["direction"] == "out"].groupby("deal_id")["at"].min()
    return (replied - asked) / HOUR


def _second_contact_hours(heard: pd.DataFrame) -> pd.Series:
    met = heard.dropna(subset=["contact"]).groupby(["deal_id", "contact"])["at"].min().sort_values()
    second = met.groupby("deal_id").nth(1).droplevel("contact")
    return (second - heard.groupby("deal_id")["opened_at"].first()) / HOUR


def _first_broken_hours(simulation: Simulation, deal: pd.DataFrame) -> pd.Series:
    promise = simulation.tables["promises"].to_pandas().join(deal[["opened_at", "closed_at"]], on="deal_id")
    end = promise["closed_at"].fillna(pd.Timestamp(simulation.known_at))
    broken = promise[(promise["due_at"] <= end) & ~(promise["kept_at"] <= promise["due_at"])]
    return broken.groupby("deal_id")["due_at"].min().sub(deal["opened_at"]).reindex(deal.index) / HOUR
