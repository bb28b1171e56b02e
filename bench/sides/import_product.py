"""An import as the product does it, into an empty record: ``import_product FOLDER [SERVER]``.

Into SQLite, or into a database of its own on the PostgreSQL server at ``SERVER``.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.sides import say, work
from bench.sides.databases import empty_database

with ExitStack() as stack:
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="notyet-bench-"))
    url = stack.enter_context(empty_database(sys.argv[2])) if len(sys.argv) > 2 else ""
    os.environ |= {"NOTYET_HOME": home, "DJANGO_SETTINGS_MODULE": "notyet.config.settings", "DATABASE_URL": url}
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from notyet.exchange.actions import import_history
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import create_workspace

    call_command("migrate", verbosity=0, interactive=False)
    workspace = create_workspace("Measured")
    with work():
        result = import_history(operator(workspace), [Path(sys.argv[1])])
    say({table.table: table.accepted for table in result.tables if table.accepted} | {"refused": len(result.refusals)})
    connection.close()
