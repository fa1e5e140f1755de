from __future__ import annotations

from django.urls import path, re_path

from . import views
from .models.catalogue import REFERENCE_PATTERN

app_name = "opportunities"

urlpatterns = [
    path("ask/", views.ask, name="ask"),
    path("opportunities/", views.search_page, name="search"),
    re_path(rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/$", views.detail, name="detail"),
    re_path(rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/contact/$", views.contact, name="contact"),
    re_path(rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/qr\.png$", views.qr, name="qr"),
    path("compare/", views.compare, name="compare"),
    path("sectors/<slug:slug>/", views.sector, name="sector"),
    path("districts/<slug:code>/", views.district, name="district"),
]
