"""Search texts stand beside their rows on PostgreSQL, so that rows which the index found are few pages."""

from django.db import migrations

# Rows of no more than some 2 KB are left whole, of which few texts are.
NARROW = "ALTER TABLE opportunities_searchtext SET (toast_tuple_target = 128)"
WIDE = "ALTER TABLE opportunities_searchtext RESET (toast_tuple_target)"
# What is stored already is moved as the table is written anew.
MOVE = "CLUSTER opportunities_searchtext USING opportunities_searchtext_pkey"


def narrow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NARROW)
        schema_editor.execute(MOVE)


def widen(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WIDE)


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0007_facet_rows")]

    operations = [migrations.RunPython(narrow, widen)]
