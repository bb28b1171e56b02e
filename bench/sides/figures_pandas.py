"""The same figures in plain pandas, from the tables: ``figures_pandas FOLDER FIELD VALUE``.

Written as someone would who knows pandas: only the columns that are needed, text as categories, the filter first,
no Python loop over rows. What ours does beside is left out: intervals, pooling, plain dates, weighted answers.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.sides import say, work

HOUR, DAY = 3_600_000_000, 86_400_000_000
CLOSED = ("won", "lost", "no_decision")
Rows = pd.DataFrame
Found = dict[str, float | None]


def read(folder: Path, table: str, *columns: str) -> Rows:
    """Columns of a table, text as categories, times as microseconds."""
    rows = pd.read_parquet(folder / f"{table}.parquet", columns=list(columns), read_dictionary=list(columns))
    for name in rows.select_dtypes("datetimetz"):
        rows[name] = rows[name].astype("int64").where(rows[name].notna())
    return rows


def read_deals(folder: Path, meta: dict[str, Any], dimensions: dict[str, str]) -> Rows:
    """All deals by their number, with the outcome that counts."""
    times = ("opened_at", "closed_at", "paid_at")
    own = ("deal", "deal_id", "account", "outcome", "loss_reason", "reopened_from", "value", *times)
    deals = read(folder, "deals", *own, *(c for c in dimensions.values() if c not in own)).set_index("deal")
    known = pd.Timestamp(meta["sources"][0]["payments_from"]).value // 1000
    pending = (deals["outcome"] == "won") & deals["paid_at"].isna() & (deals["closed_at"] >= known)
    outcome = deals["outcome"].astype(object).where(~pending, "ordered_unpaid")
    return deals.assign(outcome=outcome, won=outcome == "won", closed=outcome.isin(CLOSED))


def talk(folder: Path, deals: Rows, horizon: int) -> Rows:
    """By deal: enquiry, first reply, second contact, missed calls."""
    rows = read(folder, "conversations", "deal", "at", "channel", "direction", "missed", "contact")
    rows = rows[rows["deal"].isin(deals.index)]
    life = deals.loc[rows["deal"]]
    opened, end = life["opened_at"].to_numpy(), life["closed_at"].fillna(horizon).to_numpy()
    rows = rows.assign(since=rows["at"].to_numpy() - opened, end=end)[rows["at"].to_numpy() <= end]
    note, missed = rows["channel"] == "note", rows["missed"].fillna(False).astype(bool)
    spoken, outward = ~note & ~missed, rows["direction"] == "out"
    near, since = rows["since"] >= -DAY, rows["since"]

    def first(mask: pd.Series) -> pd.Series:
        return since[mask].groupby(rows.loc[mask, "deal"]).min()

    found = pd.DataFrame(index=deals.index)
    enquired, wrote = first(~outward & rows["direction"].notna() & ~note & near), first(outward & spoken & near)
    found = found.assign(enquired=enquired, wrote=wrote, after=first(outward & spoken & (since >= 0)))
    buyer_first = found["enquired"].notna() & ~(found["enquired"] >= found["wrote"])
    found["enquired"] = found["enquired"].where(buyer_first, 0)
    found["reply"] = found["wrote"].where(buyer_first, found["after"]) - found["enquired"]
    found["talked"] = rows["deal"].value_counts().reindex(found.index).fillna(0) > 0
    found["second"] = second_contact(rows[spoken & rows["contact"].notna()])
    calls = rows.loc[missed & ~note & ~outward, ["deal", "at", "since", "end"]]
    return found.join(missed_calls(calls, rows.loc[outward & spoken, ["deal", "at"]]))


def second_contact(rows: Rows) -> pd.Series:
    """By deal: when the second named contact took part, since the opening."""
    firsts = rows["since"].groupby([rows["deal"], rows["contact"]], observed=True, sort=False).min()
    firsts = firsts.sort_values(kind="stable").reset_index("contact", drop=True)
    return firsts[firsts.groupby(level=0).cumcount() == 1]


def missed_calls(calls: Rows, replies: Rows) -> Rows:
    """By deal: missed calls returned within a day, those judged, the first missed, the first left unreturned."""
    replies = replies.rename(columns={"at": "returned"}).sort_values("returned")
    judged = pd.merge_asof(
        calls.sort_values("at"),
        replies,
        left_on="at",
        right_on="returned",
        by="deal",
        direction="forward",
        allow_exact_matches=False,
    )
    in_time = judged["returned"] - judged["at"] <= DAY
    overdue = ~in_time & (judged["at"] + DAY <= judged["end"])
    judged = judged.assign(in_time=in_time, overdue=overdue, left=(judged["since"] + DAY).where(overdue))
    return judged.groupby("deal").agg(
        returned=("in_time", "sum"), unreturned=("overdue", "sum"), missed=("since", "min"), left=("left", "min")
    )


def promises(folder: Path, deals: Rows, horizon: int) -> Rows:
    """By deal: promises due by the close, those kept, the first due and the first broken since the opening."""
    rows = read(folder, "promises", "deal", "due_at", "kept_at")
    rows = rows[rows["deal"].isin(deals.index)]
    life = deals.loc[rows["deal"]]
    due = rows["due_at"] <= life["closed_at"].fillna(horizon).to_numpy()
    kept = due & (rows["kept_at"] <= rows["due_at"])
    since = rows["due_at"] - life["opened_at"].to_numpy()
    rows = rows.assign(due=due, kept=kept, first_due=since.where(due), broken=since.where(due & ~kept))
    return rows.groupby("deal").agg(
        due=("due", "sum"), kept=("kept", "sum"), first_due=("first_due", "min"), broken=("broken", "min")
    )


def record(folder: Path, deals: Rows) -> Rows:
    """By deal: the first next step, the latest debrief and answer, whether asked again and reopened."""
    steps = read(folder, "next_steps", "deal", "due_at").groupby("deal")["due_at"].min()
    debriefs = read(folder, "debriefs", "deal", "at", "deciding_reason", "preparation").sort_values("at")
    answers = read(folder, "buyer_answers", "deal", "invited_at", "answered_at", "deciding_reason")
    answers = answers.sort_values("answered_at").groupby("deal").last()
    backs = read(folder, "win_backs", "deal", "asked_at", "result", "new_deal_id")
    backs = backs[backs["asked_at"].notna()]
    reopened = (backs["result"] == "reopened") | backs["new_deal_id"].notna()
    latest = debriefs.groupby("deal").last()
    return pd.DataFrame(index=deals.index).assign(
        step=steps,
        debriefed=latest["at"],
        debrief_reason=latest["deciding_reason"].astype(object),
        preparation=latest["preparation"],
        invited=answers["invited_at"],
        answered=answers["answered_at"],
        buyer_reason=answers["deciding_reason"].astype(object),
        reopened=reopened.groupby(backs["deal"]).any().astype(float),
    )


def share(part: pd.Series, whole: pd.Series) -> float:
    """Of the rows in ``whole``, the share in ``part``; NaN where there are none."""
    return float((part & whole).sum() / whole.sum()) if whole.any() else np.nan


def difference(when: pd.Series, of: pd.Series, won: pd.Series) -> float:
    """The win rate with, minus without."""
    return share(won, of & when) - share(won, of & ~when)


def totals(d: Rows, controls: dict[str, str]) -> Found:
    """Win rates, values, cycles, reasons in our control, preparation, answers."""
    lost, value = d["closed"] & ~d["won"], d["value"]
    cycle = (d["closed_at"] - d["opened_at"]) / DAY
    ours = d["seller"].map(controls) == "ours"
    there = d["seller"].notna() & d["buyer_reason"].notna() & lost
    accounts = value[d["won"] & (value > 0)].groupby(d["account"], observed=True).sum()
    return {
        "win_rate": share(d["won"], d["closed"]),
        "win_rate_by_value": value[d["won"]].sum() / value[d["closed"]].sum(),
        "no_decision_share": share(d["outcome"] == "no_decision", lost),
        "cycle_won_days": cycle[d["won"]].median(),
        "cycle_lost_days": cycle[lost].median(),
        "value_won": value[d["won"]].sum(),
        "value_lost": value[lost].sum(),
        "median_deal_value": value[d["closed"]].median(),
        "lost_in_our_control": value[lost & ours].sum() / value[lost].sum(),
        "lost_in_our_control_deals": share(ours, lost),
        "preparation_won": d.loc[d["won"], "preparation"].mean(),
        "preparation_lost": d.loc[lost, "preparation"].mean(),
        "debriefed": share(d["debriefed"].notna(), d["closed"]),
        "answer_rate": share(d["answered"].notna(), d["closed"] & d["invited"].notna()),
        "agreement": share(d["seller"] == d["buyer_reason"], there),
        "won_back_share": d.loc[lost, "reopened"].mean(),
        "effective_accounts": accounts.sum() ** 2 / (accounts**2).sum(),
    }


def behaviours(d: Rows) -> Found:
    """Replies, missed calls, promises, second contacts, next steps, against the outcome at their landmarks."""
    lost, won, closed = d["closed"] & ~d["won"], d["won"], d["closed"]
    spoken, age = closed & d["talked"], d["closed_at"] - d["opened_at"]
    reply = (d["reply"] / HOUR).fillna(np.inf)
    asked, quick = spoken & (age - d["enquired"] > DAY), reply <= 24
    week, second = spoken & (age > 7 * DAY), d["second"] <= 7 * DAY
    missed, due = week & (d["missed"] <= 6 * DAY), closed & (age > 14 * DAY) & (d["first_due"] <= 14 * DAY)
    returned = d.loc[closed, "returned"].sum()
    step = (d["step"] - d["opened_at"]).clip(lower=0) <= 7 * DAY
    return {
        "first_reply_hours_won": reply[spoken & won].median(),
        "first_reply_hours_lost": reply[spoken & lost].median(),
        "replied_24h": share(quick, asked),
        "replied_24h_difference": difference(quick, asked, won),
        "missed_returned": returned / (returned + d.loc[closed, "unreturned"].sum()),
        "missed_returned_difference": difference(~(d["left"] <= 7 * DAY), missed, won),
        "promises_kept": d.loc[closed, "kept"].sum() / d.loc[closed, "due"].sum(),
        "promises_kept_difference": difference(~(d["broken"] <= 14 * DAY), due, won),
        "second_contact_7d": share(second, week),
        "second_contact_7d_difference": difference(second, week, won),
        "next_step_7d_difference": difference(step, closed & (age > 7 * DAY), won),
    }


def groups(d: Rows, dimensions: dict[str, str], zone: str, horizon: int) -> Found:
    """Win rates by every dimension, quarter and cohort, and losses by reason."""
    closed = d[d["closed"]]
    quarters = {at: local_quarter(closed[f"{at}_at"], zone) for at in ("closed", "opened")}
    found: Found = {}
    columns = {name: closed[column] for name, column in dimensions.items()} | {"closed_quarter": quarters["closed"]}
    for name, column in columns.items():
        rates = closed["won"].groupby(column.astype(object).fillna("(not recorded)")).mean()
        found |= {f"win_rate {name} {text(level)}": rate for level, rate in rates.items() if 1 < len(rates) <= 50}
    cycle = ((closed["closed_at"] - closed["opened_at"]) / DAY).quantile(0.9)
    for level, rate in closed["won"].groupby(quarters["opened"]).mean().items():
        ends = (pd.Period(str(level), "Q").end_time + pd.Timedelta(1, "ns")).tz_localize(zone).value // 1000
        found[f"cohort {level}"] = rate if ends + cycle * DAY <= horizon else None
    reasons = closed.loc[~closed["won"], "seller"].fillna("(not recorded)").value_counts()
    return found | {f"reason {reason}": float(count) for reason, count in reasons.items()}


def text(level: object) -> str:
    """A level as it is shown."""
    return str(level).lower() if isinstance(level, bool) else str(level)


def local_quarter(moments: pd.Series, zone: str) -> pd.Series:
    """Quarters of the workspace's calendar as ``2026-Q1``."""
    local = pd.to_datetime(moments, unit="us", utc=True).dt.tz_convert(zone)
    return local.dt.year.astype(str) + "-Q" + local.dt.quarter.astype(str)


