"""Which items can serve which opportunities: rules that staff edit, and single decisions beside them."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from opportunities import amounts
from opportunities.models import Opportunity
from opportunities.models.fields import CodeField
from opportunities.models.texts import TextPair

from .plan import Item


def _amount(label: object) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(amounts.MAXIMUM)],
        help_text=_("In units of CNY 100 million, inclusive; empty: no bound."),
    )


class Rule(models.Model):
    """An item can serve an opportunity that meets every condition given here.

    Sectors, regions, districts and forms of cooperation are named by slug or code, any of which will
    do, so that a rule outlives an edition. A place is met by a location in a region or district named.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="rules", verbose_name=_("item"))
    slug = CodeField(
        _("slug"), max_length=40, blank=True, help_text=_("Only for rules that come with the data pack.")
    )
    sectors = models.JSONField(_("sectors"), default=list, blank=True)
    regions = models.JSONField(_("regions"), default=list, blank=True)
    districts = models.JSONField(_("districts"), default=list, blank=True)
    investment_min = _amount(_("investment from"))
    investment_max = _amount(_("investment up to"))
    cooperation = models.JSONField(_("forms of cooperation"), default=list, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("This day included."))
    basis_zh = models.CharField(
        _("basis (Chinese)"),
        max_length=300,
        help_text=_("The published words that support the rule; it is shown to nobody without them."),
    )
    basis_en = models.CharField(_("basis (English)"), max_length=400, blank=True)
    is_sample = models.BooleanField(
        _("sample"), default=True, help_text=_("Ours, not the unit's; marked so wherever it is shown.")
    )
    is_active = models.BooleanField(pgettext_lazy("rule", "in force"), default=True)

    basis = TextPair()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("matching rule")
        verbose_name_plural = _("matching rules")
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(investment_min__isnull=True)
                | Q(investment_max__isnull=True)
                | Q(investment_max__gte=F("investment_min")),
                name="rule_investment_in_order",
            ),
            models.CheckConstraint(
                condition=(Q(investment_min__isnull=True) | Q(investment_min__gte=0))
                & (Q(investment_max__isnull=True) | Q(investment_max__gte=0)),
                name="rule_investment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="rule_validity_in_order",
            ),
            models.CheckConstraint(condition=~Q(basis_zh=""), name="rule_has_a_basis"),
            models.UniqueConstraint(
                fields=["item", "slug"], condition=~Q(slug=""), name="rule_once_per_item_and_slug"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} · {self.basis_zh[:40]}"


class Pin(models.Model):
    """A decision of staff on one item and one opportunity; it stands above every rule."""

    class Kind(models.TextChoices):
        PIN = "pin", _("always shown")
        EXCLUDE = "exclude", _("never shown")

    item = models.ForeignKey(Item, models.CASCADE, related_name="pins", verbose_name=_("item"))
    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="+", verbose_name=_("opportunity")
    )
    kind = models.CharField(pgettext_lazy("of a pin", "decision"), max_length=10, choices=Kind)
    reason_zh = models.CharField(_("reason (Chinese)"), max_length=200)
    reason_en = models.CharField(_("reason (English)"), max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("author"),
    )
    at = models.DateTimeField(_("entered at"), default=timezone.now, editable=False)

    reason = TextPair()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pin or exclusion")
        verbose_name_plural = _("pins and exclusions")
        ordering = ["item", "opportunity"]
        constraints = [
            models.UniqueConstraint(fields=["item", "opportunity"], name="pin_once"),
            models.CheckConstraint(condition=Q(kind__in=["pin", "exclude"]), name="pin_kind_known"),
            models.CheckConstraint(condition=~Q(reason_zh=""), name="pin_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {self.get_kind_display()} {self.opportunity.reference}"
