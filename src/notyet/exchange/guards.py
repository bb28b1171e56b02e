"""A stream that stops before a hostile file fills the memory or the disk."""

import io
import zlib
from typing import IO, Any

from notyet.exchange.errors import FileRefused

MAX_LINE = 16 * 2**20


class GuardedStream(io.RawIOBase):
    """Reads ``source`` through, but no more than ``allowed`` bytes and no line over ``MAX_LINE`` bytes.

    Raises ``FileRefused`` where either is passed or a compressed stream is damaged.
    """

    def __init__(self, source: IO[bytes], name: str, allowed: int, *, lines: bool = True) -> None:
        self._source = source
        self._name = name
        self._left = allowed
        self._lines = lines
        self._line = 0

    def readable(self) -> bool:
        """Always: this is a stream for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; see the class for what is refused."""
        try:
            data = self._source.read(len(buffer))
        except (EOFError, zlib.error, OSError) as error:
            raise FileRefused(f"{self._name} is damaged or cut short: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise FileRefused(f"{self._name} unpacks to far more than a table of its size can hold")
        if self._lines:
            self._measure(data)
        buffer[: len(data)] = data
        return len(data)

    def _measure(self, data: bytes) -> None:
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = self._line + len(data) if last < 0 else len(data) - last
        if self._line > MAX_LINE:
            raise FileRefused(f"{self._name} has a line of more than {MAX_LINE >> 20} MiB; is it a table?")

    def close(self) -> None:
        """Close the source too."""
        self._source.close()
        super().close()
