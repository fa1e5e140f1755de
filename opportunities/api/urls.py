from __future__ import annotations

from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from ..models.catalogue import REFERENCE_PATTERN
from . import docs, views

app_name = "api"

to_docs = RedirectView.as_view(pattern_name="api:docs", http_method_names=["get", "head"])

v1 = [
    path("opportunities/", views.OpportunityList.as_view(), name="opportunities"),
    re_path(
        rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/$",
        views.OpportunityDetail.as_view(),
        name="opportunity",
    ),
    re_path(
        rf"^opportunities/(?P<reference>{REFERENCE_PATTERN})/contact/$",
        views.OpportunityContact.as_view(),
        name="contact",
    ),
    path("facets/", views.FacetsView.as_view(), name="facets"),
    path("interpret/", views.InterpretView.as_view(), name="interpret"),
    path("suggest/", views.SuggestView.as_view(), name="suggest"),
    path("sectors/", views.SectorList.as_view(), name="sectors"),
    path("regions/", views.RegionList.as_view(), name="regions"),
    path("districts/", views.DistrictList.as_view(), name="districts"),
    path("editions/", views.EditionList.as_view(), name="editions"),
    path("schema/", views.SchemaView.as_view(), name="schema"),
]

urlpatterns = [
    # Nothing to forge: a wrong method is to be told so rather than asked for a token.
    path("", csrf_exempt(to_docs), name="root"),
    path("docs/", docs.page, name="docs"),
    path("v1/", include(v1)),
]
