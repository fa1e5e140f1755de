"""The catalogue: editions, sectors, opportunities, and where each lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from .. import amounts
from ..addresses import opportunity_address
from .fields import CodeField
from .texts import Text, TextPair

if TYPE_CHECKING:
    from .contacts import Contact

CYCLE_MONTHS_MAX = 240
ATTRIBUTE_COUNT = 12
CONFIRMED_FOR = timedelta(days=120)
REFERENCE_PATTERN = r"[A-Z0-9-]{3,32}"

reference_validator = RegexValidator(
    rf"^{REFERENCE_PATTERN}\Z", _("3 to 32 capital letters, digits and hyphens.")
)


class Catalogue(models.Model):
    """A list of opportunities by its title, and how it counts. Its dated issues are editions."""

    slug = models.SlugField(_("slug"), unique=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    issuer_zh = models.CharField(_("issuer (Chinese)"), max_length=200)
    issuer_en = models.CharField(_("issuer (English)"), max_length=200)
    place_zh = models.CharField(_("place (Chinese)"), max_length=80)
    place_en = models.CharField(_("place (English)"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    bracket_thresholds = models.JSONField(
        _("bracket thresholds"),
        help_text=_("In units of CNY 100 million, rising; the brackets follow from them."),
    )
    is_sample = models.BooleanField(_("sample data"), default=False)
    site = models.JSONField(
        _("site"),
        default=dict,
        blank=True,
        help_text=_("What the footer carries: filings, responsible unit."),
    )
    place = TextPair()
    title = TextPair()
    issuer = TextPair()

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")

    def __str__(self) -> str:
        return str(self.title)

    def local(self, moment: datetime) -> datetime:
        """A moment in the catalogue's zone."""
        return moment.astimezone(ZoneInfo(self.time_zone))

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the catalogue's zone."""
        return self.local(moment).date()

    @property
    def brackets(self) -> list[amounts.Band]:
        return amounts.brackets([Decimal(str(threshold)) for threshold in self.bracket_thresholds])


class Edition(models.Model):
    """One dated issue of a catalogue, with its sectors, regions and published figures."""

    catalogue = models.ForeignKey(
        Catalogue, models.CASCADE, related_name="editions", verbose_name=_("catalogue")
    )
    code = CodeField(_("code"), max_length=20, unique=True)
    released_on = models.DateField(_("released on"))
    source_zh = models.TextField(_("source (Chinese)"), help_text=_("Where the published figures stand."))
    source_en = models.TextField(_("source (English)"), blank=True)
    notice_zh = models.TextField(_("notice (Chinese)"), blank=True)
    notice_en = models.TextField(_("notice (English)"), blank=True)
    subregions = models.JSONField(
        _("subregions"), default=dict, blank=True, help_text=_("Names of the subregions by slug.")
    )
    water = models.JSONField(
        _("rivers"),
        default=list,
        blank=True,
        help_text=_("Rivers of the schematic map, along corners of its tiles."),
    )
    is_current = models.BooleanField(_("current edition"), default=False)

    source = TextPair()
    notice = TextPair()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-released_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="one_current_edition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.catalogue} {self.code}"


