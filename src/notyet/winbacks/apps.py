from django.apps import AppConfig


class WinbacksConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.winbacks"
    label = "winbacks"
