"""What entries count as in facets, in rows of their own; tokens of names are told from others."""

from itertools import islice

import django.db.models.deletion
import opportunities.models.fields
from opportunities.search import text
from django.db import migrations, models


READ = ("edition", "reference", "sector", "investment", "cycle_months", "status")


def store_rows(apps, schema_editor):
    """The facet rows of the entries that are public already, as of the revision that is shown."""
    rows = apps.get_model("opportunities", "FacetRow").objects
    revision = apps.get_model("opportunities", "Revision").objects.filter(pk=1).first()
    public = apps.get_model("opportunities", "Opportunity").objects.filter(publication="published").only(*READ)
    found = public.prefetch_related("locations", "cooperation_forms").iterator(chunk_size=500)
    while entries := list(islice(found, 500)):
        number = revision.number if revision else 0
        rows.bulk_create(rows.model(**row_of(one), revision=number) for one in entries)


def tell_tokens(apps, schema_editor):
    """What the index holds of names and headings, from the texts as they are stored."""
    texts = apps.get_model("opportunities", "SearchText").objects
    for one in texts.iterator(chunk_size=500):
        texts.filter(pk=one.pk).update(tokens=text.tokens(one.name, one.heading, one.text))


def tell_cost(apps, schema_editor):
    """So that PostgreSQL asks the index rather than working tokens out."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER FUNCTION opportunities_words_of(text) COST 10000")


def row_of(opportunity):
    places = sorted((one.district_id, int(one.investment * 100)) for one in opportunity.locations.all())
    return {
        "opportunity": opportunity,
        "edition_id": opportunity.edition_id,
        "reference": opportunity.reference,
        "is_public": True,
        "sector_id": opportunity.sector_id,
        "cents": int(opportunity.investment * 100),
        "cycle_months": opportunity.cycle_months,
        "status": opportunity.status,
        "cooperation": " ".join(sorted(one.form for one in opportunity.cooperation_forms.all())),
        "places": " ".join(f"{district}:{money}" for district, money in places),
    }


class Migration(migrations.Migration):

    dependencies = [
        ('opportunities', '0006_indexes_for_large_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='FacetRow',
            fields=[
                ('opportunity', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='facet_row', serialize=False, to='opportunities.opportunity')),
                ('reference', opportunities.models.fields.CodeField(max_length=32)),
                ('is_public', models.BooleanField()),
                ('revision', models.PositiveBigIntegerField(help_text='The number of the revision that changed it last.')),
                ('cents', models.PositiveIntegerField(help_text='Its investment in hundredths of CNY 100 million.')),
                ('cycle_months', models.PositiveSmallIntegerField()),
                ('status', models.CharField(max_length=20)),
                ('cooperation', models.CharField(help_text='Its forms of cooperation, blanks between.', max_length=120)),
                ('places', models.TextField(help_text='Key of each district and cents there: “12:5000 31:3000”.')),
                ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='opportunities.edition')),
                ('sector', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='opportunities.sector')),
            ],
            options={
                'verbose_name': 'facet row',
                'verbose_name_plural': 'facet rows',
                'indexes': [models.Index(fields=['edition', 'revision'], name='facet_row_by_revision')],
            },
        ),
        migrations.RunPython(store_rows, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(tell_cost, migrations.RunPython.noop),
        migrations.RunPython(tell_tokens, migrations.RunPython.noop, elidable=True),
    ]
