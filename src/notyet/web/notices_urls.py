"""The addresses of what reaches people."""

from django.urls import URLPattern, path

from notyet.web import views_notices

NOTICES_URLS: list[URLPattern] = [
    path("notices/", views_notices.notices, name="notices"),
    path("notices/try/", views_notices.notices_try, name="notices_try"),
    path("notices/calendar/", views_notices.notices_calendar, name="notices_calendar"),
    path("notices/sent/", views_notices.notices_sent, name="notices_sent"),
    path("notices/<int:pk>/again/", views_notices.notices_again, name="notices_again"),
    path("notices/off/<str:token>/", views_notices.notices_off, name="notices_off"),
    path("calendar/<str:token>.ics", views_notices.calendar, name="calendar"),
]