class Sector(models.Model):
    """One of an edition's investment sectors (产业投资板块)."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="sectors", verbose_name=_("edition"))
    slug = CodeField(_("slug"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=120)
    short_zh = models.CharField(_("short name (Chinese)"), max_length=20)
    short_en = models.CharField(_("short name (English)"), max_length=40)
    name_assumed = models.BooleanField(
        _("name assumed"), default=False, help_text=_("The source does not name this sector.")
    )
    seal_zh = models.CharField(_("seal (Chinese)"), max_length=1, help_text=_("One character."))
    seal_en = models.CharField(_("seal (English)"), max_length=2, help_text=_("Two letters."))
    colour = models.PositiveSmallIntegerField(
        _("colour"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Slot 1 to 9 of the palette."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    name = TextPair()
    short = TextPair()
    seal = TextPair()

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="sector_once_per_edition"),
            models.CheckConstraint(condition=Q(colour__range=(1, 9)), name="sector_colour_in_palette"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def public(self) -> OpportunityQuerySet:
        """Those that anybody may see."""
        return self.filter(publication=Opportunity.Publication.PUBLISHED)

    def once_public(self) -> OpportunityQuerySet:
        """Those that anybody may see or once could: their references are public knowledge."""
        return self.filter(first_published_at__isnull=False)

    def with_keys(self, keys: Iterable[int]) -> OpportunityQuerySet:
        """Those with these keys, in no order: asked for one, SQLite would look through all along it."""
        return self.filter(pk__in=keys).order_by()

    def in_edition(self, edition: Edition) -> OpportunityQuerySet:
        return self.filter(edition=edition)

    def available(self) -> OpportunityQuerySet:
        """现可对接: those whose deal is still open or being negotiated."""
        return self.filter(status__in=Opportunity.AVAILABLE)

    def across_regions(self) -> OpportunityQuerySet:
        """Those that lie in more than one region."""
        regions = Count("district__region", distinct=True)
        several = Location.objects.values("opportunity").annotate(regions=regions).filter(regions__gt=1)
        return self.filter(pk__in=several.values("opportunity"))

    def to_confirm(self, today: date) -> OpportunityQuerySet:
        """Public ones that nobody has confirmed within 120 days: 建议确认."""
        return self.public().exclude(last_confirmed_on__gte=today - CONFIRMED_FOR)

    def with_completeness(self) -> OpportunityQuerySet:
        """With ``completeness``: how many of the 12 attributes are given.

        Name, sector, investment and period cannot be missing. In one query, however many rows.
        """
        from .contacts import Contact

        contacts = Contact.objects.filter(opportunity=OuterRef("pk"))
        given = [
            Q(Exists(Location.objects.filter(opportunity=OuterRef("pk")))),
            ~Q(content_zh=""),
            ~Q(expected_benefit_zh="") | Q(annual_output__gt=0) | Q(annual_tax__gt=0) | Q(jobs__gt=0),
            ~Q(advantages_zh=""),
            Q(Exists(Cooperation.objects.filter(opportunity=OuterRef("pk")))),
            ~Q(conditions_zh=""),
            Q(Exists(contacts.exclude(name=""))),
            Q(Exists(contacts)),
        ]
        points = [Case(When(condition, then=1), default=0) for condition in given]
        return self.annotate(completeness=reduce(add, points, Value(ATTRIBUTE_COUNT - len(given))))

    def incomplete(self) -> OpportunityQuerySet:
        return self.with_completeness().filter(completeness__lt=ATTRIBUTE_COUNT)

    def for_results(self) -> OpportunityQuerySet:
        """With all that a result row needs, in a fixed number of queries; see ``Scheme.rows``."""
        return self.select_related("sector", "edition").prefetch_related(
            models.Prefetch("locations", Location.objects.select_related("district__region")),
            "cooperation_forms",
        )

    def for_detail(self) -> OpportunityQuerySet:
        return (
            self.for_results()
            .select_related("edition__catalogue")
            .prefetch_related("contacts", models.Prefetch("facts", Fact.objects.select_related("kind")))
        )


class Opportunity(models.Model):
    """One published 招商项目 with its 12 attributes, as it stands in one edition.

    What is derived (``name_key``, the locations' parts of the money, the search text) is kept by
    ``opportunities.publishing``.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("status", "Open")
        NEGOTIATING = "negotiating", pgettext_lazy("status", "Negotiating")
        SIGNED = "signed", pgettext_lazy("status", "Signed")

    AVAILABLE = (Status.OPEN, Status.NEGOTIATING)

    class Publication(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("publication", "draft")
        IN_REVIEW = "in-review", pgettext_lazy("publication", "in review")
        PUBLISHED = "published", pgettext_lazy("publication", "published")
        WITHDRAWN = "withdrawn", pgettext_lazy("publication", "withdrawn")
        ARCHIVED = "archived", pgettext_lazy("publication", "archived")

    edition = models.ForeignKey(
        Edition, models.PROTECT, related_name="opportunities", verbose_name=_("edition")
    )
    reference = CodeField(
        _("reference"),
        max_length=32,
        unique=True,
        validators=[reference_validator],
        help_text=_("The lasting public name; issued once and never reused."),
    )
    predecessor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("predecessor"),
        help_text=_("The same opportunity in an earlier edition."),
    )

    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    summary_zh = models.CharField(_("summary (Chinese)"), max_length=200, blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=300, blank=True)
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="opportunities", verbose_name=_("sector"))
    investment = models.DecimalField(
        _("investment"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(amounts.MAXIMUM)],
        help_text=_("In units of CNY 100 million, two places."),
    )
    content_zh = models.TextField(_("construction content (Chinese)"), blank=True)
    content_en = models.TextField(_("construction content (English)"), blank=True)
    cycle_months = models.PositiveSmallIntegerField(
        _("construction period"),
        validators=[MinValueValidator(1), MaxValueValidator(CYCLE_MONTHS_MAX)],
        help_text=_("Whole months, 1 to 240."),
    )
    expected_benefit_zh = models.TextField(_("expected benefit (Chinese)"), blank=True)
    expected_benefit_en = models.TextField(_("expected benefit (English)"), blank=True)
    annual_output = models.DecimalField(
        _("annual output"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In units of CNY 100 million a year at full output."),
    )
    annual_tax = models.DecimalField(
        _("annual tax"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In units of CNY 100 million a year at full output."),
    )
    jobs = models.PositiveIntegerField(_("jobs"), null=True, blank=True)
    advantages_zh = models.TextField(_("advantages (Chinese)"), blank=True, help_text=_("One a line."))
    advantages_en = models.TextField(_("advantages (English)"), blank=True, help_text=_("One a line."))
    conditions_zh = models.TextField(_("site conditions (Chinese)"), blank=True)
    conditions_en = models.TextField(_("site conditions (English)"), blank=True)

    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    publication = models.CharField(
        _("publication"), max_length=20, choices=Publication, default=Publication.DRAFT
    )
    first_published_at = models.DateTimeField(_("first published at"), null=True, blank=True, editable=False)
    unpublished_at = models.DateTimeField(_("no longer public since"), null=True, blank=True, editable=False)
    last_confirmed_on = models.DateField(_("last confirmed on"), null=True, blank=True)
    source = models.TextField(_("source"), blank=True)
    is_sample = models.BooleanField(_("sample"), default=False)
    updated_at = models.DateTimeField(
        _("updated at"), editable=False, help_text=_("When public content last changed.")
    )

    name_key = CodeField(max_length=400, editable=False, default="")

    name = TextPair()
    summary = TextPair()
    content = TextPair()
    expected_benefit = TextPair()
    advantages = TextPair()
    conditions = TextPair()
    objects = OpportunityQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["name_key"])

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ["reference"]
        indexes = [
            models.Index(
                fields=["edition", "publication", "-investment", "reference"], name="opportunity_by_money"
            ),
            models.Index(
                fields=["edition", "publication", "cycle_months", "reference"], name="opportunity_by_cycle"
            ),
            models.Index(
                fields=["edition", "publication", "name_key", "reference"], name="opportunity_by_name"
            ),
            models.Index(
                fields=["edition", "publication", "-updated_at", "reference"], name="opportunity_by_update"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(investment__gte=0) & Q(investment__lte=amounts.MAXIMUM),
                name="investment_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(cycle_months__range=(1, CYCLE_MONTHS_MAX)), name="cycle_within_bounds"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "negotiating", "signed"]), name="status_known"
            ),
            models.CheckConstraint(
                condition=Q(publication__in=["draft", "in-review", "published", "withdrawn", "archived"]),
                name="publication_known",
            ),
            models.CheckConstraint(
                condition=~Q(publication="published")
                | Q(first_published_at__isnull=False, unpublished_at__isnull=True),
                name="published_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(annual_output__isnull=True) | Q(annual_output__gte=0),
                name="annual_output_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(annual_tax__isnull=True) | Q(annual_tax__gte=0), name="annual_tax_not_negative"
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="reference_given"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    def get_absolute_url(self) -> str:
        return opportunity_address(self.reference)

    @property
    def is_public(self) -> bool:
        return self.publication == self.Publication.PUBLISHED

    @property
    def updated_on(self) -> date:
        """The day on which public content last changed, in the catalogue's zone."""
        return self.edition.catalogue.day_of(self.updated_at)

    @property
    def unpublished_on(self) -> date | None:
        """The day since which it is no longer public, in the catalogue's zone."""
        return self.edition.catalogue.day_of(self.unpublished_at) if self.unpublished_at else None

    @property
    def cooperation(self) -> list[CooperationForm]:
        """The forms of cooperation on offer, in the catalogue's order."""
        offered = {row.form for row in self.cooperation_forms.all()}
        return [form for form in CooperationForm if form.value in offered]

    @cached_property
    def main_contact(self) -> Contact | None:
        return next(iter(self.contacts.all()), None)

    @property
    def advantage_points(self) -> list[Text]:
        """The advantages one by one; a point without its English stands in Chinese."""
        zh, en = self.advantages_zh.splitlines(), self.advantages_en.splitlines()
        if len(zh) != len(en):
            en = [""] * len(zh)
        return [Text(*pair) for pair in zip(zh, en, strict=True)]


class CooperationForm(models.TextChoices):
    SOLE_INVESTMENT = "sole-investment", _("Wholly owned")
    JOINT_VENTURE = "joint-venture", _("Joint venture")
    COOPERATION = "cooperation", _("Cooperation")
    EQUITY = "equity", _("Equity investment")
    TECHNOLOGY = "technology", _("Technology contributed as equity")
    LEASING = "leasing", _("Leased factory")


class Cooperation(models.Model):
    """One form of cooperation that an opportunity offers."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="cooperation_forms")
    form = models.CharField(_("form of cooperation"), max_length=20, choices=CooperationForm)

    history = HistoricalRecords()

    class Meta:
        verbose_name = pgettext_lazy("attribute", "cooperation")
        verbose_name_plural = _("forms of cooperation")
        indexes = [models.Index(fields=["form", "opportunity"], name="cooperation_by_form")]
        constraints = [models.UniqueConstraint(fields=["opportunity", "form"], name="cooperation_form_once")]

    def __str__(self) -> str:
        return self.get_form_display()


class Location(models.Model):
    """An opportunity in one district, with its share and its exact part of the money.

    The shares of an opportunity add up to 1; ``investment`` is split over them once, when stored
    (``amounts.split``), so that the parts add up exactly.
    """

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="locations", verbose_name=_("opportunity")
    )
    district = models.ForeignKey(
        "District", models.PROTECT, related_name="locations", verbose_name=pgettext_lazy("place", "district")
    )
    share = models.DecimalField(
        _("share"),
        max_digits=5,
        decimal_places=4,
        default=Decimal(1),
        help_text=_("Part of the investment here, 0.0001 to 1; the shares add up to 1."),
    )
    investment = models.DecimalField(
        _("part of the investment"),
        max_digits=8,
        decimal_places=2,
        editable=False,
        default=Decimal(0),
        help_text=_("In units of CNY 100 million."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    # Its part of the money follows from share and investment, which have a history.
    history = HistoricalRecords(excluded_fields=["investment"])

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "district"], name="location_once"),
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=1), name="share_within_bounds"),
            models.CheckConstraint(condition=Q(investment__gte=0), name="part_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.share}"


class FactKind(models.Model):
    """A kind of further fact (补充信息), such as land or power; not part of the published list."""

    catalogue = models.ForeignKey(
        Catalogue, models.CASCADE, related_name="fact_kinds", verbose_name=_("catalogue")
    )
    key = CodeField(_("key"), max_length=40)
    label_zh = models.CharField(_("label (Chinese)"), max_length=40)
    label_en = models.CharField(_("label (English)"), max_length=60)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    label = TextPair()

    class Meta:
        verbose_name = _("kind of fact")
        verbose_name_plural = _("kinds of facts")
        ordering = ["catalogue", "position"]
        constraints = [models.UniqueConstraint(fields=["catalogue", "key"], name="fact_kind_once")]

    def __str__(self) -> str:
        return str(self.label)


class Fact(models.Model):
    """One further fact of an opportunity, with its state and the day it was verified."""

    class State(models.TextChoices):
        EXISTING = "existing", pgettext_lazy("state of a fact", "In place")
        UNDER_CONSTRUCTION = "under-construction", pgettext_lazy("state of a fact", "Under construction")
        PLANNED = "planned", pgettext_lazy("state of a fact", "Planned")
        UNVERIFIED = "unverified", pgettext_lazy("state of a fact", "Not verified")

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="facts", verbose_name=_("opportunity")
    )
    kind = models.ForeignKey(FactKind, models.PROTECT, related_name="facts", verbose_name=_("kind"))
    value_zh = models.CharField(_("value (Chinese)"), max_length=200, blank=True)
    value_en = models.CharField(_("value (English)"), max_length=300, blank=True)
    number = models.DecimalField(_("number"), max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.UNVERIFIED)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)

    value = TextPair()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("further facts")
        ordering = ["kind__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["opportunity", "kind"], name="fact_once")]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.value) or self.number or ''}".strip()


class PackEntry(models.Model):
    """What the data pack last gave for one entry, so that staff's own edits are never lost."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("loaded entry")
        verbose_name_plural = _("loaded entries")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="pack_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
