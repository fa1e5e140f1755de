"""The words that people use for what a search can ask for, beyond the names themselves."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .catalogue import CooperationForm, Opportunity


class VocabularyTerm(models.Model):
    """One word or phrase and what it means in a question: “芯片” is the sector electronics.

    A term with several rows means any of their values. Names of sectors, regions and districts, their
    aliases and their pinyin are known without a row.
    """

    class Meaning(models.TextChoices):
        SECTOR = "sector", _("Sector")
        REGION = "region", _("Region")
        DISTRICT = "district", pgettext_lazy("place", "District")
        COOPERATION = "cooperation", pgettext_lazy("attribute", "Cooperation")
        STATUS = "status", pgettext_lazy("attribute", "Status")
        WORD = "q", _("stays a word")
        CONNECTING = "", _("connecting word, left out")

    edition = models.ForeignKey(
        "Edition", models.CASCADE, related_name="vocabulary", verbose_name=_("edition")
    )
    term = models.CharField(
        _("term"), max_length=40, help_text=_("As people type it; capitals, spaces and script do not matter.")
    )
    parameter = models.CharField(
        _("meaning"),
        max_length=20,
        choices=Meaning,
        blank=True,
        help_text=_(
            "“Stays a word” protects a longer word from being taken apart; a connecting word, such as “in”,"
            " is left out."
        ),
    )
    value = models.CharField(
        _("value"),
        max_length=40,
        blank=True,
        help_text=_("Slug or code of what it means; empty for words."),
    )
    language = models.CharField(
        _("language"), max_length=2, choices=[("zh", _("Chinese")), ("en", _("English"))]
    )

    class Meta:
        verbose_name = _("vocabulary term")
        verbose_name_plural = _("vocabulary")
        ordering = ["edition", "parameter", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "term", "parameter", "value"], name="vocabulary_term_once"
            ),
            models.CheckConstraint(condition=~models.Q(term=""), name="vocabulary_term_given"),
        ]

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        """The value must be one of the edition's. Raises ValidationError that lists them."""
        if self.edition_id is None:
            return
        allowed = self._allowed()
        if self.value not in allowed:
            values = ", ".join(filter(None, allowed)) or "–"
            raise ValidationError({"value": _("Allowed here: %(values)s.") % {"values": values}})

    def _allowed(self) -> list[str]:
        meaning = self.Meaning
        match self.parameter:
            case meaning.SECTOR:
                return list(self.edition.sectors.values_list("slug", flat=True))
            case meaning.REGION:
                return list(self.edition.regions.values_list("slug", flat=True))
            case meaning.DISTRICT:
                return list(self.edition.districts.values_list("code", flat=True))
            case meaning.COOPERATION:
                return list(CooperationForm.values)
            case meaning.STATUS:
                return list(Opportunity.Status.values)
        return [""]
