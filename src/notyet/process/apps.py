from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """The room's registration with Django."""

    name = "notyet.process"
    label = "process"

    def ready(self) -> None:
        """Let edits make and take the rows that this room keeps about deals, so that they can be undone."""
        from notyet.deals.editing import register
        from notyet.process.models import DeviationNote, QuestionAnswer, StepDone

        register("steps_done", StepDone)
        register("question_answers", QuestionAnswer)
        register("deviation_notes", DeviationNote)
