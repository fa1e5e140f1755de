"""Rows that are written once: whoever corrects one writes another."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

YEAR_MIN, YEAR_MAX = 2000, 2100


class WrittenOnce(TypeError):
    """Somebody tried to change or remove a row of the ledger."""


class EntryQuerySet(models.QuerySet[Any]):
    def update(self, **values: Any) -> NoReturn:
        raise WrittenOnce("rows of the ledger are never changed; a correction is a new row")

    def delete(self) -> NoReturn:
        raise WrittenOnce("rows of the ledger are never removed")


class Entry(models.Model):
    """A dated row with its author, never overwritten. No author: it came with the data pack."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("author"),
    )
    at = models.DateTimeField(_("entered at"), default=timezone.now, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce("rows of the ledger are never changed; a correction is a new row")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise WrittenOnce("rows of the ledger are never removed")


def year_field() -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(YEAR_MIN), MaxValueValidator(YEAR_MAX)]
    )


def quarter_field(**options: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        _("quarter"), validators=[MinValueValidator(1), MaxValueValidator(4)], **options
    )


def in_quarters(name: str) -> models.CheckConstraint:
    """A constraint: year and quarter are such; a quarter that may be missing is the whole year."""
    return models.CheckConstraint(
        condition=Q(year__range=(YEAR_MIN, YEAR_MAX)) & (Q(quarter__isnull=True) | Q(quarter__range=(1, 4))),
        name=name,
    )
