from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.workspaces"
    label = "workspaces"
