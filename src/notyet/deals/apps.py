from django.apps import AppConfig


class DealsConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.deals"
    label = "deals"
