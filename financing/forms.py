"""Staff's forms for the plan: what they refuse is said beside the field, in words to act on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opportunities.models import Opportunity
from opportunities.search.scheme import NoEdition, Scheme

from . import reporting
from .models import Evaluation, Figure, Item, Pin, Rule


class ItemForm(forms.ModelForm):
    class Meta:
        model = Item
        fields = "__all__"  # noqa: DJ007 - the admin's fields name those shown

    def clean(self) -> dict[str, Any]:
        super().clean()
        values = self.cleaned_data
        whole = values.get("list") or (self.instance.list if self.instance.list_id else None)
        code = values.get("code") or self.instance.code
        if whole and code and code.rpartition("-")[0] != whole.slug:
            self.add_error(
                "code", _("In this list codes are like %(example)s.") % {"example": f"{whole.slug}-04"}
            )
        if whole and whole.items.exclude(pk=self.instance.pk).count() >= whole.stated:
            self.add_error(
                None, _("The source counts %(stated)s items in this list.") % {"stated": whole.stated}
            )
        if values.get("is_public") and not values.get("source_zh"):
            self.add_error("source_zh", _("An item is published with its source."))
        return values


class EntryForm(forms.ModelForm):
    """A step, not the very one that its author entered last."""

    # Who is signed in; set by the administration.
    author: Any = None

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for reason in reporting.reasons_not_to_repeat(self.instance, self.author):
                self.add_error(None, reason)


class DatedForm(EntryForm):
    """A step of a quarter within the plan's years."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        item, year = self.cleaned_data.get("item"), self.cleaned_data.get("year")
        if item and year:
            for reason in reporting.reasons_not_to_date(item.list.plan, year):
                self.add_error("year", reason)
        return self.cleaned_data


class ReportForm(DatedForm):
    """A step of a quarter that has begun."""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        item, year, quarter = values.get("item"), values.get("year"), values.get("quarter")
        if item and year and quarter:
            for reason in reporting.reasons_not_to_report(item.list.plan, year, quarter):
                self.add_error("quarter", reason)
        return values


class FigureForm(EntryForm):
    def clean(self) -> dict[str, Any]:
        super().clean()
        names = ("indicator", "kind", "year", "value")
        if all(self.cleaned_data.get(name) is not None for name in names) and "quarter" in self.cleaned_data:
            figure = Figure(**{name: self.cleaned_data[name] for name in (*names, "quarter")})
            for field, reason in reporting.reasons_not_to_record(figure).items():
                self.add_error(field, reason)
        return self.cleaned_data


class EvaluationForm(EntryForm):
    class Meta:
        model = Evaluation
        fields = ("report", "result", "remark_zh", "remark_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("report")
        if field:
            # Their own is not offered; one who asks for it all the same is told why.
            others = field.queryset.exclude(author=self.author)
            field.choices = [("", field.empty_label), *((one.pk, str(one)) for one in others)]

    def clean(self) -> dict[str, Any]:
        super().clean()
        report = self.cleaned_data.get("report")
        if report:
            for reason in reporting.reasons_not_to_evaluate(report, self.author):
                self.add_error("report", reason)
        return self.cleaned_data


class ValuesField(forms.MultipleChoiceField):
    """Values of a facet by slug; those a rule has and the edition does not stay on offer."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class RuleForm(forms.ModelForm):
    sectors = ValuesField(label=gettext_lazy("Sectors"))
    regions = ValuesField(label=gettext_lazy("Regions"))
    districts = ValuesField(
        label=gettext_lazy("Districts"),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("Beside the regions: a location in any of either will do."),
    )
    cooperation = ValuesField(label=gettext_lazy("Forms of cooperation"))

    class Meta:
        model = Rule
        fields = (
            "item", "sectors", "regions", "districts", "investment_min", "investment_max", "cooperation",
            "valid_from", "valid_to", "basis_zh", "basis_en", "is_sample", "is_active",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            options = Scheme.of().options
        except NoEdition:
            options = {}
        for name, facet in FACETS.items():
            if name in self.fields:
                known = {value: str(label) for value, label in options.get(facet, {}).items()}
                known |= {value: value for value in getattr(self.instance, name) if value not in known}
                self.fields[name].choices = list(known.items())

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if not any(given.get(name) not in (None, "", []) for name in CONDITIONS):
            raise ValidationError(_("A rule has at least one condition on the opportunity."))
        for low, high in (("investment_min", "investment_max"), ("valid_from", "valid_to")):
            lower, upper = given.get(low), given.get(high)
            if lower is not None and upper is not None and lower > upper:
                self.add_error(high, _("This is before or below %(lower)s.") % {"lower": lower})
        return given


class ReferenceField(forms.ModelChoiceField):
    """An opportunity by the reference that everybody knows it by."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip().upper() if isinstance(value, str) else value)


class PinForm(forms.ModelForm):
    opportunity = ReferenceField(
        Opportunity.objects.all(),
        to_field_name="reference",
        label=gettext_lazy("Opportunity"),
        help_text=gettext_lazy("Its reference, as in the list of opportunities."),
        error_messages={
            "invalid_choice": gettext_lazy(
                "No opportunity has this reference; it stands in the list of opportunities."
            )
        },
    )

    class Meta:
        model = Pin
        fields = ("item", "opportunity", "kind", "reason_zh", "reason_en")


FACETS = {"sectors": "sector", "regions": "region", "districts": "district", "cooperation": "cooperation"}
CONDITIONS = (*FACETS, "investment_min", "investment_max")
