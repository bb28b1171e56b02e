"""The addresses of win-backs."""

from django.urls import URLPattern, path

from notyet.web import views_winbacks

WINBACK_URLS: list[URLPattern] = [
    path("win-backs/", views_winbacks.win_backs, name="win_backs"),
    path("win-backs/triggers/", views_winbacks.triggers, name="triggers"),
    path("win-backs/triggers/<int:pk>/undo/", views_winbacks.trigger_undo, name="trigger_undo"),
    path("win-backs/offers/", views_winbacks.offers, name="offers"),
    path("deals/<int:pk>/win-back/", views_winbacks.win_back, name="win_back"),
]
