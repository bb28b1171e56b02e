"""The addresses of closing deals."""

from django.urls import URLPattern, path

from notyet.web import views_closing

CLOSING_URLS: list[URLPattern] = [
    path("deals/close/", views_closing.close_several, name="close_several"),
    path("deals/<int:pk>/close/", views_closing.close, name="deal_close"),
    path("deals/<int:pk>/paid/", views_closing.paid, name="deal_paid"),
    path("deals/<int:pk>/reopen/", views_closing.open_again, name="deal_reopen"),
]
