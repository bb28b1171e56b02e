"""The page of deals, asked for again and again: ``deals_page HOME ADDRESS TIMES``.

Through everything that a request passes in the program, without a network. The first request is not timed.
"""

import os
import sys

from bench.sides import work

home, address, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ |= {"NOTYET_HOME": home, "DJANGO_SETTINGS_MODULE": "notyet.config.settings"}
import django  # noqa: E402

django.setup()
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

client = Client(HTTP_HOST="localhost")
client.force_login(User.objects.get(username="manager@example.org"))
first = client.get(address)
assert first.status_code == 200, first.status_code
with work():
    for _ in range(times):
        client.get(address)
