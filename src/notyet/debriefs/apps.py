from django.apps import AppConfig


class DebriefsConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.debriefs"
    label = "debriefs"

    def ready(self) -> None:
        """Let edits make and take the rows that this room keeps about deals, so that they can be undone."""
        from notyet.deals.editing import register
        from notyet.debriefs.models import Debrief
        from notyet.debriefs.work_models import Action, DebriefWork

        register("debriefs", Debrief)
        register("debrief_works", DebriefWork)
        register("actions", Action)
