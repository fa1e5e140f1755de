"""A portal as it is usually written: django-filter, joins, a GROUP BY for each facet, one template.

It counts with all filters, the facet's own among them, and a join on places doubles the money of an
opportunity in two of them; words are looked for in every text of every row. To compare with.
"""

from __future__ import annotations

import django_filters
from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import path

from opportunities.models import CooperationForm, District, Opportunity, Region, Sector

BRACKETS = {"under-10": (0, 10), "10-50": (10, 50), "50-100": (50, 100), "100-plus": (100, 1_000_000)}
CYCLES = {"up-to-12": (0, 13), "13-24": (13, 25), "25-36": (25, 37), "over-36": (37, 1000)}
TEXTS = [
    f"{text}_{language}"
    for text in ("name", "summary", "content", "expected_benefit", "advantages", "conditions")
    for language in ("zh", "en")
]


def banded(column: str, bands: dict[str, tuple[int, int]]) -> Case:
    whens = [
        When(**{f"{column}__gte": low, f"{column}__lt": high, "then": Value(s)})
        for s, (low, high) in bands.items()
    ]
    return Case(*whens)


FACETS = {
    "sector": F("sector__slug"),
    "region": F("locations__district__region__slug"),
    "district": F("locations__district__code"),
    "bracket": banded("investment", BRACKETS),
    "cycle": banded("cycle_months", CYCLES),
    "cooperation": F("cooperation_forms__form"),
    "status": F("status"),
}


def many(column: str, rows: type[Sector | Region | District], key: str) -> django_filters.Filter:
    return django_filters.ModelMultipleChoiceFilter(
        field_name=column,
        to_field_name=key,
        queryset=lambda request: rows.objects.filter(edition__is_current=True),
    )


class OpportunityFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="words")
    sector = many("sector__slug", Sector, "slug")
    region = many("locations__district__region__slug", Region, "slug")
    district = many("locations__district__code", District, "code")
    bracket = django_filters.MultipleChoiceFilter(
        choices=[(slug, slug) for slug in BRACKETS], method="brackets"
    )
    investment_min = django_filters.NumberFilter("investment", "gte")
    investment_max = django_filters.NumberFilter("investment", "lte")
    cooperation = django_filters.MultipleChoiceFilter(
        field_name="cooperation_forms__form", choices=CooperationForm
    )
    status = django_filters.MultipleChoiceFilter(choices=Opportunity.Status)

    def words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.split():
            condition = Q()
            for column in TEXTS:
                condition |= Q(**{f"{column}__icontains": word})
            queryset = queryset.filter(condition)
        return queryset

    def brackets(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for low, high in (BRACKETS[slug] for slug in value):
            condition |= Q(investment__gte=low, investment__lt=high)
        return queryset.filter(condition)


TEMPLATE = Engine().from_string("""<!doctype html>
<html><title>Opportunities</title><h1>{{ page.paginator.count }} opportunities</h1>
{% for name, values in facets.items %}<h2>{{ name }}</h2><ul>
{% for one in values %}<li><a href="?{{ name }}={{ one.value }}">{{ one.value }}</a>
{{ one.count }} · {{ one.investment }}</li>{% endfor %}</ul>{% endfor %}
<ol>{% for one in page %}<li><h3>{{ one.name_zh }}</h3><p>{{ one.summary_zh }}</p>
<p>{{ one.sector.name_zh }} · {{ one.investment }} · {{ one.cycle_months }} · {{ one.status }}
{% for location in one.locations.all %}{{ location.district.name_zh }} {% endfor %}
{% for form in one.cooperation_forms.all %}{{ form.form }} {% endfor %}</p></li>{% endfor %}</ol>
<p>{{ page.number }} / {{ page.paginator.num_pages }}</p></html>""")


def search(request: HttpRequest) -> HttpResponse:
    public = Opportunity.objects.filter(edition__is_current=True, publication="published")
    found = OpportunityFilter(request.GET, public).qs.order_by()
    facets = {
        name: list(
            found.values(value=column).annotate(
                count=Count("pk", distinct=True), investment=Sum("investment")
            )
        )
        for name, column in FACETS.items()
    }
    if "json" in request.path:
        return JsonResponse({"count": found.distinct().count(), "facets": facets})
    rows = found.distinct().select_related("sector")
    rows = rows.prefetch_related("locations__district", "cooperation_forms")
    page = Paginator(rows.order_by("-investment", "reference"), 20).get_page(request.GET.get("page"))
    return HttpResponse(TEMPLATE.render(Context({"page": page, "facets": facets})))


urlpatterns = [path("", search), path("json", search), path("ready", lambda request: HttpResponse())]
