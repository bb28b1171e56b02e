from django.apps import AppConfig


class WebConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.web"
    label = "web"
