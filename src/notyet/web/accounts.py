"""Who may get an account: nobody by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """People are added by an administrator, never by a public form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always closed."""
        return False
