"""Search texts in a table of their own, with an index over their tokens."""

import django.db.models.deletion
from django.db import migrations, models

import opportunities.models.fields
from opportunities.search import text


def make_index(apps, schema_editor):
    text.make_index(schema_editor.connection)


def drop_index(apps, schema_editor):
    text.drop_index(schema_editor.connection)


def store_texts(apps, schema_editor):
    """The search texts of the entries that are there already."""
    opportunities = apps.get_model("opportunities", "Opportunity").objects.select_related("sector")
    texts = apps.get_model("opportunities", "SearchText").objects
    pairs = ("summary", "content", "expected_benefit", "advantages", "conditions")
    for one in opportunities.prefetch_related("locations__district", "contacts").iterator(chunk_size=500):
        districts = [location.district for location in one.locations.order_by("position", "pk")]
        labels = [one.sector.name_zh, one.sector.name_en]
        for district in districts:
            labels += [district.name_zh, district.name_en, *district.aliases]
        rest = [one.reference]
        for pair in pairs:
            rest += [getattr(one, f"{pair}_zh"), getattr(one, f"{pair}_en")]
        for contact in one.contacts.all():
            rest += [contact.unit_zh, contact.unit_en]
        known = text.readings((district.short_zh, district.short_en) for district in districts)
        searched = text.searched([one.name_zh, one.name_en], labels, rest, known)
        texts.create(opportunity=one, **searched.columns)


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0004_vocabulary")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "opportunity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="searched",
                        serialize=False,
                        to="opportunities.opportunity",
                    ),
                ),
                ("name", models.TextField(help_text="Its names, and how they sound.")),
                ("heading", models.TextField(help_text="Its names, sector and districts, and how they sound.")),
                ("text", models.TextField(help_text="Everything that words are looked up in.")),
                ("tokens", opportunities.models.fields.TokensField(help_text="What the index holds of it.")),
            ],
            options={"verbose_name": "search text", "verbose_name_plural": "search texts"},
        ),
        migrations.RemoveField("opportunity", "search_text"),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(store_texts, migrations.RunPython.noop, elidable=True),
    ]
