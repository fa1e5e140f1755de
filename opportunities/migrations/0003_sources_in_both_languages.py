"""Sources in both languages, what stood there counting as Chinese; units in English help texts in English."""

from __future__ import annotations

import django.core.validators
from decimal import Decimal
from django.db import migrations, models

import opportunities.models.fields


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial")]

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
        migrations.AlterField(
            model_name='catalogue',
            name='bracket_thresholds',
            field=models.JSONField(help_text='In units of CNY 100 million, rising; the brackets follow from them.', verbose_name='bracket thresholds'),
        ),
        migrations.AlterField(
            model_name='historicalopportunity',
            name='annual_output',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='In units of CNY 100 million a year at full output.', max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='annual output'),
        ),
        migrations.AlterField(
            model_name='historicalopportunity',
            name='annual_tax',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='In units of CNY 100 million a year at full output.', max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='annual tax'),
        ),
        migrations.AlterField(
            model_name='historicalopportunity',
            name='investment',
            field=models.DecimalField(decimal_places=2, help_text='In units of CNY 100 million, two places.', max_digits=8, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('100000'))], verbose_name='investment'),
        ),
        migrations.AlterField(
            model_name='location',
            name='investment',
            field=models.DecimalField(decimal_places=2, default=Decimal('0'), editable=False, help_text='In units of CNY 100 million.', max_digits=8, verbose_name='part of the investment'),
        ),
        migrations.AlterField(
            model_name='opportunity',
            name='annual_output',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='In units of CNY 100 million a year at full output.', max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='annual output'),
        ),
        migrations.AlterField(
            model_name='opportunity',
            name='annual_tax',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='In units of CNY 100 million a year at full output.', max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='annual tax'),
        ),
        migrations.AlterField(
            model_name='opportunity',
            name='investment',
            field=models.DecimalField(decimal_places=2, help_text='In units of CNY 100 million, two places.', max_digits=8, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('100000'))], verbose_name='investment'),
        ),
        migrations.AlterField(
            model_name='publishedfigure',
            name='published',
            field=models.DecimalField(decimal_places=2, help_text='A count, or money in units of CNY 100 million.', max_digits=12, verbose_name='published figure'),
        ),
        migrations.AlterField(
            model_name='publishedfigure',
            name='value',
            field=opportunities.models.fields.CodeField(blank=True, help_text='Slug of the region or sector, or the threshold in units of CNY 100 million; empty for the whole list.', max_length=40, verbose_name='of what'),
        ),
    ]
