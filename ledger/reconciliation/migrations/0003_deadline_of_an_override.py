from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger_reconciliation", "0002_totals_of_a_comparison")]

    operations = [
        migrations.AddField(
            model_name="override",
            name="deadline_on",
            field=models.DateField(null=True, verbose_name="deadline"),
        ),
    ]
