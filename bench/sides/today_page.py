"""The page Today, asked for again and again: ``today_page HOME PERSON ADDRESS TIMES [DATABASE_URL]``.

Through everything that a request passes in the program, without a network. The first request is not timed.
"""

import sys
from pathlib import Path

from bench.sides import work
from bench.today_records import surroundings

home, person, address, times = sys.argv[1:5]
surroundings(Path(home), sys.argv[5] if len(sys.argv) > 5 else "")
import django  # noqa: E402

django.setup()
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

client = Client(HTTP_HOST="localhost")
client.force_login(User.objects.get(username=person))
first = client.get(address)
assert first.status_code == 200, first.status_code
with work():
    for _ in range(int(times)):
        client.get(address)
