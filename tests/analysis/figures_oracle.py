"""Figures by plain Python over the rows of a history: another route than the product's."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import mean, median
from typing import Any

from tests.analysis.written import REASONS, Row

CONTROL = {entry.text: entry.control for entry in REASONS}
LOST = ("lost", "no_decision")


class Closed:
    """The closed deals of a history with whole times, and what was said and done about each."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        """``tables`` as they are written; won deals without a payment are pending."""
        pending = [row for row in tables["deals"] if row["outcome"] == "won" and row["paid_at"] is None]
        closed = [row for row in tables["deals"] if row["outcome"] in ("won", *LOST) and row not in pending]
        self.rows, self.tables = closed, tables
        self.won = [row for row in closed if row["outcome"] == "won"]
        self.lost = [row for row in closed if row["outcome"] in LOST]

    def of(self, name: str, row: Row) -> list[Row]:
        """The rows of another table that belong to a deal."""
        return [one for one in self.tables.get(name, []) if one["deal"] == row["deal"]]

    def talks(self, row: Row) -> list[Row]:
        """The deal's talks, by time."""
        found = [t for t in self.of("conversations", row) if not t["missed"] and t["at"] <= row["closed_at"]]
        return sorted(found, key=lambda talk: talk["at"])

    def reply(self, row: Row) -> float | None:
        """Hours from the opening to the first reply; in these histories sellers speak first."""
        out = [t["at"] for t in self.talks(row) if t["direction"] == "out"]
        return (out[0] - row["opened_at"]) / timedelta(hours=1) if out else None

    def second(self, row: Row) -> bool:
        """Whether a second contact took part within a week."""
        week = row["opened_at"] + timedelta(days=7)
        return len({t["contact"] for t in self.talks(row) if t["at"] <= week}) > 1

    def promises(self, row: Row) -> tuple[int, int]:
        """Promises kept and due."""
        due = [p for p in self.of("promises", row) if p["due_at"] <= row["closed_at"]]
        return sum(p["kept_at"] is not None and p["kept_at"] <= p["due_at"] for p in due), len(due)

    def figures(self) -> dict[str, tuple[float | None, int]]:
        """Each figure's value and n."""
        values = [row["value"] for row in self.rows if row["value"] is not None]
        spoken = [row for row in self.rows if self.talks(row)]
        open_a_day = [row for row in spoken if row["closed_at"] - row["opened_at"] > timedelta(days=1)]
        open_a_week = [row for row in spoken if row["closed_at"] - row["opened_at"] > timedelta(days=7)]
        kept = [self.promises(row) for row in self.rows]
        invited = [row for row in self.rows if self.of("buyer_answers", row)]
        return {
            "win_rate": _share(self.won, self.rows),
            "win_rate_by_value": (_money(self.won) / _money(self.rows), len(values)),
            "no_decision_share": _share([r for r in self.lost if r["outcome"] == "no_decision"], self.lost),
            "cycle_won_days": _median((r["closed_at"] - r["opened_at"]) / timedelta(days=1) for r in self.won),
            "cycle_lost_days": _median((r["closed_at"] - r["opened_at"]) / timedelta(days=1) for r in self.lost),
            "value_won": (_money(self.won), sum(r["value"] is not None for r in self.won)),
            "value_lost": (_money(self.lost), sum(r["value"] is not None for r in self.lost)),
            "median_deal_value": _median(values),
            "lost_in_our_control": (
                _money([r for r in self.lost if CONTROL.get(r["loss_reason"]) == "ours"]) / _money(self.lost),
                sum(r["value"] is not None for r in self.lost),
            ),
            "lost_in_our_control_deals": _share(
                [r for r in self.lost if CONTROL.get(r["loss_reason"]) == "ours"], self.lost
            ),
            "replied_24h": _share([r for r in open_a_day if _within(self.reply(r), 24)], open_a_day),
            "replied_24h_difference": self._difference(open_a_day, [_within(self.reply(r), 24) for r in open_a_day]),
            "second_contact_7d": _share([r for r in open_a_week if self.second(r)], open_a_week),
            "second_contact_7d_difference": self._difference(open_a_week, [self.second(r) for r in open_a_week]),
            "promises_kept": (sum(k for k, _ in kept) / sum(d for _, d in kept), sum(d > 0 for _, d in kept)),
            "first_reply_hours_won": _median_or_never([self.reply(r) for r in self.won if self.talks(r)]),
            "first_reply_hours_lost": _median_or_never([self.reply(r) for r in self.lost if self.talks(r)]),
            "preparation_won": self._prepared(self.won),
            "preparation_lost": self._prepared(self.lost),
            "debriefed": _share([r for r in self.rows if self.of("debriefs", r)], self.rows),
            "answer_rate": _share([r for r in invited if self.of("buyer_answers", r)[0]["answered_at"]], invited),
        }

    def _prepared(self, rows: list[Row]) -> tuple[float, int]:
        found = [debrief["preparation"] for row in rows for debrief in self.of("debriefs", row)]
        return mean(found), len(found)

    def _difference(self, rows: list[Row], told: list[bool]) -> tuple[float, int]:
        rates = [
            mean(row["outcome"] == "won" for row, one in zip(rows, told, strict=True) if one is side)
            for side in (True, False)
        ]
        return rates[0] - rates[1], len(rows)


def _share(part: list[Row], whole: list[Row]) -> tuple[float, int]:
    return len(part) / len(whole), len(whole)


def _money(rows: list[Row]) -> float:
    return float(sum(row["value"] or 0 for row in rows))


def _median(values: Iterable[Any]) -> tuple[float, int]:
    found = list(values)
    return median(found), len(found)


def _median_or_never(values: list[float | None]) -> tuple[float | None, int]:
    found = median(float("inf") if value is None else value for value in values)
    return (None if found == float("inf") else found), len(values)


def _within(hours: float | None, most: float) -> bool:
    return hours is not None and hours <= most
