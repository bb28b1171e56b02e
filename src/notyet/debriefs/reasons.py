"""The default table of loss reasons: the usual names, and whose each is to change."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class DefaultReason:
    """A reason of the default table, and words by which other systems name it."""

    label: str
    control: str
    wordings: tuple[str, ...] = ()


DEFAULT_REASONS: tuple[DefaultReason, ...] = (
    DefaultReason(
        "Need not uncovered", "ours", ("need not understood", "no discovery", "requirements unclear", "need unclear")
    ),
    DefaultReason(
        "Slow follow-up",
        "ours",
        (
            "follow up",
            "slow response",
            "slow reply",
            "no follow-up",
            "lack of follow up",
            "late reply",
            "responsiveness",
        ),
    ),
    DefaultReason("Promise broken", "ours", ("broken promise", "missed commitment", "missed deadline")),
    DefaultReason(
        "Trust / not understood", "ours", ("trust", "relationship", "poor relationship", "not understood", "no rapport")
    ),
    DefaultReason(
        "Weak proposal or demo",
        "ours",
        ("proposal", "demo", "poor demo", "poor proposal", "presentation", "sales process"),
    ),
    DefaultReason(
        "Wrong people in the room",
        "ours",
        ("wrong contact", "no decision maker", "no access to decision maker", "poor qualification", "single contact"),
    ),
    DefaultReason(
        "Value not shown",
        "ours",
        ("no value", "value unclear", "no roi", "roi", "business case", "poor value proposition"),
    ),
    DefaultReason(
        "Price above value",
        "shared",
        (
            "price",
            "pricing",
            "too expensive",
            "too pricey",
            "cost",
            "costs",
            "price too high",
            "expensive",
            "lost to price",
            "commercials",
        ),
    ),
    DefaultReason(
        "Terms or contract", "shared", ("terms", "contract", "contract terms", "legal", "payment terms", "procurement")
    ),
    DefaultReason(
        "Missing feature",
        "shared",
        (
            "feature",
            "features",
            "missing features",
            "feature gap",
            "functionality",
            "missing functionality",
            "product gap",
            "product fit",
            "lack of features",
        ),
    ),
    DefaultReason(
        "Integration missing",
        "shared",
        ("integration", "integrations", "no integration", "technical fit", "compatibility"),
    ),
    DefaultReason(
        "Not our buyer",
        "shared",
        (
            "bad fit",
            "poor fit",
            "no fit",
            "not a fit",
            "fit",
            "not qualified",
            "unqualified",
            "wrong customer",
            "out of scope",
        ),
    ),
    DefaultReason(
        "Support let us down", "shared", ("support", "service", "poor support", "customer service", "service quality")
    ),
    DefaultReason(
        "Implementation risk",
        "shared",
        ("implementation", "onboarding", "complexity", "too complex", "delivery time", "lead time", "availability"),
    ),
    DefaultReason(
        "References missing",
        "shared",
        ("references", "no references", "reputation", "brand", "credibility", "security review"),
    ),
    DefaultReason(
        "Competitor offer",
        "theirs",
        (
            "competitor",
            "competition",
            "lost to competitor",
            "competitor won",
            "went with competitor",
            "chose competitor",
        ),
    ),
    DefaultReason(
        "Incumbent kept",
        "theirs",
        (
            "incumbent",
            "stayed with incumbent",
            "existing supplier",
            "status quo",
            "kept current supplier",
            "current vendor",
        ),
    ),
    DefaultReason("Built in-house", "theirs", ("in-house", "internal solution", "built internally", "diy", "in house")),
    DefaultReason(
        "Budget frozen",
        "theirs",
        ("budget", "no budget", "lack of budget", "budget cut", "lack of funds", "funding", "no money"),
    ),
    DefaultReason(
        "Project stopped",
        "theirs",
        (
            "project cancelled",
            "project canceled",
            "cancelled",
            "canceled",
            "project on hold",
            "on hold",
            "postponed",
            "deprioritised",
            "deprioritized",
        ),
    ),
    DefaultReason("Champion left", "theirs", ("contact left", "sponsor left", "champion gone", "change of contact")),
    DefaultReason(
        "Bad timing", "theirs", ("timing", "timeline", "not now", "too early", "wrong time", "not ready", "timeframe")
    ),
    DefaultReason(
        "Merger or reorganisation",
        "theirs",
        ("merger", "acquisition", "acquired", "reorganisation", "reorganization", "restructuring"),
    ),
    DefaultReason("Regulation or policy", "theirs", ("regulation", "compliance", "policy", "regulatory")),
    DefaultReason(
        "Unknown",
        "unknown",
        (
            "other",
            "unspecified",
            "not known",
            "no reason",
            "no reason given",
            "none given",
            "n/a",
            "ghosted",
            "no response",
            "unresponsive",
            "went dark",
            "lost contact",
        ),
    ),
)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()


_BY_WORDING = {
    _plain(wording): reason.label for reason in DEFAULT_REASONS for wording in (reason.label, *reason.wordings)
}


def usual_reason(wording: str) -> str | None:
    """The label of the default reason that a source's wording usually means, else ``None``.

    Only whole wordings count ("Too expensive"), upper and lower case and punctuation aside: a guess
    from a part of a sentence would put words into a seller's mouth.
    """
    return _BY_WORDING.get(_plain(wording))
