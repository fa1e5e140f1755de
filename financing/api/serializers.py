"""The shapes of the finance plan's answers. Nothing is filtered or computed here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from opportunities import amounts
from opportunities.api.serializers import MomentField, TextField, absolute
from opportunities.models import Text

from ..matching import Match
from ..models import Comparison, Figure, Indicator, Item
from ..models.steps import NOT_REPORTED, PROGRESS

NUMBER = r"^(0|[1-9][0-9]*)(\.[0-9]{1,3})?$"

# As the source prints them, and what that is in English.
MEASURES = {
    Indicator.Measure.YI: Text("亿元", "CNY 100 million"),
    Indicator.Measure.TRILLION: Text("万亿元", "CNY trillion"),
    Indicator.Measure.PERCENT: Text("%", "%"),
    Indicator.Measure.COMPANIES: Text("家", "companies"),
}


@extend_schema_field({"type": "string", "pattern": NUMBER, "examples": ["5.36"]})
class NumberField(serializers.Field[Any, Any, str, Any]):
    """A number as a string with as many decimals as are known."""

    def to_representation(self, value: Decimal) -> str:
        return amounts.shortest(value)


# --- the plan -------------------------------------------------------------------------------------


class UnitSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = TextField()
    phone = serializers.CharField(help_text=_("Office line; empty where none is published or entered."))
    website = serializers.CharField(help_text=_("Empty where none is published or entered."))


class PlanSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = TextField()
    goal = TextField()
    method = TextField(help_text=_("How the plan is kept."))
    first_year = serializers.IntegerField(source="starts_in")
    last_year = serializers.IntegerField(source="ends_in")
    lead = UnitSerializer(help_text=_("The lead office, to be asked where no unit is responsible."))
    together = UnitSerializer(many=True, help_text=_("Who drew up the plan with the lead office."))
    source = TextField()


# --- indicators -----------------------------------------------------------------------------------


class MeasureSerializer(serializers.Serializer[Any]):
    slug = serializers.ChoiceField(choices=Indicator.Measure.choices)
    name = TextField()


class FigureSerializer(serializers.Serializer[Figure]):
    kind = serializers.ChoiceField(choices=Figure.Kind.choices)
    year = serializers.IntegerField()
    quarter = serializers.IntegerField(allow_null=True, help_text=_("Null: the whole year."))
    value = NumberField(help_text=_("In the indicator's unit; growth in per cent."))
    comparison = serializers.ChoiceField(choices=Comparison.choices)
    source = TextField()
    entered_at = MomentField(source="at")


class OutlookSerializer(serializers.Serializer[Any]):
    from_year = serializers.IntegerField(source="base.year")
    from_kind = serializers.ChoiceField(
        choices=Figure.Kind.choices,
        source="base.kind",
        help_text=_("A target, where nothing actual is published."),
    )
    to_year = serializers.IntegerField(source="goal.year")
    needed = NumberField(help_text=_("Still needed to reach the last target, in the indicator's unit."))
    more_than = serializers.BooleanField(source="is_more_than", help_text=_("The target is to be exceeded."))
    growth_per_year = NumberField(
        source="growth", allow_null=True, help_text=_("Per cent a year that this takes; computed.")
    )


class IndicatorSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="indicator.slug")
    name = TextField(source="indicator.name")
    unit = serializers.SerializerMethodField()
    figures = FigureSerializer(many=True)
    outlook = OutlookSerializer(allow_null=True, help_text=_("Null where no target is published."))

    @extend_schema_field(MeasureSerializer)
    def get_unit(self, values: Any) -> Any:
        measure = values.indicator.measure
        return {"slug": measure, "name": MEASURES[measure]._asdict()}


class IndicatorsSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    stated = serializers.IntegerField(help_text=_("How many indicators the plan has, by the source."))
    published = serializers.IntegerField(help_text=_("How many of them are published."))
    with_targets = serializers.IntegerField(help_text=_("How many are published with a target."))
    results = IndicatorSerializer(many=True)


# --- items ----------------------------------------------------------------------------------------


class ItemListSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="list.slug")
    name = TextField(source="list.name")
    stated = serializers.IntegerField(source="list.stated", help_text=_("By the source."))
    published = serializers.IntegerField()


class NamedSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = TextField()


class QuarterSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    quarter = serializers.IntegerField()


class ItemNameSerializer(serializers.Serializer[Item]):
    code = serializers.CharField(help_text=_("The item's lasting public name, such as reforms-01."))
    name = TextField()
    list = NamedSerializer()
    url = serializers.SerializerMethodField(help_text=_("Its public page."))

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, item: Item) -> str:
        with translation.override(settings.LANGUAGE_CODE):
            return absolute(item.get_absolute_url())


class ItemSerializer(ItemNameSerializer):
    system = NamedSerializer(allow_null=True, help_text=_("Null: not published."))
    unit = UnitSerializer(allow_null=True, help_text=_("The responsible unit; null: not published."))
    partners = UnitSerializer(many=True)
    progress = serializers.SerializerMethodField()
    reported = serializers.SerializerMethodField(help_text=_("The last quarter reported."))
    source = TextField()

    @extend_schema_field({"type": "string", "enum": list(PROGRESS)})
    def get_progress(self, item: Any) -> str:
        return item.progress or NOT_REPORTED

    @extend_schema_field(QuarterSerializer(allow_null=True))
    def get_reported(self, item: Any) -> dict[str, int] | None:
        if item.progress is None:
            return None
        return {"year": item.progress_year, "quarter": item.progress_quarter}


class ItemsSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    stated = serializers.IntegerField(help_text=_("How many items the lists have, by the source."))
    published = serializers.IntegerField(help_text=_("How many of them are published by name."))
    unpublished = serializers.IntegerField(help_text=_("How many are not."))
    lists = ItemListSerializer(many=True)
    count = serializers.IntegerField(help_text=_("Items found."))
    results = ItemSerializer(many=True)


# --- systems --------------------------------------------------------------------------------------


class SystemSerializer(NamedSerializer):
    tasks = NamedSerializer(many=True, source="tasks.all", help_text=_("Those that are published."))


class TasksSerializer(serializers.Serializer[Any]):
    stated = serializers.IntegerField(source="tasks_stated", help_text=_("By the source."))
    in_systems = serializers.IntegerField(source="system_tasks_stated")
    of_organisation = serializers.IntegerField(source="organisation_tasks_stated")


class SystemsSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    tasks = TasksSerializer(help_text=_("How many tasks the plan has."))
    systems = SystemSerializer(many=True)
    organisation = NamedSerializer(many=True, help_text=_("Tasks of organisation."))


# --- matches --------------------------------------------------------------------------------------


class ReasonSerializer(serializers.Serializer[Any]):
    condition = serializers.CharField()
    text = TextField(source="words")


class MatchSerializer(serializers.Serializer[Match]):
    item = ItemNameSerializer()
    reasons = ReasonSerializer(many=True, help_text=_("Exactly the conditions that held."))
    ask = UnitSerializer(source="office", allow_null=True, help_text=_("Whom to ask."))
    asks_lead_office = serializers.BooleanField(
        source="asks_the_lead", help_text=_("No responsible unit is published; the lead office is named.")
    )
    is_sample = serializers.BooleanField(help_text=_("The rule is a sample of ours."))


class MatchesSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    notice = TextField(help_text=_("What to know about the matches; show it with them."))
    results = MatchSerializer(many=True)
