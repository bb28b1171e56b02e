from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.history"
    label = "history"
