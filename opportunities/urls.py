from __future__ import annotations

from django.urls import path, re_path

from . import views
from .models.catalogue import REFERENCE_PATTERN

app_name = "opportunities"

urlpatterns = [
    path("ask/", views.ask, name="ask"),
    path("opportunities/", views.search_page, name="search"),
    path("opportunities/export.csv", views.export_csv, name="export-csv"),
    path("opportunities/export.xlsx", views.export_xlsx, name="export-xlsx"),
    path("opportunities/feed.atom", views.feed, name="feed"),
    re_path(rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/$", views.detail, name="detail"),
    re_path(rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/contact/$", views.contact, name="contact"),
    path("compare/", views.compare, name="compare"),
    path("insights/", views.figures, name="insights"),
    path("sectors/<slug:slug>/", views.sector, name="sector"),
    path("districts/<slug:code>/", views.district, name="district"),
]
