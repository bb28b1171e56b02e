"""Model fields that keep what the databases' own types would lose."""

from decimal import Decimal
from typing import Any

from django.db import models


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """Money to four places and fifteen digits before the point, exact on every database.

    SQLite has no decimal type and would turn the value into a float of some 15 digits,
    so there it is kept as text; sort and compare amounts in the frozen history, not in SQL.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 19, 4
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """A type of its own, so that no backend converts it as it would a ``DecimalField``."""
        return "AmountField"

    def db_type(self, connection: Any) -> str | None:
        """``text`` on SQLite, ``numeric(19, 4)`` elsewhere."""
        return "text" if connection.vendor == "sqlite" else "numeric(19, 4)"

    def get_db_converters(self, connection: Any) -> list[Any]:
        """Read exactly what was written: no pass through a float."""
        return [self._read]

    @staticmethod
    def _read(value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """One plain decimal text for SQLite, stored and looked up alike (``12.5``, never ``12.50`` or ``1E+3``)."""
        ready = super().get_db_prep_value(value, connection, prepared)
        if connection.vendor == "sqlite" and isinstance(ready, str | Decimal):
            return format(Decimal(ready).normalize(), "f")
        return ready
