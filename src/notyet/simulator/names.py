"""Invented names of companies and people, and the short texts that a record is full of."""

import numpy as np

from notyet.simulator.shares import Ints

STEMS = (
    "Adlun", "Arvessa", "Balkhov", "Birlen", "Brackwen", "Carvolt", "Cindrel", "Corvane", "Dalmor", "Drevik",
    "Edenfor", "Elmark", "Falkrid", "Fennholt", "Ferrano", "Galdur", "Garvin", "Grelle", "Hadrin", "Hestval",
    "Ilverd", "Jorvand", "Kaldris", "Kembra", "Korlund", "Lathen", "Lindovar", "Lorvik", "Marund", "Mestra",
    "Morwen", "Nalvik", "Norvane", "Ordal", "Ostvik", "Pellan", "Pernow", "Quarmen", "Ravold", "Rethmar",
    "Salvren", "Selkow", "Stenvik", "Tarnow", "Torvell", "Ulvang", "Valden", "Vorlund", "Wendrak", "Zelvar",
)  # fmt: skip
TRADES = (
    "Foods", "Dairy", "Brewing", "Paper", "Packaging", "Steel", "Castings", "Pumps", "Chemicals", "Polymers",
    "Logistics", "Cold Stores", "Water", "Energy", "Ceramics", "Glass",
)  # fmt: skip
FORMS = ("GmbH", "AG", "B.V.", "S.p.A.", "AB", "SAS")
FIRST_NAMES = (
    "Ada", "Alma", "Anton", "Birgit", "Bruno", "Carla", "Clemens", "Dario", "Edda", "Elif", "Emil", "Farid", "Greta",
    "Hanna", "Ines", "Ivo", "Jonas", "Katja", "Lars", "Lea", "Marek", "Mila", "Nadia", "Noor", "Oskar", "Paula",
    "Rafael", "Sina", "Tomas", "Vera",
)  # fmt: skip
SURNAMES = (
    "Abendt", "Almsted", "Arnvik", "Bachhof", "Balderi", "Bergquell", "Brandis", "Calvo", "Carrel", "Dahlen",
    "Dornbach", "Eckhal", "Elsner", "Farkasi", "Feldmar", "Fiorino", "Gessler", "Grauwen", "Hallen", "Hartvig",
    "Hoekman", "Imhold", "Iversund", "Jarosch", "Jellema", "Kallweit", "Kerner", "Kolvik", "Kristal", "Lambrin",
    "Lenthal", "Lindqvar", "Lorenzin", "Madsvik", "Marquen", "Mertal", "Moravec", "Nagelin", "Nordahl", "Oberin",
    "Ostrand", "Paulsvik", "Perrigo", "Quandel", "Rademar", "Reinfeld", "Rossmann", "Sandvold", "Sartori", "Seidlin",
    "Solberg", "Stromer", "Tervoort", "Thalberg", "Ullmar", "Vandersen", "Verhoel", "Wahlmar", "Wexler", "Zandberg",
)  # fmt: skip
PEOPLE = tuple(f"{first} {last}" for last in SURNAMES for first in FIRST_NAMES)
"""Everybody a conversation can be with; codes are taken modulo their number."""

SUMMARIES = (
    "Asked how long a shutdown would take",
    "Walked through the line with the shift lead",
    "Wants figures from a plant like theirs",
    "Went over the scope; sensors on the presses first",
    "Needs to ask the works council",
    "Sent the data sheet and two references",
    "Budget round is in the autumn",
    "Talked about stops last winter",
    "Asked who answers at night",
    "Wants the contract in their own words",
    "Compared with what they do in house",
    "Next: a visit to the plant",
)
PROMISES = (
    "Send the scope in writing",
    "Name a reference plant",
    "Call back with the delivery date",
    "Send the price list",
    "Find out about the interface",
    "Bring an engineer to the next call",
)
NEXT_STEPS = ("Call", "Visit the plant", "Send the proposal", "Meet the second contact", "Ask for the decision date")
LESSONS = (
    "Ask who else decides in the first call.",
    "Write the need down before the price.",
    "The reference came too late to matter.",
    "They bought the answer at night, not the sensors.",
    "We talked about features; they had one stop in mind.",
    "Nothing to change: the project was stopped.",
    "A visit to the plant settled it.",
    "The proposal was longer than the problem.",
)
ANSWERS = (
    "We were not sure that you had understood our line.",
    "It took too long until somebody called back.",
    "The offer was good, the budget was gone.",
    "Another supplier was already in the plant.",
    "The price was fair for what it was.",
    "We needed an answer in a week.",
    "Your engineer was the best part of it.",
    "Nobody could tell us what it would save.",
    "Ask us again after the summer.",
    "We decided to wait.",
)
OFFERS = ("Pilot on one line", "Shorter contract", "New feature shown", "Visit with a reference plant", "Fresh start")


def account_names(accounts: Ints) -> list[str]:
    """A distinct invented company for each account number."""
    base = len(STEMS) * len(TRADES)
    names = []
    for number in accounts.tolist():
        spread = number * 487 % base
        stem, trade = STEMS[spread % len(STEMS)], TRADES[spread // len(STEMS)]
        form = FORMS[(number + number // base) % len(FORMS)]
        again = number // base
        names.append(f"{stem} {trade} {form}" if again == 0 else f"{stem} {trade} {again + 1} {form}")
    return names


def owner_names(owners: int) -> list[str]:
    """A distinct invented name for each seller."""
    people = len(PEOPLE)
    return [PEOPLE[number * 31 % people] + (f" {number}" if number >= people else "") for number in range(owners)]


def contacts(rng: np.random.Generator, deals: int) -> tuple[Ints, Ints]:
    """For each deal the codes of its first and its second contact, never the same person."""
    first = rng.integers(0, len(PEOPLE), deals)
    return first, (first + rng.integers(1, len(PEOPLE), deals)) % len(PEOPLE)
