from __future__ import annotations

from django.urls import path

from . import views

app_name = "financing"

urlpatterns = [
    path("financing/", views.plan, name="plan"),
    path("financing/items/<slug:code>/", views.item, name="item"),
]
