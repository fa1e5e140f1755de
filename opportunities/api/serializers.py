"""The shapes of the API's answers. Nothing is filtered, computed or hidden here but by leaving it out.

Money is a string with two decimals in 亿元, a share one with four; texts carry both languages.
"""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .. import amounts
from ..addresses import absolute, search_address, with_query
from ..models import CooperationForm, District, Fact, Opportunity, PublishedFigure, Text
from ..reconciling import Reconciled
from ..search.facets import FacetValue
from ..search.naming import KINDS
from ..search.parameters import FACETS
from ..search.refusals import SHOWN_MAX, in_both
from ..search.suggesting import Suggested


@cache
def _form_name(form: CooperationForm) -> dict[str, str]:
    return in_both(form.label)


# --- fields ---------------------------------------------------------------------------------------


class TextSerializer(serializers.Serializer[Any]):
    zh = serializers.CharField(help_text=_("Chinese."))
    en = serializers.CharField(help_text=_("English; empty where there is no translation."))


@extend_schema_field(TextSerializer)
class TextField(serializers.Field[Any, Any, dict[str, str], Any]):
    """A text in both languages, stored as a pair or translated."""

    def to_representation(self, value: Any) -> dict[str, str]:
        return {"zh": value.zh, "en": value.en} if isinstance(value, Text) else in_both(value)


@extend_schema_field({"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)\.[0-9]{2}$", "examples": ["12.50"]})
class MoneyField(serializers.Field[Any, Any, str, Any]):
    """Money as a string with two decimals; in 亿元 unless the field says otherwise."""

    def to_representation(self, value: Decimal) -> str:
        return format(value, ".2f")


@extend_schema_field({"type": "string", "pattern": r"^[01]\.[0-9]{4}$", "examples": ["0.6000"]})
class ShareField(serializers.Field[Any, Any, str, Any]):
    def to_representation(self, value: Decimal) -> str:
        return format(value, ".4f")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)\.[0-9]{2}$"},
        ]
    }
)
class FigureField(serializers.Field[Any, Any, "int | str", Any]):
    """A count as a number, or money as a string in 亿元."""

    def to_representation(self, value: int | Decimal) -> int | str:
        return value if isinstance(value, int) else format(value, ".2f")


@extend_schema_field({"type": "number"})
class PlainNumberField(serializers.Field[Any, Any, "int | float", Any]):
    def to_representation(self, value: Decimal) -> int | float:
        return int(value) if value == value.to_integral_value() else float(value)


