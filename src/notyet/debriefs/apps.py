from django.apps import AppConfig


class DebriefsConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.debriefs"
    label = "debriefs"
