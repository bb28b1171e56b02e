"""Finding how a foreign file says how a deal ended."""

import re
from collections import Counter
from collections.abc import Iterable

from notyet.exchange.aliases import ACTIVE_FLAGS, CLOSED_FLAGS, OUTCOME_HEADERS, STAGE_HEADERS, WON_FLAGS
from notyet.exchange.mapping import OutcomeRule, folded
from notyet.exchange.parse_values import FALSE_WORDS, TRUE_WORDS
from notyet.exchange.profile import ColumnProfile, plain_words

MOST_STAGES = 200
_ENDS: tuple[tuple[str, str], ...] = (
    ("disqualified", r"\b(disqualif\w*|unqualif\w*|not qualified|junk|spam|duplicate|bogus|bad fit|not a fit"
                     r"|nicht qualifiziert|passt nicht|dublette|non qualifiée?s?|descalificad[oa]s?|no calificad[oa]s?"
                     r"|no cualificad[oa]s?)\b"),
    ("no_decision", r"\b(no decision|abandon\w*|cancel+ed|cancel+ation|stalled|withdrawn|gave up|no bid|expired"
                    r"|dormant|keine entscheidung|zurückgestellt|zurückgezogen|eingestellt|abgebrochen|storniert"
                    r"|sans suite|sans décision|annulée?s?|sin decisión|cancelad[oa]s?|aplazad[oa]s?)\b"),
    ("lost", r"\b(lost|loss|lose|not won|not converted|unsuccessful|rejected|declined|failed|dead|out sold|verloren"
             r"|verlust|absage|abgesagt|abgelehnt|nicht gewonnen|nicht erhalten|kein zuschlag|kein auftrag"
             r"|perdue?s?|non gagnée?s?|refusée?s?|rejetée?s?|échec|perdid[oa]s?|no ganad[oa]s?|rechazad[oa]s?|perso"
             r"|persa)\b"),
    ("won", r"\b(won|win|wins|converted|successful|success|sold|gewonnen|zuschlag|auftrag|auftrag erhalten|beauftragt"
            r"|gagnée?s?|gagne|remportée?s?|signée?s?|ganad[oa]s?|vinto|vinta)\b"),
)  # fmt: skip
_OPEN = re.compile(
    r"\b(open|new|pending|active|in progress|ongoing|working|on hold|negotiat\w*|proposal|quot\w*|prospect\w*|engag\w*"
    r"|discover\w*|demo|lead|contact\w*|qualif\w*|meeting|review|pipeline|commit|forecast|trial|offen|neu|laufend"
    r"|in bearbeitung|in arbeit|angebot\w*|verhandlung\w*|in verhandlung|anfrage|interessent|erstkontakt|bedarf\w*"
    r"|ouverte?s?|en cours|nouve\w+|négoci\w*|proposition|devis|abiert[oa]s?|en curso|nuev[oa]s?|negociación"
    r"|propuesta|calificación)\b"
)


def outcome_of(text: str) -> str | None:
    """The outcome that a word for it usually means, else ``None``."""
    words = plain_words(text)
    for outcome, pattern in _ENDS:
        if re.search(pattern, words):
            return outcome
    return "open" if _OPEN.search(words) else None


def find_outcome(columns: Iterable[ColumnProfile]) -> OutcomeRule | None:
    """The rule by which a file's columns say the outcome, or ``None`` where they do not."""
    held = [column for column in columns if column.filled]
    named = sorted(
        ((_rank(column), column) for column in held if _rank(column) is not None and _few(column)),
        key=lambda pair: pair[0] or 0,
    )
    both = [column for _, column in named if _says_both(column)]
    if both:
        return _by_words(both[0])
    flags = _by_flags(held, [column for _, column in named])
    if flags is not None:
        return flags
    unnamed = [column for column in held if _few(column) and _says_both(column) and _share_known(column) > 0.5]
    if unnamed:
        return _by_words(max(unnamed, key=_share_known))
    ended = [column for _, column in named if {outcome_of(value) for value in column.values} & {"won", "lost"}]
    return _by_words(ended[0]) if ended else None


def _rank(column: ColumnProfile) -> int | None:
    for names in (OUTCOME_HEADERS, STAGE_HEADERS):
        if column.words in names:
            return names.index(column.words) + (0 if names is OUTCOME_HEADERS else 100)
    if re.search(r"\b(outcome|result|won|lost)\b", column.words):
        return 50
    return 150 if re.search(r"\b(stage|status)\b", column.words) else None


def _few(column: ColumnProfile) -> bool:
    return column.counts is not None and len(column.counts) <= MOST_STAGES


def _says_both(column: ColumnProfile) -> bool:
    ends = {outcome_of(value) for value in column.values}
    return "won" in ends and bool(ends & {"lost", "no_decision", "disqualified"})


def _share_known(column: ColumnProfile) -> float:
    counts = column.counts or Counter[str]()
    known = sum(count for value, count in counts.items() if outcome_of(value))
    return known / max(column.filled, 1)


def _by_words(column: ColumnProfile) -> OutcomeRule:
    """A stage that is no end is open. Of a result, an unknown word is left to be refused: it may be an end."""
    known = {folded(value): outcome for value in column.values if (outcome := outcome_of(value))}
    stage = column.words in STAGE_HEADERS or bool(re.search(r"\bstage\b", column.words))
    return OutcomeRule(((column.header, known),), default="open" if stage else None, empty="open")


def _by_flags(held: list[ColumnProfile], named: list[ColumnProfile]) -> OutcomeRule | None:
    won, closed, active = (_flag(held, names) for names in (WON_FLAGS, CLOSED_FLAGS, ACTIVE_FLAGS))
    if won is not None and closed is not None:
        return OutcomeRule(((won.header, _true_is("won", won)), (closed.header, _true_is("lost", closed))), "open")
    if won is not None:
        ends = {folded(v): "won" if folded(v) in TRUE_WORDS else "lost" for v in won.values}
        return OutcomeRule(((won.header, ends),), empty="open")
    stage = next((column for column in named if "won" in {outcome_of(value) for value in column.values}), None)
    if active is not None and stage is not None:
        inactive = {folded(value): "lost" for value in active.values if folded(value) in FALSE_WORDS}
        ends = {folded(value): outcome for value in stage.values if (outcome := outcome_of(value))}
        return OutcomeRule(((active.header, inactive), (stage.header, ends)), "open")
    return None


def _flag(columns: list[ColumnProfile], names: tuple[str, ...]) -> ColumnProfile | None:
    for name in names:
        for column in columns:
            words = {folded(value) for value in column.values}
            if column.words == name and words and words <= TRUE_WORDS | FALSE_WORDS:
                return column
    return None


def _true_is(outcome: str, column: ColumnProfile) -> dict[str, str]:
    return {folded(value): outcome for value in column.values if folded(value) in TRUE_WORDS}
