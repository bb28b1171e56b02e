"""The facts of a deal by plain Python, one deal at a time: slow, and reached by another route than the product's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from notyet.analysis.meta import Meta
from notyet.analysis.tables import TABLES

Row = Mapping[str, Any]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


class Oracle:
    """Facts of the deals of a history that is given as rows."""

    def __init__(self, tables: Mapping[str, list[dict[str, Any]]], meta: Meta, as_of: datetime | None = None) -> None:
        """``as_of``: as known then."""
        self.tables, self.meta, self.as_of = tables, meta, as_of
        self.horizon = as_of or meta.frozen_at
        self.zone = ZoneInfo(meta.timezone)

    def facts(self) -> dict[int, dict[str, Any]]:
        """The facts by deal."""
        return {row["deal"]: self._deal(row) for row in self.tables["deals"] if self._seen(row.get("opened_at"))}

    def _seen(self, moment: datetime | None) -> bool:
        return self.as_of is None or moment is None or moment <= self.as_of

    def _rows(self, name: str, deal: int) -> list[dict[str, Any]]:
        return [row for row in self.tables.get(name, []) if row["deal"] == deal]

    def _plain(self, name: str, row: Row, column: str) -> bool:
        return bool(row.get("plain_dates", 0) >> TABLES[name].times.index(column) & 1)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def _end(self, name: str, row: Row, column: str) -> datetime | None:
        moment = row.get(column)
        if moment is None or not self._plain(name, row, column):
            return moment
        tomorrow = self._local(moment).date() + DAY
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.zone).astimezone(UTC) - TICK

    def _deal(self, row: dict[str, Any]) -> dict[str, Any]:
        row = dict(row)
        if row.get("closed_at") is not None and not self._seen(row["closed_at"]):
            row |= {"closed_at": None, "ordered_at": None, "outcome": "open", "loss_reason": None, "lost_to": None}
        if row.get("paid_at") is not None and not self._seen(row["paid_at"]):
            row["paid_at"] = None
        closed = self._end("deals", row, "closed_at")
        self.end = closed or self.horizon
        self.opened = row.get("opened_at")
        return {
            "outcome": self._outcome(row, closed),
            "cycle_days": self._cycle(row),
            **self._talks(row["deal"]),
            **self._promises(row["deal"]),
            **self._said(row),
            **self._stages(row["deal"]),
            "next_step_hours": self._next_step(row["deal"]),
            **self._opening_values(row),
        }

    def _outcome(self, row: Row, closed: datetime | None) -> str:
        known = {source.key: source.payments_from for source in self.meta.sources}
        since = known.get(row["data_source"])
        if row["outcome"] == "won" and row.get("paid_at") is None and since and closed and closed >= since:
            return "ordered_unpaid"
        return str(row["outcome"])

    def _cycle(self, row: Row) -> float | None:
        if self.opened is None or row.get("closed_at") is None:
            return None
        if self._plain("deals", row, "opened_at") or self._plain("deals", row, "closed_at"):
            return float((self._local(row["closed_at"]).date() - self._local(self.opened).date()).days)
        return (row["closed_at"] - self.opened) / DAY

    def _hours(self, moment: datetime | None) -> float | None:
        return None if moment is None or self.opened is None else (moment - self.opened) / HOUR

    def _when(self, talk: Row) -> datetime:
        at: datetime = talk["at"]
        if self.opened is not None and self._plain("conversations", talk, "at") and at <= self.opened < at + DAY:
            return self.opened
        return at

    def _talks(self, deal: int) -> dict[str, Any]:
        rows = [talk for talk in self._rows("conversations", deal) if talk["at"] <= self.end]
        talks = [talk for talk in rows if talk.get("channel") != "note" and not talk.get("missed")]
        missed = [t for t in rows if t.get("missed") and t.get("direction") == "in" and t.get("channel") != "note"]
        found: dict[str, Any] = {"conversations": len(talks), "missed_calls": len(missed)}
        found |= self._replies(rows, talks)
        met = [self._when(t) for t in talks if t.get("channel") == "meeting"]
        if self.opened is not None:
            after = [self._when(t) for t in talks if self._when(t) >= self.opened]
            found["conversations_7d"] = sum(at <= self.opened + 7 * DAY for at in after)
            found["conversations_14d"] = sum(at <= self.opened + 14 * DAY for at in after)
            found["first_meeting_hours"] = self._hours(min((at for at in met if at >= self.opened), default=None))
        found["second_contact_hours"] = self._second(talks)
        return found | self._missed(missed, [t for t in talks if t.get("direction") == "out"])

    def _replies(self, rows: list[Row], talks: list[Row]) -> dict[str, Any]:
        if self.opened is None:
            return {"first_reply_hours": None}
        near = self.opened - DAY
        came = [self._when(t) for t in rows if t.get("direction") == "in" and t.get("channel") != "note"]
        went = sorted(self._when(t) for t in talks if t.get("direction") == "out")
        first_in = min((at for at in came if at >= near), default=None)
        first_out = min((at for at in went if at >= near), default=None)
        enquiry = first_in if first_in and (first_out is None or first_in < first_out) else self.opened
        reply = next((at for at in went if at >= enquiry), None)
        return {"enquiry_at": enquiry, "first_reply_hours": None if reply is None else (reply - enquiry) / HOUR}

    def _second(self, talks: list[Row]) -> float | None:
        first: dict[str, datetime] = {}
        for talk in sorted((t for t in talks if t.get("contact")), key=lambda t: t["at"]):
            first.setdefault(talk["contact"], talk["at"])
        hours = self._hours(sorted(first.values())[1] if len(first) > 1 else None)
        return None if hours is None else max(hours, 0.0)

    def _missed(self, missed: list[Row], went: list[Row]) -> dict[str, Any]:
        took: list[timedelta] = []
        unreturned: list[datetime] = []
        returned = 0
        for call in missed:
            later = [t["at"] for t in went if t["at"] > call["at"] or (t["at"] == call["at"] and self._days(t, call))]
            wait = min(later) - call["at"] if later else None
            if wait is not None:
                took.append(wait)
            if wait is not None and wait <= DAY:
                returned += 1
            elif call["at"] + DAY <= self.end:
                unreturned.append(call["at"] + DAY)
        return {
            "missed_returned": returned,
            "missed_unreturned": len(unreturned),
            "first_missed_hours": self._hours(min((call["at"] for call in missed), default=None)),
            "first_unreturned_hours": self._hours(min(unreturned, default=None)),
            "return_hours_median": median(wait / HOUR for wait in took) if took else None,
        }

    def _days(self, *talks: Row) -> bool:
        return all(self._plain("conversations", talk, "at") for talk in talks)

    def _promises(self, deal: int) -> dict[str, Any]:
        made = [p for p in self._rows("promises", deal) if p.get("made_at") is None or p["made_at"] <= self.horizon]
        dues = [(p, due) for p in made if (due := self._end("promises", p, "due_at")) and due <= self.end]

        def kept(promise: Row, due: datetime) -> bool:
            at = promise.get("kept_at")
            return at is not None and at <= due and at <= self.horizon

        broken = [due for promise, due in dues if not kept(promise, due)]
        return {
            "promises": len(made),
            "promises_due": len(dues),
            "promises_kept": len(dues) - len(broken),
            "first_promise_due_hours": self._hours(min((due for _, due in dues), default=None)),
            "first_broken_hours": self._hours(min(broken, default=None)),
        }

    def _said(self, row: Row) -> dict[str, Any]:
        debriefs = [d for d in self._rows("debriefs", row["deal"]) if d.get("at") is None or d["at"] <= self.horizon]
        debriefs.sort(key=lambda d: d.get("at") or datetime(1970, 1, 1, tzinfo=UTC))
        reasons = [d["deciding_reason"] for d in debriefs if d.get("deciding_reason")]
        prepared = [d["preparation"] for d in debriefs if d.get("preparation") is not None]
        answers = [a for a in self._rows("buyer_answers", row["deal"]) if self._known(a.get("invited_at"))]
        answered = sorted((a for a in answers if self._known(a.get("answered_at"))), key=lambda a: a["answered_at"])
        told = [a["deciding_reason"] for a in answered if a.get("deciding_reason")]
        decided = reasons[-1] if reasons and row["outcome"] != "open" else None
        return {
            "seller_reason": decided or row.get("loss_reason"),
            "preparation": prepared[-1] if prepared else None,
            "debriefs": len(debriefs),
            "debriefed_at": min((d["at"] for d in debriefs if d.get("at")), default=None),
            "invited_at": min((a["invited_at"] for a in answers), default=None),
            "answered_at": answered[-1]["answered_at"] if answered else None,
            "buyer_reason": told[-1] if told else None,
            "signed": bool(answered[-1].get("signed")) if answered else None,
        }

    def _known(self, moment: datetime | None) -> bool:
        return moment is not None and moment <= self.horizon

    def _stages(self, deal: int) -> dict[str, Any]:
        rows = [s for s in self._rows("stage_changes", deal) if s["entered_at"] <= self.horizon]
        worked = [stage.label for stage in self.meta.stages if stage.kind != "lost"]
        first = {
            label: min(s["entered_at"] for s in rows if s["stage"] == label) for label in {s["stage"] for s in rows}
        }
        entered = [label for label in worked if label in first]
        last = max(entered, key=lambda label: (first[label], worked.index(label)), default=None)
        return {"stages_entered": len(entered), "last_stage": last}

    def _next_step(self, deal: int) -> float | None:
        dues = [step["due_at"] for step in self._rows("next_steps", deal) if step.get("due_at")]
        hours = self._hours(min(dues, default=None))
        return None if hours is None else max(hours, 0.0)

    def _opening_values(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {}
        limit = self._end("deals", row, "opened_at")
        for field in self.meta.fields:
            if not field.changes:
                continue
            changes = sorted((c for c in self._rows("field_changes", row["deal"]) if c["field"] == field.name), key=_at)
            known = [c for c in changes if limit is not None and c["at"] <= limit]
            if changes:
                found[field.column] = known[-1]["value"] if known else None
            else:
                found[field.column] = row.get(field.column)
        return found


def _at(row: Row) -> datetime:
    moment: datetime = row["at"]
    return moment


def ascending(values: list[datetime]) -> bool:
    """Whether moments follow each other without a tie."""
    return all(one < two for one, two in pairwise(values))
