from django.db import migrations, models

INDEXES = {
    "due_by_waking": ["workspace", "active", "wakes_at"],
    "due_by_group": ["workspace", "active", "group", "-loss", "shows_at", "id"],
    "due_by_owner": ["workspace", "owner", "active", "group", "-loss", "shows_at", "id"],
    "due_by_team": ["workspace", "team", "active", "group", "-loss", "shows_at", "id"],
}


class Migration(migrations.Migration):
    """Every item is made anew after it, so nothing of what the field held is carried over."""

    dependencies = [
        ('today', '0003_proposed'),
    ]

    operations = [
        *(migrations.RemoveIndex(model_name='dueitem', name=name) for name in INDEXES),
        migrations.RemoveField(model_name='dueitem', name='active'),
        migrations.AddField(
            model_name='dueitem',
            name='active',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        *(
            migrations.AddIndex(model_name='dueitem', index=models.Index(fields=fields, name=name))
            for name, fields in INDEXES.items()
        ),
    ]
