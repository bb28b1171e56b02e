from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.feedback"
    label = "feedback"
