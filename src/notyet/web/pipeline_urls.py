"""The addresses of the pipeline and of its targets."""

from django.urls import URLPattern, path

from notyet.web import views_pipeline

PIPELINE_URLS: list[URLPattern] = [
    path("pipeline/", views_pipeline.pipeline, name="pipeline"),
    path("pipeline/spent/", views_pipeline.spent, name="pipeline_spent"),
    path("pipeline/deals/", views_pipeline.deals, name="pipeline_deals"),
    path("pipeline/targets/", views_pipeline.targets, name="pipeline_targets"),
    path("pipeline/targets/<int:pk>/", views_pipeline.target, name="pipeline_target"),
    path("pipeline/targets/<int:pk>/remove/", views_pipeline.target_remove, name="pipeline_target_remove"),
]
