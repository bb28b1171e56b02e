"""What the deals behind a figure of the pipeline are, in words."""

from notyet.analysis.pipeline_openings import RECENT_WEEKS
from notyet.pipeline.queries import Asked
from notyet.web import pipeline_words as words
from notyet.web.pipeline_spent import CAUSES


def heading(asked: Asked, figure: str, part: str) -> tuple[str, str]:
    """The heading and what is in the list, for a figure (of ``analysis.pipeline_behind``) and its part."""
    question = asked.question
    period = words.period(question.period.since, question.period.until)
    back = f"in the last {question.months} months"
    if figure == "given" and part:
        label, hint = CAUSES[part]
        return f"Given away: {label.lower()}", f"Lost deals of the last {question.months} months; {hint}."
    if figure == "effort":
        stage = "" if part == "*" else f" {f'at “{part}”' if part else 'before any stage'}"
        return f"Time spent on deals not won{stage}", f"Deals that ended {back} and had a conversation there."
    return {
        "live": ("Live deals", "Open now, the newest first."),
        "opened": ("New prospects", f"Opened in the last {RECENT_WEEKS} weeks."),
        "paid": (f"Paid in {period}", "By the day of the payment; where payments are not known, of the order."),
        "counted": (f"Ordered in {period} and paid", "What counts towards the target."),
        "unpaid": ("Ordered, not paid", "The oldest order first."),
        "waiting": (f"Ordered in {period}, not paid", "The oldest order first."),
        "late": (f"Ordered more than {question.unpaid_days} days ago, not paid", "The oldest order first."),
        "closed": ("The deals that the win rate is of", f"Won, lost or without a decision {back} that have matured."),
        "lost": ("Lost deals", f"Lost or without a decision {back}."),
        "given": ("Given away", f"Lost deals that were given away {back}, by whatever cause."),
        "got": ("Got away", f"Lost deals {back} of which nothing says that they were given away."),
    }[figure]
