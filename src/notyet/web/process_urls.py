"""The addresses of the sales process."""

from django.urls import URLPattern, path

from notyet.web import views_conformance, views_process, views_process_edit

PROCESS_URLS: list[URLPattern] = [
    path("process/", views_process.process, name="process"),
    path("process/followed/", views_conformance.followed, name="process_followed"),
    path("process/move/", views_process.move, name="process_move"),
    path("process/move/undo/", views_process.move_undo, name="process_move_undo"),
    path("process/labels/", views_process.labels, name="process_labels"),
    path("process/edit/", views_process_edit.edit, name="process_edit"),
    path("process/edit/start/", views_process_edit.start, name="process_start"),
    path("process/edit/again/", views_process_edit.again, name="process_again"),
    path("process/edit/publish/", views_process_edit.publish_draft, name="process_publish"),
    path("process/edit/discard/", views_process_edit.discard, name="process_discard"),
]
