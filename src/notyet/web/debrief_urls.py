"""The addresses of debriefs."""

from django.urls import URLPattern, path

from notyet.web import views_debriefs

DEBRIEF_URLS: list[URLPattern] = [
    path("debriefs/", views_debriefs.debriefs, name="debriefs"),
    path("debriefs/preparation/", views_debriefs.preparation, name="preparation"),
    path("debriefs/actions/<int:pk>/", views_debriefs.action_settle, name="action_settle"),
    path("debriefs/letters/<int:pk>/stop/", views_debriefs.letter_stop, name="letter_stop"),
    path("debriefs/letters/<int:pk>/settle/", views_debriefs.letter_settle, name="letter_settle"),
    path("deals/<int:pk>/debrief/", views_debriefs.debrief, name="debrief"),
    path("deals/<int:pk>/debrief/field/", views_debriefs.debrief_field, name="debrief_field"),
    path("deals/<int:pk>/debrief/finish/", views_debriefs.debrief_finish, name="debrief_finish"),
    path("deals/<int:pk>/debrief/parting/", views_debriefs.debrief_part, name="debrief_part"),
    path("deals/<int:pk>/debrief/letter/", views_debriefs.letter, name="letter"),
    path("deals/<int:pk>/debrief/actions/", views_debriefs.action, name="action"),
]
