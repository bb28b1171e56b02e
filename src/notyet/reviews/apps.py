from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.reviews"
    label = "reviews"
