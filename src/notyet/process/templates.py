"""Processes to start from: six stages that are useful as they are, a short sale, a long one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from notyet.process.definition import Definition, Due, Question, StageRule, Step


@dataclass(frozen=True)
class Template:
    """A process to start from."""

    key: str
    name: str
    suits: str
    definition: Definition


def _hours(amount: int) -> Due:
    return Due(amount, "hours")


def _days(amount: int) -> Due:
    return Due(amount, "days")


ENQUIRY = StageRule(
    "enquiry",
    "Enquiry",
    "enquiry",
    questions=(
        Question("can-they-do-it", "Can they do what I am looking for?", _days(1)),
        Question("roughly-what-price", "Roughly, what will it cost?", _days(2)),
    ),
    steps=(
        Step("call-back", "Answer the enquiry; call where a number was left", _hours(4)),
        Step("why-now", "Write down who asked, why now, and where they heard of us", _days(1)),
        Step("first-talk", "Agree a day for the first talk", _days(2)),
    ),
)
DISCOVERY = StageRule(
    "discovery",
    "Discovery",
    "discovery",
    questions=(
        Question("understand-us", "Do they understand how we work and what it costs us today?", _days(5)),
        Question("done-before", "Whom like us have they helped?", _days(5)),
        Question("what-if-nothing", "What happens if we leave it as it is?", _days(10)),
    ),
    steps=(
        Step("summary", "Send what was said in the first talk, in the buyer's words", _days(1)),
        Step("ask-who-else-decides", "Ask who else decides, and who signs", _days(5)),
        Step("money-set-aside", "Ask whether money is set aside, and for when", _days(10)),
    ),
    needs=("contact", "source"),
)
NEED = StageRule(
    "need",
    "Need agreed",
    "need",
    questions=(
        Question("need-written", "Is what we need written down so that the others here agree?", _days(5)),
        Question("worth-it", "What is it worth to us, in figures we believe?", _days(10)),
        Question("fits-here", "Will it work with what we have already?", _days(10)),
    ),
    steps=(
        Step("need-in-writing", "Put the need in writing and have it confirmed", _days(3)),
        Step("reference-named", "Name a reference of their size and trade", _days(5)),
        Step("how-decided", "Ask how and by when they decide, and against what", _days(5)),
    ),
    needs=("contact", "persona", "questions"),
)
PROPOSAL = StageRule(
    "proposal",
    "Proposal",
    "proposal",
    questions=(
        Question("what-do-we-get", "What exactly do we get, by when, at what price?", _days(3)),
        Question("what-if-it-fails", "What if it does not work out?", _days(5)),
        Question("tell-the-signer", "How do I explain this to the one who signs?", _days(5)),
    ),
    steps=(
        Step("send-proposal", "Send the proposal", _days(2)),
        Step("proposal-walked-through", "Walk through the proposal with those who decide", _days(5)),
        Step("decision-day", "Agree the day of the decision", _days(5)),
        Step("follow-up", "Ask once what is still open", _days(10)),
    ),
    needs=("amount", "signer", "competitor", "next_step"),
)
ORDER = StageRule(
    "order",
    "Order placed",
    "order",
    questions=(
        Question("who-looks-after-us", "Who looks after us from now on?", _days(1)),
        Question("what-do-they-need", "What do they need from us, and when does it begin?", _days(3)),
    ),
    steps=(
        Step("confirm-order", "Confirm the order and say thank you", _hours(4)),
        Step("hand-over", "Hand over what was promised to those who deliver", _days(2)),
        Step("invoice", "Have the invoice sent", _days(5)),
    ),
    needs=("amount", "signer", "term"),
)
PAID = StageRule(
    "paid",
    "Paid",
    "paid",
    questions=(Question("right-choice", "Was it the right choice?", _days(20)),),
    steps=(
        Step("thanks", "Say thank you, and ask whom else it would help", _days(3)),
        Step("check-up", "Agree when to look at it together again", _days(10)),
    ),
)

OFFER = StageRule(
    "offer",
    "Offer",
    "proposal",
    questions=(
        Question("what-do-we-get", "What do I get, by when, at what price?", _hours(8)),
        Question("what-if-it-fails", "Can I give it back if it does not suit?", _days(1)),
    ),
    steps=(
        Step("send-offer", "Send the offer", _days(1)),
        Step("follow-up", "Call once to ask what is still open", _days(3)),
    ),
    needs=("amount", "contact"),
)
TRIAL = StageRule(
    "trial",
    "Trial",
    "need",
    questions=(
        Question("works-here", "Does it work here, with our people and our data?", _days(20)),
        Question("effort", "How much work is it for us to change over?", _days(15)),
    ),
    steps=(
        Step("what-counts", "Write down with the buyer what the trial has to show", _days(3)),
        Step("trial-check", "Look at the first results together", _days(10)),
        Step("trial-verdict", "Have the buyer say in writing what the trial showed", _days(25)),
    ),
    needs=("contact", "signer", "questions"),
)
CONTRACT = StageRule(
    "contract",
    "Contract",
    "proposal",
    questions=(
        Question("safe-to-sign", "Is it safe to sign: terms, data, liability?", _days(10)),
        Question("price-holds", "Is this the price, and how long does it hold?", _days(3)),
    ),
    steps=(
        Step("send-contract", "Send the contract", _days(3)),
        Step("meet-purchasing", "Meet purchasing and legal, with our own beside us", _days(10)),
        Step("start-plan", "Agree the plan from signature to start", _days(15)),
    ),
    needs=("amount", "signer", "term", "next_step"),
)

USUAL = Template(
    "usual",
    "Six stages",
    "Most sales between companies: some weeks, a few people who decide.",
    Definition((ENQUIRY, DISCOVERY, NEED, PROPOSAL, ORDER, PAID)),
)
SHORT = Template(
    "short",
    "A short sale",
    "Days, one person decides: spare parts, bookings, repeat orders.",
    Definition((ENQUIRY, OFFER, ORDER, PAID)),
)
LONG = Template(
    "long",
    "A long sale",
    "Months, many decide: with a trial and a contract that is negotiated.",
    Definition((ENQUIRY, DISCOVERY, NEED, TRIAL, PROPOSAL, CONTRACT, ORDER, PAID)),
)
TEMPLATES: Mapping[str, Template] = {one.key: one for one in (USUAL, SHORT, LONG)}
