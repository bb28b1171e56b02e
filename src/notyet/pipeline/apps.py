from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.pipeline"
    label = "pipeline"
