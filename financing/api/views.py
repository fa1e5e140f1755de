"""The finance plan in the REST API: parse, ask, answer. A city without a plan has none of it."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from opportunities.api.views import Gone, ReadView, kept
from opportunities.comparing import unknown
from opportunities.models import Opportunity
from opportunities.models.catalogue import REFERENCE_PATTERN
from opportunities.search.parameters import RefusingField, StrictForm, given
from opportunities.search.refusals import SearchRefused

from .. import charts, outlook
from ..current import Current
from ..filtering import FILTERS, Selection
from ..matching import NOTICE, matches_of
from ..models import Plan, Unit
from . import serializers


class FinanceView(ReadView):
    answers = (400, 404, 405, 406, 429, 503)

    @property
    def plan(self) -> Plan:
        """Raises NotFound where the city has none."""
        plan = Current.of().plan
        if plan is None:
            raise NotFound("There is no finance plan.")
        return plan


def described(plan: Plan) -> dict[str, Any]:
    """A plan with its offices, as every answer carries it."""
    units = list(plan.units.all())
    return {
        **{name: getattr(plan, name) for name in ("slug", "name", "goal", "method", "source")},
        **{name: getattr(plan, name) for name in ("starts_in", "ends_in")},
        "lead": next((unit for unit in units if unit.role == Unit.Role.LEAD), None),
        "together": [unit for unit in units if unit.role == Unit.Role.TOGETHER],
    }


class IndicatorsView(FinanceView):
    @extend_schema(
        operation_id="listFinanceIndicators",
        summary=_("Indicators of the finance plan"),
        description=_(
            "Every published figure with its source, and what is still needed to reach the last target."
            " Corrections are figures of their own; of each kind, year and quarter the last one is given."
        ),
        responses=serializers.IndicatorsSerializer,
        tags=["financing"],
    )
    @kept
    def get(self, request: Request) -> Response:
        plan = self.plan
        self.asked(request)
        values = outlook.values_of(plan.indicators.prefetch_related("figures"))
        answer = {
            "plan": described(plan),
            "stated": plan.indicators_stated,
            "published": len(values),
            "with_targets": sum(one.goal is not None for one in values),
            "results": values,
        }
        return Response(serializers.IndicatorsSerializer(answer).data)


class ItemsView(FinanceView):
    accepts = FILTERS

    @extend_schema(
        operation_id="listFinanceItems",
        summary=_("Items of the finance plan's lists"),
        description=_(
            "Published items that meet every parameter given. Items that the source counts without"
            " naming them are numbers alone."
        ),
        responses=serializers.ItemsSerializer,
        tags=["financing"],
    )
    @kept
    def get(self, request: Request) -> Response:
        plan = self.plan
        selection = Selection.from_query(request.query_params, plan)
        strips = charts.strips_of(plan.lists.all(), selection.everything, selection.items)
        answer = {
            "plan": described(plan),
            "stated": sum(strip.list.stated for strip in strips),
            "published": len(selection.everything),
            "unpublished": sum(strip.unpublished for strip in strips),
            "lists": strips,
            "count": len(selection.items),
            "results": selection.items,
        }
        return Response(serializers.ItemsSerializer(answer).data)


class SystemsView(FinanceView):
    @extend_schema(
        operation_id="listFinanceSystems",
        summary=_("Systems and tasks of the finance plan"),
        responses=serializers.SystemsSerializer,
        tags=["financing"],
    )
    @kept
    def get(self, request: Request) -> Response:
        plan = self.plan
        self.asked(request)
        answer = {
            "plan": described(plan),
            "tasks": plan,
            "systems": plan.systems.prefetch_related("tasks"),
            "organisation": plan.tasks.filter(system=None),
        }
        return Response(serializers.SystemsSerializer(answer).data)


class ReferenceField(RefusingField):
    """A reference, which has to be given."""

    def clean(self, value: Any) -> str:
        if value in self.empty_values:
            self.refuse("", _("“%(parameter)s” is needed here."), allowed=[REFERENCE_PATTERN])
        return unicodedata.normalize("NFKC", value).strip()


class MatchesForm(StrictForm):
    accepts = ("reference",)
    reference = ReferenceField()


class MatchesView(FinanceView):
    accepts = MatchesForm.accepts
    answers = (400, 404, 405, 406, 410, 429, 503)

    @extend_schema(
        operation_id="listFinanceMatches",
        summary=_("What of the finance plan can serve an opportunity"),
        description=_(
            "Items to ask about, each with the conditions that held and whom to ask. Never a promise:"
            " the responsible unit's answer counts."
        ),
        responses=serializers.MatchesSerializer,
        tags=["financing"],
    )
    @kept
    def get(self, request: Request) -> Response:
        self.plan  # noqa: B018 - without one there is nothing to ask for
        form = MatchesForm(given(request.query_params, self.accepts))
        if not form.is_valid():
            raise SearchRefused(form.refusals())
        reference = form.cleaned_data["reference"]
        opportunity = Opportunity.objects.once_public().for_detail().filter(reference=reference).first()
        if opportunity is None:
            raise SearchRefused([unknown(reference)])
        if not opportunity.is_public:
            raise Gone(opportunity)
        answer = {
            "reference": opportunity.reference,
            "notice": NOTICE,
            "results": matches_of([opportunity])[opportunity.pk],
        }
        return Response(serializers.MatchesSerializer(answer).data)
