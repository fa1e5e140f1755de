from __future__ import annotations

from django.urls import path

from . import views

app_name = "financing-api"

urlpatterns = [
    path("indicators/", views.IndicatorsView.as_view(), name="indicators"),
    path("items/", views.ItemsView.as_view(), name="items"),
    path("systems/", views.SystemsView.as_view(), name="systems"),
    path("matches/", views.MatchesView.as_view(), name="matches"),
]
