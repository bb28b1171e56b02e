"""What a stage is, told from what a company calls it. Pure."""

import re

_KINDS: tuple[tuple[str, str], ...] = (
    ("lost", r"\b(lost|loss|dead|rejected|declined|cancel+ed|disqualified)\b"),
    ("paid", r"\b(paid|payment|invoiced?|cash)\b"),
    ("order", r"\b(order(ed)?|won|signed|closed won|contract (sent|signed)|purchase)\b"),
    ("proposal", r"\b(proposal|offer(ed)?|quot(e|ation|ed)|negotiat\w*|pric(e|ing)|tender|contract)\b"),
    (
        "need",
        r"\b(needs?|requirements?|solution|scop(e|ing)|value proposition|qualified|evaluat\w*|decision makers?)\b",
    ),
    ("discovery", r"\b(discover\w*|demo|qualif\w+|meeting|presentation|analysis|appointment|engag\w+|contacted)\b"),
    ("enquiry", r"\b(enquir\w*|inquir\w*|lead|new|prospect\w*|open|identified|incoming|interest)\b"),
)


def stage_kind(label: str) -> str:
    """The kind of stage that a label usually names: enquiry, discovery, need, proposal, order, paid, lost or other."""
    plain = re.sub(r"[\W_]+", " ", label.casefold())
    for kind, pattern in _KINDS:
        if re.search(pattern, plain):
            return kind
    return "other"
