"""Suspicions by name and unit: headers that speak of a deal's whole life, or of a judgement made while selling."""

import re

from notyet.analysis.candidates import words

_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|time|duration)"
_TALK = (
    r"(?:activit(?:y|ies)|touch(?:es|points?)?|calls?|e ?mails?|meetings?|interactions?|conversations?|notes?|"
    r"follow ?ups?|attempts?|demos?|stage changes?|status changes?|stages|steps|times contacted|contacted)"
)
_LAST = (
    r"(?:contact|engagement|modified|updated?|stage|status|repl(?:y|ies)|response|offer|price|discount|notable|change)"
)
_COUNT = r"(?:number of|num|nr|no|nb|n|#|count of|counts?|total|sum of|cumulative|lifetime|overall)"
_WHOLE = r"(?:sales|deal|buying|opportunity|opp|lead|pipeline|funnel|cycle|stage)"
_EVENT = r"(?:invoice|purchase order|order|payment|contract|signature|onboarding|kick ?off|go live|handover|renewal)"
_DETAIL = r"(?:reason|cause|comment|notes?|details?|to|by)"

_SUSPICIOUS = {
    "is a time counted over the deal's life": (
        rf"\b(elapsed|cumulative|total)\b.*\b{_TIME}\b",
        rf"\b{_TIME}\b.*\b(elapsed|open|in (the )?(sales |current |each )?(stage|pipeline|funnel|status))\b",
        rf"\b{_TIME} (to|until|till|through)\b",
        r"\b(days|hours|weeks|months) (identified|validated|qualified|worked)\b",
        rf"\b(sales|deal|buying) cycle\b|\b{_WHOLE} ({_TIME}|length|age|velocity)\b|\bage of (the )?deal\b",
        r"\b(time|hours|days|effort) (spent|worked|invested)\b",
        rf"\bratio\b.*\b({_TIME}|stages?)\b",
    ),
    "speaks of the close": (r"\bclos(e|ed|es|ing|ure)\b",),
    "speaks of the last thing that happened": (
        rf"\b(last|latest|final|most recent)\b.*\b({_TALK}|{_LAST})\b",
        r"\b(modified|updated) (on|at|date)\b|\bactual (value|amount|price|revenue|discount|term)\b",
    ),
    "counts what happened over the deal's life": (
        rf"\b{_COUNT} .*\b{_TALK}\b",
        rf"\b{_TALK} (count|counts|total|number|made|logged|held|sent|received)\b|^{_TALK}$",
    ),
    "is a judgement made while selling": (
        r"\b(probability|forecast(ed|s)?|likelihood|win (chance|odds|score)|chance (of|to) win(ning)?|deal health)\b",
        r"^((sales|deal|lead|opportunity|opp|pipeline|current|contact|call|crm) )?((sub ?)?(stage|status)|stage name)$",
        r"^tags?$|\bdispositions?\b",
        r"\b(lead|deal|opportunity|prospect) (tags?|quality|profile|rating|grade|temperature)\b",
        r"^confidence$|\b(rep|seller|sales|deal) (confidence|sentiment|commit(ment)?)\b",
    ),
    "speaks of the outcome": (
        rf"\b(outcome|win loss|won lost|(loss|lost|win|won|churn|rejection|cancellation) {_DETAIL})\b",
        r"\b(exit interview|post ?mortem|nps|csat)\b|\breason (for )?(lost|loss|won|win|winning|losing|rejection)\b",
    ),
    "speaks of what follows an order": (
        rf"\b{_EVENT} (number|no|nr|id|date|value|amount|sum|status|received|signed|sent|done|completed|at|on)\b",
        r"\b(signed|paid|invoiced|shipped|delivered) (on|at|date|amount)\b|\bdate (signed|paid|invoiced)\b",
    ),
}
_PATTERNS = tuple((re.compile("|".join(patterns)), why) for why, patterns in _SUSPICIOUS.items())
_ELSEWHERE = re.compile(r"\b(web ?site|web|site|pages?|visits?|trial|newsletter)\b")


def suspicion(header: str) -> str | None:
    """Why a header is suspect ("speaks of the close"), or ``None``. What a buyer did on a web site is none of it."""
    text = words(header)
    if _ELSEWHERE.search(text):
        return None
    for pattern, why in _PATTERNS:
        if pattern.search(text):
            return why
    return None
