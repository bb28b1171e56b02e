from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.process"
    label = "process"
