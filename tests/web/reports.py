"""A report made by hand, with something in every panel."""

from datetime import UTC, date, datetime

from notyet.analysis.results import (
    Agreement,
    ConfusionCell,
    DealCounts,
    Driver,
    Figure,
    Funnel,
    FunnelStage,
    Hides,
    LeavingCell,
    ReasonRow,
    ReasonSide,
    Report,
    SelectionShown,
)
from notyet.analysis.results import Warning as ReportWarning


def share(key: str, label: str, value: float, n: int, **by: str) -> Figure:
    """A share with a rough interval."""
    return Figure(key, label, "share", value, max(value - 0.05, 0), value + 0.05, n, by, count=round(value * n))


def withheld(key: str, label: str, n: int, **by: str) -> Figure:
    """A figure that too few deals stand behind."""
    return Figure(key, label, "share", None, None, None, n, by, withheld="below_five")


def driver(name: str, control: str, effect: float, field: str, level: str | None = None) -> Driver:
    """A driver with an interval of ten points."""
    low, high = effect - 0.05, effect + 0.05
    return Driver(
        name,
        control,  # type: ignore[arg-type]
        effect,
        low,
        high,
        0.01,
        612,
        1.9e6,
        "at the opening",
        field,
        level,
        1 if effect > 0 else -1,
        f"{name} goes with winning",
        1e6,
        2.8e6,
    )


def reason(text: str, label: str, control: str, deals: int, buyer: int | None) -> ReasonRow:
    """A reason; the buyers' side is withheld where ``buyer`` is ``None``."""
    said = (
        ReasonSide(None, None, "below_five")
        if buyer is None
        else ReasonSide(buyer, buyer * 9e3, None, 0.1, 0.05, 0.15, buyer * 3.0, buyer * 3 * 1e4)
    )
    return ReasonRow(text, label, control, ReasonSide(deals, deals * 1e4), said)  # type: ignore[arg-type]


REASONS = (
    reason("Price too high", "Price above value", "shared", 400, 20),
    reason("too pricey", "Price above value", "shared", 10, None),
    reason("No follow-up", "Slow follow-up", "ours", 120, 60),
    reason("Timing", "Bad timing", "theirs", 90, 12),
    reason("weird", "weird", "unknown", 4, None),
)

REPORT = Report(
    as_of=datetime(2026, 1, 31, tzinfo=UTC),
    workspace="Acme",
    currency="EUR",
    selection=SelectionShown(date(2025, 1, 1), date(2025, 12, 31)),
    deals=DealCounts(1284, 403, 800, 81, 12, 9, 70, datetime(2024, 3, 1, tzinfo=UTC)),
    figures=(
        share("win_rate", "Win rate, paid orders only", 0.314, 1284),
        Figure("cycle_days", "Days from opening to close", "days", 42.0, 40.0, 45.0, 1284),
        share("promises_kept", "Promises kept", 0.81, 940),
        share("lost_in_our_control", "Lost to things in our control", 0.52, 881),
        share("preparation_won", "Preparation, won deals", 0.7, 130),
        Figure("debriefed", "Debriefed", "share", 0.32087, 0.3, 0.35, 1284, count=412),
        Figure("first_reply_hours", "First reply", "hours", 5.5, 4.9, 6.2, 1200, landmark="median"),
        withheld("won_back_value", "Won back", 3),
        share("win_rate", "Win rate", 0.21, 233, persona="IT generalist"),
        share("win_rate", "Win rate", 0.41, 500, persona="Founder"),
        withheld("win_rate", "Win rate", 3, persona="Other"),
        share("win_rate", "Win rate", 0.28, 300, closed_quarter="2025-Q1"),
        share("win_rate", "Win rate", 0.31, 310, closed_quarter="2025-Q2"),
        share("win_rate", "Win rate", 0.35, 320, closed_quarter="2025-Q3"),
    ),
    reasons=REASONS,
    agreement=Agreement(
        0.53,
        0.47,
        0.59,
        0.31,
        274,
        matrix=(
            ConfusionCell("Price above value", "Price above value", 38),
            ConfusionCell("Price above value", "Slow follow-up", 31),
            ConfusionCell("Slow follow-up", "Slow follow-up", 22),
            ConfusionCell("Slow follow-up", "Price above value", None),
        ),
        hides=(Hides("Price above value", "Slow follow-up", 101, 31),),
    ),
    funnel=Funnel(
        (
            FunnelStage("Enquiry", "enquiry", 1284, 1101, 96, 87, 2.0),
            FunnelStage("Discovery", "discovery", 1101, 696, 214, 191, 9.5),
            FunnelStage("Proposal", "proposal", 696, 403, 150, 143, 14.0),
        ),
        worst=(LeavingCell("Discovery", {"source": "paid search", "persona": "IT generalist"}, 200, 120, 0.46),),
    ),
    drivers=(
        driver("First reply within 24 hours", "ours", 0.11, "first_reply_hours"),
        driver("Persona: IT generalist", "shared", -0.13, "persona", "IT generalist"),
    ),
    tested=23,
    warnings=(
        ReportWarning(
            "leak", "Days in process", "“Days in process” speaks of the whole life of a deal.", ("its name",)
        ),
        ReportWarning("small_sample", None, "Only 9 deals of persona Other."),
    ),
)
