"""The one error of this room that ends an import or an export."""


class ImportFailed(Exception):
    """Nothing went in. The text says why and what to do.

    ``starter`` is a mapping file to begin with, where one would help; the text ends with it.
    """

    def __init__(self, message: str, starter: str | None = None) -> None:
        super().__init__(f"{message}\n\n{starter}" if starter else message)
        self.starter = starter


class FileRefused(Exception):
    """One file cannot be read as a table. ``line`` is where it became clear (0: nowhere in particular)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class ExportFailed(Exception):
    """Nothing was written. The text says why."""


class UndoRefused(Exception):
    """The import stands as it was. The text says why."""