class MomentField(serializers.DateTimeField):
    """A moment in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


# --- reference data -------------------------------------------------------------------------------


class SectorSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = TextField()


class RegionSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = TextField()


class DistrictNameSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=_("GB/T 2260 code, or the slug of a zone that has none."))
    name = TextField()


class DistrictSerializer(DistrictNameSerializer):
    region = serializers.CharField(source="region.slug", help_text=_("Slug of its region in this edition."))
    kind = serializers.ChoiceField(choices=District.Kind.choices)


class CooperationSerializer(serializers.Serializer[Any]):
    slug = serializers.ChoiceField(choices=CooperationForm.choices, source="value")
    name = serializers.SerializerMethodField()

    @extend_schema_field(TextSerializer)
    def get_name(self, form: CooperationForm) -> dict[str, str]:
        return _form_name(form)


class PublishedFigureSerializer(serializers.Serializer[Reconciled]):
    claim = serializers.ChoiceField(choices=PublishedFigure.Claim.choices, source="figure.claim")
    value = serializers.CharField(
        source="figure.value",
        help_text=_(
            "Slug of the region or sector, or the threshold in units of CNY 100 million; empty for the"
            " whole list."
        ),
    )
    published = FigureField(
        help_text=_("As the source printed it: a count, or money in units of CNY 100 million.")
    )
    computed = FigureField(help_text=_("What the opportunities of the edition give."))
    difference = FigureField(help_text=_("Computed less published."))
    rounded = serializers.BooleanField(
        source="figure.is_rounded", help_text=_("The source calls its figure “about”.")
    )
    explanation = TextField(source="figure.explanation", help_text=_("Ours, not the source's."))
    source = TextField(source="figure.source", help_text=_("Where the figure was published."))
    url = serializers.SerializerMethodField(
        help_text=_("The page with exactly the opportunities counted; null where none are.")
    )
    api_url = serializers.SerializerMethodField(help_text=_("The same search through the API."))

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, one: Reconciled) -> str | None:
        with translation.override(settings.LANGUAGE_CODE):
            return _behind(reverse("opportunities:search"), one)

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_api_url(self, one: Reconciled) -> str | None:
        return _behind(reverse("api:opportunities"), one)


def _behind(path: str, one: Reconciled) -> str | None:
    """The address of the search behind a computed figure; None where it is not one of opportunities."""
    if one.query is None:
        return None
    return with_query(absolute(path), one.query)


class EditionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = TextField(source="catalogue.title")
    issuer = TextField(source="catalogue.issuer")
    released_on = serializers.DateField()
    is_sample = serializers.BooleanField(source="catalogue.is_sample")
    published_figures = serializers.SerializerMethodField()

    @extend_schema_field(PublishedFigureSerializer(many=True))
    def get_published_figures(self, edition: Any) -> Any:
        return PublishedFigureSerializer(self.context["reconciled"][edition.code], many=True).data


# --- opportunities --------------------------------------------------------------------------------


class LocationSerializer(serializers.Serializer[Any]):
    district = DistrictNameSerializer()
    region = RegionSerializer(source="district.region")
    share = ShareField(help_text=_("Part of the investment here; the shares add up to 1."))
    investment = MoneyField(
        help_text=_("Part of the investment here, in units of CNY 100 million; the parts add up exactly.")
    )


class OpportunitySerializer(serializers.Serializer[Opportunity]):
    """One opportunity. The context holds the ``brackets`` of its edition and, in a list, the ``search``."""

    reference = serializers.CharField(help_text=_("The lasting public name; issued once and never reused."))
    name = TextField()
    summary = TextField()
    sector = SectorSerializer()
    locations = LocationSerializer(many=True)
    investment = MoneyField(help_text=_("The whole investment, in units of CNY 100 million."))
    matched_investment = serializers.SerializerMethodField(
        help_text=_(
            "What of it lies in the places searched, in units of CNY 100 million; without such a filter the"
            " whole."
        )
    )
    investment_cny = serializers.SerializerMethodField(help_text=_("The whole investment, in yuan."))
    bracket = serializers.SerializerMethodField(help_text=_("Half-open: its lower bound belongs to it."))
    cycle_months = serializers.IntegerField(min_value=1, help_text=_("Construction period in whole months."))
    cooperation = CooperationSerializer(many=True)
    status = serializers.ChoiceField(choices=Opportunity.Status.choices)
    edition = serializers.CharField(source="edition.code")
    is_sample = serializers.BooleanField(help_text=_("Invented, and marked so wherever it is shown."))
    last_confirmed_on = serializers.DateField(allow_null=True)
    updated_at = MomentField(help_text=_("When public content last changed, in UTC."))
    url = serializers.SerializerMethodField(help_text=_("Its public page."))

    @extend_schema_field(MoneyField)
    def get_matched_investment(self, opportunity: Opportunity) -> str:
        search = self.context.get("search")
        matched = search.matched_investment(opportunity) if search else opportunity.investment
        return format(matched, ".2f")

    @extend_schema_field(MoneyField)
    def get_investment_cny(self, opportunity: Opportunity) -> str:
        return format(amounts.in_yuan(opportunity.investment), ".2f")

    def get_bracket(self, opportunity: Opportunity) -> str:
        return amounts.bracket_of(opportunity.investment, self.context["brackets"]).slug

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, opportunity: Opportunity) -> str:
        with translation.override(settings.LANGUAGE_CODE):
            return absolute(opportunity.get_absolute_url())


class FactSerializer(serializers.Serializer[Fact]):
    key = serializers.CharField(source="kind.key")
    label = TextField(source="kind.label")
    value = serializers.SerializerMethodField(
        "get_figure", help_text=_("A number in its unit, or a text without unit.")
    )
    unit = serializers.CharField()
    note = serializers.SerializerMethodField(help_text=_("A remark beside a number."))
    state = serializers.ChoiceField(choices=Fact.State.choices)
    verified_on = serializers.DateField(allow_null=True)

    @extend_schema_field(TextSerializer)
    def get_figure(self, fact: Fact) -> dict[str, str]:
        if fact.number is None:
            return fact.value._asdict()
        number = amounts.shortest(fact.number)
        return {"zh": number, "en": number}

    @extend_schema_field({"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]})
    def get_note(self, fact: Fact) -> dict[str, str] | None:
        return fact.value._asdict() if fact.number is not None and fact.value.zh else None


class OfficeSerializer(serializers.Serializer[Any]):
    """What of a contact is public. The person is given by POST alone."""

    unit = TextField()
    office_phone = serializers.CharField()
    office_email = serializers.CharField(help_text=_("Empty where there is none."))


class OpportunityDetailSerializer(OpportunitySerializer):
    content = TextField()
    expected_benefit = TextField()
    annual_output = MoneyField(
        allow_null=True, help_text=_("In units of CNY 100 million a year at full output.")
    )
    annual_tax = MoneyField(
        allow_null=True, help_text=_("In units of CNY 100 million a year at full output.")
    )
    jobs = serializers.IntegerField(allow_null=True)
    advantages = TextField(help_text=_("One a line."))
    conditions = TextField()
    facts = FactSerializer(many=True)
    contact = OfficeSerializer(source="main_contact", help_text=_("The unit that answers, and its office."))


class PersonSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    post = TextField()
    phone = serializers.CharField()


# --- envelopes ------------------------------------------------------------------------------------


class OpportunityPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0, help_text=_("Opportunities found, on all pages."))
    total_investment = MoneyField(
        help_text=_("Of the locations that match, on all pages, in units of CNY 100 million.")
    )
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    unit = TextField(help_text=_("Of all money but investment_cny."))
    edition = serializers.CharField()
    data_as_of = MomentField(
        allow_null=True, help_text=_("When anything of the edition last changed; null when it is empty.")
    )
    license = serializers.CharField(
        allow_null=True, help_text=_("Licence of the data; null where the issuer states none.")
    )
    notice = TextField(help_text=_("What to know about the data; show it with them."))
    results = OpportunitySerializer(many=True)


class FullOpportunityPageSerializer(OpportunityPageSerializer):
    results = OpportunityDetailSerializer(many=True)


class AnyPageSerializer(serializers.Serializer[Any]):
    """Stands for either page in the schema; ``schema.EitherPage`` describes it."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class AnyParameterField(serializers.Field[Any, Any, Any, Any]):
    """One value of a parameter, or a list of them."""

    def to_representation(self, value: str | list[str]) -> str | list[str]:
        return value


