"""The addresses of deals: the list, one deal, and what is done on it."""

from django.urls import URLPattern, path

from notyet.web import views_deal_process, views_deal_record, views_deal_work, views_deals

DEAL_URLS: list[URLPattern] = [
    path("deals/", views_deals.deals, name="deals"),
    path("deals/list.csv", views_deals.deals_file, name="deals_file"),
    path("deals/views/", views_deals.view_save, name="view_save"),
    path("deals/views/<int:pk>/remove/", views_deals.view_remove, name="view_remove"),
    path("deals/behind/", views_deals.behind, name="deals_behind"),
    path("deals/new/", views_deal_record.new, name="deal_new"),
    path("deals/buyers/", views_deal_record.buyers, name="deal_buyers"),
    path("deals/edits/<int:edit>/undo/", views_deal_work.edit_undo, name="edit_undo"),
    path("deals/<int:pk>/", views_deals.deal, name="deal"),
    path("deals/<int:pk>/conversation/", views_deal_work.talk, name="deal_talk"),
    path("deals/<int:pk>/e-mail/", views_deal_work.mail, name="deal_mail"),
    path("deals/<int:pk>/promise/", views_deal_work.promise, name="deal_promise"),
    path("deals/<int:pk>/next-step/", views_deal_work.step, name="deal_step"),
    path("deals/<int:pk>/rows/<slug:table>/<int:key>/", views_deal_work.row, name="deal_row"),
    path("deals/<int:pk>/fields/", views_deal_record.fields, name="deal_fields"),
    path("deals/<int:pk>/differences/<int:mark>/", views_deal_record.difference, name="deal_difference"),
    path("deals/<int:pk>/contacts/", views_deal_record.contact, name="deal_contact_new"),
    path("deals/<int:pk>/contacts/<int:part>/", views_deal_record.contact, name="deal_contact"),
    path("deals/<int:pk>/stage/", views_deal_process.stage, name="deal_stage"),
    path("deals/<int:pk>/question/", views_deal_process.question, name="deal_question"),
    path("deals/<int:pk>/step/", views_deal_process.process_step, name="deal_process_step"),
    path("deals/<int:pk>/why/", views_deal_process.why, name="deal_why"),
]