def funnel(folder: Path, d: Rows, labels: list[str]) -> Found:
    """How many closed deals entered each stage, and how long they waited in it (median days)."""
    rows = read(folder, "stage_changes", "deal", "stage", "entered_at")
    closed = d[d["closed"]]
    rows = rows[rows["deal"].isin(closed.index)]
    entered = rows.groupby(["deal", "stage"], observed=True)["entered_at"].min().unstack().reindex(closed.index)
    found: Found = {}
    for place, label in enumerate(labels):
        later = entered[labels[place + 1 :]].min(axis=1).fillna(closed["closed_at"])
        waited = (later - entered[label]) / DAY
        found[f"entered {label}"] = float(entered[label].notna().sum())
        found[f"waited {label}"] = waited[waited >= 0].median()
    return found


def won_back_value(folder: Path, everything: Rows, d: Rows) -> float:
    """The value of won deals that reopened one of the losses."""
    lost = d[d["closed"] & ~d["won"]]
    backs = read(folder, "win_backs", "deal", "asked_at", "new_deal_id")
    named = backs.loc[backs["deal"].isin(lost.index) & backs["asked_at"].notna(), "new_deal_id"].dropna()
    won = everything[everything["won"]]
    back = won["deal_id"].isin(named.astype(object)) | won["reopened_from"].isin(lost["deal_id"].astype(object))
    return float(won.loc[back, "value"].sum())


