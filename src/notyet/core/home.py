"""Where the state lives on disk."""

from pathlib import Path

from django.conf import settings


def folder(*parts: str) -> Path:
    """A folder below ``NOTYET_HOME``, made where it is missing, closed to other users."""
    path = Path(settings.NOTYET_HOME).joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
