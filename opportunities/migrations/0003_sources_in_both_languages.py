"""Sources of an edition and of a published figure in both languages; what stood there counts as Chinese."""

from __future__ import annotations

from django.db import migrations, models


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
    ]
