"""The names by which the CRMs that people have call the columns of a deal, the likeliest first."""

from notyet.exchange import aliases_abroad as abroad

_ENGLISH: dict[str, tuple[str, ...]] = {
    "deal_id": (
        "deal id", "opportunity id", "opportunity number", "opportunity no", "opp id", "prospect id", "lead id",
        "record id", "record id 18", "case id", "external id", "id", "deal key", "deal number", "lead number",
        "opportunity key", "reference", "uuid", "guid", "opportunity",
    ),
    "account": (
        "account", "account name", "company", "company name", "organization", "organisation", "organization name",
        "organisation name", "customer", "customer name", "client", "client name", "associated company",
        "primary associated company", "primary company", "potential customer", "contact company", "account id",
    ),
    "name": (
        "deal name", "opportunity name", "dealname", "title", "deal title", "topic", "name", "subject", "opportunity",
        "lead name",
    ),
    "owner": (
        "owner", "deal owner", "opportunity owner", "owner name", "owner full name", "sales agent", "sales rep",
        "salesperson", "sales person", "sales representative", "rep", "rep name", "assigned to", "account executive",
        "seller", "lead owner", "responsible", "owner id", "hubspot owner id", "user id",
    ),
    "team": ("team", "sales team", "owner team", "hubspot team", "owning team", "sales group"),
    "amount": (
        "amount", "deal value", "deal amount", "close value", "opportunity amount", "actual revenue", "actual value",
        "value", "won value", "total value", "contract value", "total contract value", "tcv", "acv", "expected revenue",
        "est revenue", "estimated revenue", "estimated value", "revenue", "price",
    ),
    "currency": (
        "currency", "currency code", "currency iso code", "deal currency", "deal currency code", "iso currency code",
        "transaction currency",
    ),
    "contract_term_months": (
        "contract term months", "contract term", "term months", "contract length months", "contract length",
        "contract months",
    ),
    "source": (
        "lead source", "source", "original source", "original source type", "deal source", "source origin",
        "opportunity source", "utm source", "leadsource", "analytics source",
    ),
    "campaign": (
        "campaign", "campaign name", "primary campaign source", "utm campaign", "source campaign", "campaign id",
    ),
    "message": ("message", "messaging", "value message"),
    "persona": ("persona", "buyer persona", "buyer role", "contact persona", "role of buyer"),
    "segment": ("segment", "customer segment", "market segment"),
    "region": ("region", "sales region", "territory", "sales territory"),
    "product": ("product", "product name", "products", "product of interest"),
    "competitor": (
        "competitor", "competitors", "main competitor", "main competitor s", "primary competitor", "competitor name",
    ),
    "opened_at": (
        "opened at", "created date", "create date", "createdate", "created at", "created on", "date created", "created",
        "creation date", "deal created", "deal created on", "add time", "opened", "open date", "date opened",
        "opening date", "engage date", "opportunity created", "created time", "start date", "inquiry date",
        "enquiry date",
    ),
    "closed_at": (
        "closed at", "actual close date", "actual closing date", "closed date", "date closed", "closed on",
        "deal closed on", "close time", "close date", "closedate", "closing date", "won lost date", "decision date",
        "end date",
    ),
    "lost_to": ("lost to", "lost to competitor", "winning competitor", "won by"),
    "ordered_at": ("ordered at", "order date", "date ordered", "purchase order date"),
    "paid_at": ("paid at", "paid on", "payment date", "date paid", "paid date", "payment received"),
    "loss_reason": (
        "loss reason", "lost reason", "closed lost reason", "reason lost", "reason for loss", "lost reason detail",
        "reason for losing", "win loss reason", "closed reason", "lost reasons", "loss reasons", "churn reason",
        "cancellation reason",
    ),
}  # fmt: skip


def _likeliest_first(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """A name before the id of what it names, in whatever language."""
    every = tuple(dict.fromkeys((*names, *abroad.spelt(abroad.COLUMNS.get(name, ())))))
    return every if name == "deal_id" else tuple(sorted(every, key=lambda one: one.endswith(" id")))


ALIASES = {name: _likeliest_first(name, names) for name, names in _ENGLISH.items()}

HOPED_FOR = ("close date", "closedate", "closing date", *abroad.spelt(abroad.HOPED_FOR))
"""Close dates that CRMs also fill for open deals: the day that the seller hopes for."""

OUTCOME_HEADERS = (
    "outcome", "result", "opportunity result", "deal result", "win loss", "won lost", "win loss status", "status",
    "deal status", "opportunity status", "lead status", "state", "disposition", "final status",
    *abroad.spelt(abroad.OUTCOMES),
)  # fmt: skip
STAGE_HEADERS = (
    "deal stage", "stage", "stage name", "opportunity stage", "sales stage", "dealstage", "pipeline stage", "phase",
    "deal pipeline stage", "deal pipeline stage label", *abroad.spelt(abroad.STAGES),
)  # fmt: skip
WON_FLAGS = (
    "is won",
    "won",
    "is closed won",
    "closed won",
    "hs is closed won",
    "converted",
    "is converted",
    "win",
    "success",
    *abroad.spelt(abroad.WON),
)
CLOSED_FLAGS = ("is closed", "closed", "is closed count", "is deal closed", *abroad.spelt(abroad.CLOSED))
ACTIVE_FLAGS = ("active", "is active")
LOST_FLAGS = ("churn", "churned", "churn label", "is churned", "churn value", "churn flag", "attrition", "exited")
"""Flags of customers that left. Whether one who stayed counts as won is for a person to say."""