def main(folder: Path, field: str, value: str) -> Found:
    """Every figure for the deals whose ``field`` is ``value``."""
    meta = json.loads((folder / "history.json").read_text())
    horizon = pd.Timestamp(meta["frozen_at"]).value // 1000
    apart = ("owner", "account", "name", "currency", "lost_to", "loss_reason")
    kinds = ("category", "flag")
    dimensions = {f["name"]: f["column"] for f in meta["fields"] if f["kind"] in kinds and f["name"] not in apart}
    everything = read_deals(folder, meta, dimensions)
    deals = everything[everything[field] == value]
    deals = deals.join(talk(folder, deals, horizon)).join(promises(folder, deals, horizon)).join(record(folder, deals))
    deals["seller"] = deals["debrief_reason"].fillna(deals["loss_reason"].astype(object))
    labels = [stage["label"] for stage in meta["stages"]]
    return (
        totals(deals, {reason["text"]: reason["control"] for reason in meta["reasons"]})
        | behaviours(deals)
        | groups(deals, dimensions, meta["timezone"], horizon)
        | funnel(folder, deals, labels)
        | {"won_back_value": won_back_value(folder, everything, deals)}
    )


with work():
    made = main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
say({name: None if value is None or pd.isna(value) else float(value) for name, value in made.items()})
