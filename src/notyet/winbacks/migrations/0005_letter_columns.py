from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('winbacks', '0004_letter_sending'),
    ]

    operations = [
        migrations.RenameField(model_name='letter', old_name='claimed_by', new_name='worker'),
        migrations.RenameField(model_name='letter', old_name='problem', new_name='reason'),
        migrations.AlterField(
            model_name='letter',
            name='worker',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
