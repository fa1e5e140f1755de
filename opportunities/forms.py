"""Staff's forms for an entry: what they refuse is said beside the field, in words to act on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from . import amounts, publishing
from .attributes import ATTRIBUTES
from .models import (
    Contact,
    Cooperation,
    CooperationForm,
    District,
    Edition,
    Location,
    Opportunity,
    PublishedFigure,
)


def attribute(key: str) -> Any:
    """The number and name of one of the 12 attributes: “4 Amount”."""
    found = next(attribute for attribute in ATTRIBUTES if attribute.key == key)
    return format_lazy("{} {}", found.number, found.label)


def choices_of(rows: Any, name: str) -> list[tuple[Any, str]]:
    """Rows as choices named in the active language, read once for all forms of a page."""
    return [("", "–"), *((row.pk, str(getattr(row, name))) for row in rows)]


class LongTextField(forms.CharField):
    """A text of several lines. Browsers send them apart by CR LF; stored, and compared, is LF."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


class OpportunityForm(forms.ModelForm):
    """One entry. ``version`` is its state when the page was opened."""

    cooperation = forms.MultipleChoiceField(
        label=attribute("cooperation"),
        choices=CooperationForm.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    predecessor = forms.ModelChoiceField(
        Opportunity.objects.all(),
        label=_("Predecessor"),
        required=False,
        to_field_name="reference",
        widget=forms.TextInput(attrs={"class": "vReferenceField"}),
        help_text=_("The reference of the same opportunity in an earlier edition."),
        error_messages={"invalid_choice": _("There is no opportunity with this reference.")},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Opportunity
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets name those shown
        labels = {
            "name_zh": attribute("name"),
            "name_en": _("in English"),
            "summary_zh": _("Summary"),
            "summary_en": _("in English"),
            "sector": attribute("sector"),
            "investment": attribute("investment"),
            "content_zh": attribute("content"),
            "content_en": _("in English"),
            "cycle_months": attribute("cycle"),
            "expected_benefit_zh": attribute("benefit"),
            "expected_benefit_en": _("in English"),
            "annual_output": _("Output a year, CNY 100 m"),
            "annual_tax": _("Tax a year, CNY 100 m"),
            "jobs": _("New jobs"),
            "advantages_zh": attribute("advantages"),
            "advantages_en": _("in English"),
            "conditions_zh": attribute("conditions"),
            "conditions_en": _("in English"),
        }
        # Said once for the three that stand in one line.
        help_texts = {"annual_output": _("At full output."), "annual_tax": ""}
        error_messages = {
            "reference": {"unique": _("This reference has been issued already.")},
            **{
                column: {"invalid": _("This is not a number. Write it like 18.25.")}
                for column in ("investment", "annual_output", "annual_tax")
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile = False
        self.version_posted = ""
        if self.instance.pk:
            self.initial["cooperation"] = [form.value for form in self.instance.cooperation]
            self.initial["version"] = publishing.version(self.instance)
            if self.instance.predecessor:
                self.initial["predecessor"] = self.instance.predecessor.reference

    def clean_cooperation(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["cooperation"]
        if not chosen and self.instance.is_public:
            raise ValidationError(_("A published opportunity offers at least one form of cooperation."))
        return chosen

    def clean_predecessor(self) -> Opportunity | None:
        predecessor: Opportunity | None = self.cleaned_data["predecessor"]
        if predecessor and predecessor.edition_id == self.instance.edition_id:
            raise ValidationError(_("A predecessor belongs to an earlier edition."))
        return predecessor

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.instance.pk:
            publishing.hold(self.instance)
            current = publishing.version(self.instance)
            self.version_posted = self.cleaned_data.get("version", "")
            if self.version_posted != current:
                self.changed_meanwhile = True
                # Once shown what the other changed, saving again is a decision, not an accident.
                self.data = self.data.copy()
                self.data["version"] = current
                raise ValidationError(
                    _(
                        "Somebody else changed this entry while you had it open. Nothing was saved. "
                        "What they changed stands at the side; save again to put your version in its place."
                    ),
                    code="changed_meanwhile",
                )
        return self.cleaned_data

    @property
    def changed_data(self) -> list[str]:
        # Compared above; no content of the entry.
        return [name for name in super().changed_data if name != "version"]

    def save_cooperation(self) -> None:
        """Store the forms of cooperation chosen. The entry itself must be stored already."""
        chosen = set(self.cleaned_data["cooperation"])
        for row in self.instance.cooperation_forms.all():
            if row.form not in chosen:
                row.delete()
            chosen.discard(row.form)
        for form in CooperationForm.values:
            if form in chosen:
                Cooperation.objects.create(opportunity=self.instance, form=form)


class PartsFormSet(BaseInlineFormSet):
    """Parts of an entry in a table, at most one for each value of ``once``."""

    once = ""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        # In a table the column's heading is no label of the field.
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = capfirst(str(field.label or ""))

    @property
    def remaining(self) -> list[forms.ModelForm]:
        return [
            form
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]

    def save(self, commit: bool = True) -> list[models.Model]:
        # What goes or takes another value leaves first, so that two rows may exchange their values.
        for form in self.initial_forms:
            if self.once in form.changed_data or form in self.deleted_forms:
                self.model._base_manager.filter(pk=form.instance.pk).delete()
        return super().save(commit)  # type: ignore[no-any-return]

    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        return str(_("The same is named twice. Each can be named once."))

    def get_form_error(self) -> str:
        return str(_("This is named above already."))


class FactFormSet(PartsFormSet):
    once = "kind"

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        # On phones, where there are no columns to head.
        for name in ("value_zh", "value_en", "number", "unit"):
            form.fields[name].widget.attrs["placeholder"] = capfirst(str(form.fields[name].label))


class ContactFormSet(BaseInlineFormSet):
    """A public entry keeps at least one contact."""

    def clean(self) -> None:
        super().clean()
        if (
            self.instance.is_public
            and not any(self.errors)
            and not any(form.cleaned_data and not form.cleaned_data.get("DELETE") for form in self.forms)
        ):
            raise ValidationError(_("A published opportunity has at least one contact."))


class LocationFormSet(PartsFormSet):
    """Each district once, in the order they were added; the shares add up to 1."""

    once = "district"

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        shares = [form.cleaned_data["share"] for form in self.remaining]
        if not shares and self.instance.is_public:
            raise ValidationError(_("A published opportunity lies in at least one district."))
        total = sum(shares, Decimal(0))
        if shares and total != 1:
            raise ValidationError(
                _("The shares add up to %(total)s; they must add up to 1."),
                params={"total": amounts.shortest(total)},
            )

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Any:
        last = max((row.position for row in self.get_queryset()), default=-1)
        form.instance.position = last + 1 + self.extra_forms.index(form)
        return super().save_new(form, commit)


class LocationForm(forms.ModelForm):
    class Meta:
        model = Location
        fields = ("district", "share")

    def clean_share(self) -> Decimal:
        share: Decimal = self.cleaned_data["share"]
        if not 0 < share <= 1:
            raise ValidationError(_("A share is from 0.0001 to 1."))
        return share


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = (
            "unit_zh", "unit_en", "office_phone", "office_email", "name", "phone", "post_zh", "post_en",
            "position",
        )  # fmt: skip
        labels = {
            "unit_zh": _("Unit"),
            "unit_en": _("in English"),
            "name": _("Person"),
            "post_zh": _("Post"),
            "post_en": _("in English"),
            "position": _("Order"),
        }
        help_texts = {"position": _("The contact with the smallest number is the main one.")}


# --- what entries refer to ------------------------------------------------------------------------

code_validator = RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", _("Small letters, digits and hyphens."))


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return _lines(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _lines(data or "") != (initial or [])


def _lines(value: str) -> list[str]:
    return [line.strip() for line in value.splitlines() if line.strip()]


class DistrictForm(forms.ModelForm):
    aliases = LinesField(
        label=_("Aliases"), required=False, help_text=_("Other names that a search knows it by, one a line.")
    )
    successors = LinesField(
        label=_("Successors"),
        required=False,
        help_text=_("Codes of the units that took its place, one a line."),
    )

    class Meta:
        model = District
        fields = "__all__"  # noqa: DJ007 - the admin's fields name those shown

    def clean(self) -> dict[str, Any]:
        super().clean()
        region = self.cleaned_data.get("region")
        edition = _edition_of(self)
        if region and edition and region.edition_id != edition.pk:
            self.add_error("region", _("This region belongs to another edition."))
        return self.cleaned_data


class PublishedFigureForm(forms.ModelForm):
    class Meta:
        model = PublishedFigure
        fields = "__all__"  # noqa: DJ007 - the admin's fields name those shown

    def clean(self) -> dict[str, Any]:
        super().clean()
        edition = _edition_of(self)
        if edition is None:
            return self.cleaned_data
        allowed = _values_of(self.cleaned_data.get("claim"), edition)
        if self.cleaned_data.get("value", "") not in allowed:
            named = ", ".join(allowed) or _("nothing; leave it empty")
            self.add_error("value", _("Allowed here: %(allowed)s.") % {"allowed": named})
        return self.cleaned_data


def _edition_of(form: forms.ModelForm) -> Edition | None:
    """The edition chosen, or that of the row; None for a new row without one."""
    row = form.instance
    return form.cleaned_data.get("edition") or (row.edition if row.edition_id else None)


def _values_of(claim: str | None, edition: Edition) -> list[str]:
    """What a figure of this kind can be about: slugs, thresholds in 亿元, or nothing but the whole list."""
    kinds = PublishedFigure.Claim
    if claim in (kinds.REGION_OPPORTUNITIES, kinds.REGION_INVESTMENT):
        return [region.slug for region in edition.regions.all()]
    if claim in (kinds.SECTOR_OPPORTUNITIES, kinds.SECTOR_INVESTMENT):
        return [sector.slug for sector in edition.sectors.all()]
    if claim == kinds.OPPORTUNITIES_AT_LEAST:
        return [str(threshold) for threshold in edition.catalogue.bracket_thresholds]
    return [""]
