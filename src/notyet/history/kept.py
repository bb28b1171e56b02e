"""What was worked out of a history, kept for as long as the process lives and there is room."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """The last results by what they are of, at most ``most`` of them; the longest unasked goes first. For threads.

    A key must name all that the result depends on: the frozen folder, the workspace's decisions, what was asked.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def known(self, key: Hashable) -> Made | None:
        """What is kept under the key."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept under the key, made where it is not. Two who ask at once may both make it."""
        found = self.known(key)
        if found is None:
            found = make()
            with self._lock:
                self._made[key] = found
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
        return found

    def clear(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._made.clear()
