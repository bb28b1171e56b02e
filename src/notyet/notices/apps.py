from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.notices"
    label = "notices"