class FacetValueSerializer(serializers.Serializer[FacetValue]):
    value = serializers.CharField()
    label = TextField()
    count = serializers.IntegerField(min_value=0)
    investment = MoneyField()
    selected = serializers.BooleanField()


class AtLeastSerializer(serializers.Serializer[Any]):
    threshold = PlainNumberField(
        help_text=_("In units of CNY 100 million; opportunities of this investment and more.")
    )
    count = serializers.IntegerField(min_value=0)
    investment = MoneyField()


class FacetListsSerializer(serializers.Serializer[Any]):
    """By parameter: every value in its order, with the numbers of the search that selects it alone."""

    def get_fields(self) -> dict[str, Any]:
        return {name: FacetValueSerializer(many=True) for name in FACETS}


class FacetsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0)
    total_investment = MoneyField()
    facets = FacetListsSerializer()
    investment_at_least = AtLeastSerializer(many=True)


class UnderstoodSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text=_("A piece of what was typed."))
    parameter = serializers.CharField()
    value = serializers.CharField()


class SuggestionSerializer(UnderstoodSerializer):
    question = serializers.CharField(help_text=_("The question with the word put right."))


class InterpretationSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(source="words", help_text=_("The words left to search for; may be empty."))
    parameters = serializers.DictField(
        source="as_parameters",
        child=AnyParameterField(),
        help_text=_("By canonical name; lists where a parameter takes several values."),
    )
    explanation = UnderstoodSerializer(many=True)
    suggestions = SuggestionSerializer(many=True, help_text=_("Words that may be mistyped."))


class SuggestedSerializer(serializers.Serializer[Suggested]):
    kind = serializers.ChoiceField(choices=KINDS)
    label = TextField(help_text=_("What people read; an opportunity's name."))
    note = TextField(help_text=_("What it is: the name of its parameter or its value, or a reference."))
    matched = TextField(help_text=_("The piece of the label that was typed; empty where none was."))
    question = TextField(help_text=_("What to send as the `q` of /ask/ or of interpret/ to follow it."))
    parameters = serializers.DictField(
        child=AnyParameterField(), help_text=_("What the suggestion adds, by canonical name.")
    )
    reference = serializers.CharField(
        source="opportunity.reference", default=None, allow_null=True, help_text=_("Of an opportunity.")
    )
    count = serializers.IntegerField(
        min_value=0,
        allow_null=True,
        help_text=_("How many opportunities the question finds; null for an opportunity."),
    )
    url = serializers.SerializerMethodField(help_text=_("The page it leads to."))

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, one: Suggested) -> str:
        with translation.override(settings.LANGUAGE_CODE):
            if one.opportunity:
                return absolute(one.opportunity.get_absolute_url())
            return absolute(search_address(one.query))


class SuggestionsSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(source="typed", help_text=_("What was typed; may be empty."))
    suggestions = SuggestedSerializer(many=True, help_text=_("At most 10."))


# --- problems -------------------------------------------------------------------------------------


class RefusalSerializer(serializers.Serializer[Any]):
    parameter = serializers.CharField()
    value = serializers.CharField(
        help_text=format_lazy(
            _("What was sent; of more than {limit} characters the first {limit} and “…”."), limit=SHOWN_MAX
        )
    )
    message = TextField()
    allowed = serializers.ListField(child=serializers.CharField())
    did_you_mean = serializers.CharField(allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 describes it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = RefusalSerializer(many=True, required=False)
