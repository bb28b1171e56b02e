"""The simulated company: what it sells, to whom, and what is planted in its history."""

from dataclasses import dataclass, field
from datetime import date

from notyet.simulator.shares import Shares

PERSONAS: Shares = (
    ("Maintenance manager", 0.30),
    ("Plant manager", 0.20),
    ("IT generalist", 0.21),
    ("Head of operations", 0.16),
    ("Purchasing", 0.13),
)
SOURCES: Shares = (
    ("Website", 0.29),
    ("Paid search", 0.21),
    ("Trade fair", 0.17),
    ("Referral", 0.16),
    ("Partner", 0.10),
    ("Outbound", 0.07),
)
PRODUCTS: Shares = (
    ("Condition monitoring", 0.38),
    ("Remote expert", 0.10),
    ("Spare parts planning", 0.29),
    ("Maintenance audit", 0.23),
)
COMPETITORS: Shares = (
    ("None", 0.44),
    ("Halvorn", 0.19),
    ("Mantico", 0.16),
    ("Uptimera", 0.12),
    ("In-house team", 0.09),
)
CAMPAIGNS: Shares = (
    ("Spring shutdown", 0.24),
    ("Energy week", 0.21),
    ("Webinar series", 0.19),
    ("Always on", 0.26),
    ("Old customers", 0.10),
)
MESSAGES: Shares = (
    ("Fewer stops", 0.31),
    ("Lower cost", 0.25),
    ("Safer work", 0.20),
    ("One number to call", 0.24),
)
REGIONS: Shares = (("DACH", 0.48), ("Benelux", 0.17), ("Nordics", 0.13), ("Iberia", 0.10), ("Italy", 0.12))
INDUSTRIES: Shares = (
    ("Food and drink", 0.22),
    ("Chemicals", 0.15),
    ("Metal", 0.19),
    ("Paper and packaging", 0.14),
    ("Logistics", 0.18),
    ("Water and energy", 0.12),
)
LANGUAGES: Shares = (("German", 0.55), ("English", 0.30), ("French", 0.15))
SEGMENTS = ("Small", "Mid-market", "Large")
TERMS: Shares = (("12", 0.42), ("24", 0.28), ("36", 0.22), ("48", 0.08))
CURRENCIES: Shares = (("EUR", 0.93), ("CHF", 0.05), ("USD", 0.02))
RATES: dict[str, float] = {"EUR": 1.0, "CHF": 1.05, "USD": 0.92}
TEAMS = ("Rhine", "Elbe", "Danube")
STAGES = (
    ("Enquiry", "enquiry"),
    ("Discovery", "discovery"),
    ("Need agreed", "need"),
    ("Proposal", "proposal"),
    ("Order placed", "order"),
    ("Paid", "paid"),
)

HARD_PERSONA = "IT generalist"
HARD_COMPETITOR = "Halvorn"
GOOD_SOURCE = "Referral"
DRAWN_PRODUCT = "Remote expert"
DRAWN_SOURCE = "Paid search"


@dataclass(frozen=True)
class Plan:
    """What is planted. Effects are in log-odds of winning; zero plants nothing.

    ``trend`` is added little by little over the whole history. ``owners`` and ``accounts`` are standard
    deviations. ``product_pull`` and ``search_pull`` are the shares of the hard persona drawn to one product
    and to one source, which have no effect of their own. ``won_days`` and ``lost_days`` are the median days
    that a deal lives beyond day 18; the quarter ends' are the shares of closes moved into the last week.
    """

    fast_reply: float = 0.60
    second_contact: float = 0.48
    broken_promise: float = -0.75
    persona: float = -0.85
    competitor: float = -0.62
    source: float = 0.50
    new_process: float = 0.42
    trend: float = 0.50
    summer: float = -0.15
    owners: float = 0.25
    accounts: float = 0.30
    product_pull: float = 0.62
    search_pull: float = 0.25
    won_days: float = 62.0
    lost_days: float = 33.0
    quarter_end_won: float = 0.50
    quarter_end_lost: float = 0.12
    after_the_close: bool = True
    """Columns that tell the outcome, reasons filed under price, answers that depend on the reason."""


NOTHING = Plan(
    fast_reply=0.0,
    second_contact=0.0,
    broken_promise=0.0,
    persona=0.0,
    competitor=0.0,
    source=0.0,
    new_process=0.0,
    trend=0.0,
    summer=0.0,
    owners=0.0,
    accounts=0.0,
    product_pull=0.0,
    search_pull=0.0,
    won_days=42.0,
    lost_days=42.0,
    quarter_end_won=0.25,
    quarter_end_lost=0.25,
    after_the_close=False,
)
"""The plan of a null history: the outcome is a coin that nothing known before the close can tell."""


@dataclass(frozen=True)
class Company:
    """A company whose history is simulated.

    ``until`` is the day (UTC) up to which the history is known, where the caller names none.
    ``win_rate`` is the mean chance of an order; ``conversations`` the mean number of them in a closed
    deal (at least 4); ``owners`` the number of sellers, spread evenly over three teams.
    """

    name: str = "Brannholt Uptime"
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    years: int = 3
    until: date = date(2026, 1, 1)
    win_rate: float = 0.32
    conversations: float = 8.0
    deals_per_account: float = 1.6
    owners: int = 12
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        """Refuse parameters that no history can have. Raises ``ValueError``."""
        if not 0 < self.win_rate < 1:
            raise ValueError(f"win_rate {self.win_rate} is not between 0 and 1")
        if self.conversations < 4:
            raise ValueError(f"conversations {self.conversations} is below 4, the fewest a deal has")
        if self.years < 1 or self.owners < len(TEAMS) or self.deals_per_account <= 0:
            raise ValueError("years, owners and deals_per_account need at least 1, 3 and more than 0")
