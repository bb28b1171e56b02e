from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.exchange"
    label = "exchange"
