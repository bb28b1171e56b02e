"""Two names side by side: which letters of each the other does not have."""

from dataclasses import dataclass

from rapidfuzz.distance import Indel


@dataclass(frozen=True)
class Piece:
    """A run of letters; ``own`` where the other name lacks it."""

    text: str
    own: bool


def pieces(name: str, other: str) -> list[Piece]:
    """A name cut into what it shares with another and what it does not, capitals aside; together they are the name."""
    plain = name.lower() if len(name.lower()) == len(name) else name
    codes = Indel.opcodes(plain, other.lower())
    cut = [Piece(name[code.src_start : code.src_end], code.tag == "delete") for code in codes]
    return [piece for piece in cut if piece.text]
