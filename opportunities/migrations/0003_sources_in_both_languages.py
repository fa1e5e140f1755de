"""Sources of an edition and of a published figure in both languages; what stood there counts as Chinese."""

from __future__ import annotations

import hashlib
import json

from django.db import migrations, models


def remember_as_loaded(apps, schema_editor):
    """Editions and figures that nobody has edited stay ones that a pack may update."""
    entries = apps.get_model("opportunities", "PackEntry").objects

    def renamed(kind, key, source, values):
        untouched = entries.filter(kind=kind, key=key, digest=_digest({**values, "source": source}))
        untouched.update(digest=_digest({**values, "source_zh": source, "source_en": ""}))

    for edition in apps.get_model("opportunities", "Edition").objects.select_related("catalogue"):
        values = {
            "code": edition.code,
            "released_on": edition.released_on.isoformat(),
            "notice_zh": edition.notice_zh,
            "notice_en": edition.notice_en,
            "subregions": edition.subregions,
            "water": edition.water,
            "catalogue": edition.catalogue.slug,
        }
        renamed("edition", edition.code, edition.source_zh, values)
    for figure in apps.get_model("opportunities", "PublishedFigure").objects.select_related("edition"):
        values = {
            "claim": figure.claim,
            "value": figure.value,
            "published": format(figure.published, "f").rstrip("0").rstrip("."),
            "is_rounded": figure.is_rounded,
            "explanation_zh": figure.explanation_zh,
            "explanation_en": figure.explanation_en,
            "position": figure.position,
        }
        key = f"{figure.edition.code}:{figure.claim}:{figure.value}"
        renamed("figure", key, figure.source_zh, values)


def _digest(values):
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0002_edition_water")]

    operations = [
        migrations.RenameField("edition", "source", "source_zh"),
        migrations.RenameField("publishedfigure", "source", "source_zh"),
        migrations.AlterField(
            "edition",
            "source_zh",
            models.TextField(
                help_text="Where the published figures stand.",
                verbose_name="source (Chinese)",
            ),
        ),
        migrations.AlterField(
            "publishedfigure", "source_zh", models.TextField(verbose_name="source (Chinese)")
        ),
        migrations.AddField(
            "edition",
            "source_en",
            models.TextField(blank=True, default="", verbose_name="source (English)"),
            preserve_default=False,
        ),
        migrations.AddField(
            "publishedfigure",
            "source_en",
            models.TextField(blank=True, default="", verbose_name="source (English)"),
            preserve_default=False,
        ),
        migrations.RunPython(remember_as_loaded, migrations.RunPython.noop, elidable=True),
    ]
