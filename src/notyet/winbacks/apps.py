from django.apps import AppConfig


class WinbacksConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.winbacks"
    label = "winbacks"

    def ready(self) -> None:
        """Let edits make and take the rows that this room keeps about deals, so that they can be undone."""
        from notyet.deals.editing import register
        from notyet.winbacks.models import WinBack
        from notyet.winbacks.parting_models import CheckUp, Parting

        register("win_backs", WinBack)
        register("check_ups", CheckUp)
        register("partings", Parting)
