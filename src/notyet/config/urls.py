"""The addresses of the application."""

from allauth.account.views import LoginView, LogoutView, PasswordChangeView, SignupView
from django.urls import URLPattern, URLResolver, path

from notyet.web import (
    history_making,
    views_duplicates,
    views_health,
    views_imports,
    views_reasons,
    views_settings,
    views_today,
    views_winloss,
)
from notyet.web.closing_urls import CLOSING_URLS
from notyet.web.deal_urls import DEAL_URLS
from notyet.web.debrief_urls import DEBRIEF_URLS
from notyet.web.middleware import without_workspace
from notyet.web.notices_urls import NOTICES_URLS
from notyet.web.pipeline_urls import PIPELINE_URLS
from notyet.web.process_urls import PROCESS_URLS
from notyet.web.winback_urls import WINBACK_URLS

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", LoginView.as_view(template_name="account/sign_in.html"), name="account_login"),
    path(
        "accounts/logout/",
        without_workspace(LogoutView.as_view(template_name="account/sign_out.html")),
        name="account_logout",
    ),
    path(
        "accounts/signup/",
        SignupView.as_view(template_name_signup_closed="account/closed.html"),
        name="account_signup",
    ),
    path(
        "accounts/password/",
        without_workspace(PasswordChangeView.as_view(template_name="account/password.html", success_url="/")),
        name="account_change_password",
    ),
    path("settings/", views_settings.settings, name="settings"),
    path("settings/people/", views_settings.people, name="people"),
    path("settings/people/add/", views_settings.person_add, name="person_add"),
    path("settings/people/<int:member>/", views_settings.person, name="person"),
    path("settings/people/<int:member>/remove/", views_settings.person_remove, name="person_remove"),
    path("settings/people/<int:member>/password/", views_settings.person_password, name="person_password"),
    path("workspaces/choose/", views_settings.workspace_choose, name="workspace_choose"),
    path("", views_winloss.winloss, name="winloss"),
    path("today/", views_today.today, name="today"),
    path("today/group/<slug:group>/", views_today.group, name="today_group"),
    path("today/beside/", views_today.today_beside, name="today_beside"),
    path("today/settle/", views_today.today_settle, name="today_settle"),
    path("today/put-off/", views_today.today_snooze, name="today_snooze"),
    path("today/put-off/<int:pk>/undo/", views_today.today_unsnooze, name="today_unsnooze"),
    path("win-loss/being-made/", history_making.history_making, name="history_making"),
    path("win-loss/drivers/", views_winloss.drivers, name="drivers"),
    path("win-loss/leaks/", views_winloss.leak, name="leak"),
    path("win-loss/figures.<slug:kind>", views_winloss.figures, name="figures"),
    path("report/", views_winloss.report, name="report"),
    path("reasons/", views_reasons.reasons, name="reasons"),
    path("reasons/wordings/", views_reasons.wordings, name="wordings"),
    path("health/", views_health.health, name="health"),
    path("health/found/", views_health.found, name="health_found"),
    path("duplicates/", views_duplicates.duplicates, name="duplicates"),
    path("duplicates/decide/", views_duplicates.decide, name="duplicates_decide"),
    path("duplicates/split/", views_duplicates.split_again, name="duplicates_split"),
    path("duplicates/ask-again/", views_duplicates.propose_again, name="duplicates_ask_again"),
    path("imports/", views_imports.imports, name="imports"),
    path("imports/new/", views_imports.new, name="imports_new"),
    path("imports/<int:number>/", views_imports.show, name="import"),
    path("imports/<int:number>/columns/", views_imports.columns, name="import_columns"),
    path("imports/<int:number>/preview/", views_imports.preview, name="import_preview"),
    path("imports/<int:number>/write/", views_imports.write, name="import_write"),
    path("imports/<int:number>/progress/", views_imports.progress, name="import_progress"),
    path("imports/<int:number>/refused.csv", views_imports.refused, name="import_refused"),
    path("imports/<int:number>/kept.csv", views_imports.kept, name="import_kept"),
    path("imports/<int:number>/undo/", views_imports.undo, name="import_undo"),
    path("imports/<int:number>/cancel/", views_imports.cancel, name="import_cancel"),
    *NOTICES_URLS,
    *CLOSING_URLS,
    *DEBRIEF_URLS,
    *WINBACK_URLS,
    *DEAL_URLS,
    *PIPELINE_URLS,
    *PROCESS_URLS,
]
