import hashlib
import json

from django.db import migrations, models


def remember_as_loaded(apps, schema_editor):
    """An edition that nobody has edited stays one that a pack may update, now that it has rivers too."""
    entries = apps.get_model("opportunities", "PackEntry").objects
    for edition in apps.get_model("opportunities", "Edition").objects.select_related("catalogue"):
        values = {
            "code": edition.code,
            "released_on": edition.released_on.isoformat(),
            "source": edition.source,
            "notice_zh": edition.notice_zh,
            "notice_en": edition.notice_en,
            "subregions": edition.subregions,
            "catalogue": edition.catalogue.slug,
        }
        untouched = entries.filter(kind="edition", key=edition.code, digest=_digest(values))
        untouched.update(digest=_digest({**values, "water": edition.water}))


def _digest(values):
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class Migration(migrations.Migration):

    dependencies = [
        ('opportunities', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='edition',
            name='water',
            field=models.JSONField(blank=True, default=list, help_text='Rivers of the schematic map, along corners of its tiles.', verbose_name='rivers'),
        ),
        migrations.RunPython(remember_as_loaded, migrations.RunPython.noop, elidable=True),
    ]
