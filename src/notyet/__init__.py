"""NotYet: why deals are lost, how sure that is, what is ours to change, and when to ask again."""

__version__ = "0.1.0"
