from django.apps import AppConfig


class TodayConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.today"
    label = "today"
