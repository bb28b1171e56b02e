"""``demo``, ``serve`` and ``work``."""

import secrets
from typing import Annotated

import typer

from notyet.cli.app import SAMPLE_SLUG, fail, start, workspace_to_read
from notyet.cli.progress import progress
from notyet.cli.worker import companion, do_jobs, end_with_input, ticking

DEMO_EMAIL = "demo@notyet.example"
WITHIN_SECONDS = 4.0
"""What a message on its way has to arrive when the server stops, before its worker is ended."""

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    deals: Annotated[int, typer.Option(help="How many deals the sample company has.", min=50, max=200_000)] = 3000,
    seed: Annotated[int, typer.Option(help="Which sample company.")] = 1,
    only_make: Annotated[bool, typer.Option("--only-make", help="Make the sample workspace and stop.")] = False,
) -> None:
    """Make a sample workspace with a story in it, and serve it."""
    start()
    password = _sample_workspace(deals, seed)
    typer.echo(
        f"\n  NotYet is at   http://{host}:{port}/\n  sign in with   {DEMO_EMAIL}\n  password       {password}\n"
    )
    if not only_make:
        _serve(host, port, workers=1)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Server processes.", min=1, max=64)] = 1,
) -> None:
    """Serve the pages."""
    start()
    from django.contrib.auth.models import User

    if not User.objects.exists():
        typer.echo("Nobody can sign in yet: add the first person with `notyet person EMAIL --role administrator`.")
    typer.echo(f"NotYet is at http://{host}:{port}/")
    _serve(host, port, workers)


def work(
    attached: Annotated[
        bool, typer.Option("--attached", help="Stop when standard input is closed, as `notyet serve` wants it.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now and stop.")] = False,
) -> None:
    """Do what is due in the background until stopped: jobs of the pages, and the messages that reach people."""
    start()
    from django.core.management import call_command

    from notyet.notices.tick import tick, worker_name

    if once:
        for _ in range(2):  # what the first round asks the jobs for is there in the second
            call_command("db_worker", queue_name="*", verbosity=1, batch=True, startup_delay=False)
            tick(worker_name())
        return
    typer.echo("Working; stop with Ctrl-C.")
    with ticking() as ticker:
        if attached:
            end_with_input(lambda: ticker.stop(WITHIN_SECONDS))
        do_jobs()
    if ticker.broken:
        fail("stopped: sending messages ended with an error, which stands above")


def person(
    email: Annotated[str, typer.Argument(help="The person's e-mail address, with which she signs in.")],
    role: Annotated[str, typer.Option(help="seller, manager, win_loss_owner, marketing, support, leadership, …")],
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
    team: Annotated[str | None, typer.Option(help="Her team, by the name that the deals carry.")] = None,
    seller_name: Annotated[str, typer.Option(help="The owner's name that her deals carry.")] = "",
) -> None:
    """Add a person, or change her role; prints a first password for a new one."""
    start()
    from django.contrib.auth.models import User

    from notyet.cli.app import operator, workspace_to_write
    from notyet.workspaces.actions import add_person
    from notyet.workspaces.models import Role

    if role not in Role.values:
        fail(f"{role!r} is no role; there are: {', '.join(Role.values)}", 2)
    if "@" not in email:
        fail(f"{email!r} is no e-mail address", 2)
    password = None if User.objects.filter(username=email).exists() else secrets.token_urlsafe(12)
    home = workspace_to_read(workspace) if workspace else workspace_to_write(None)
    add_person(operator(home), email, Role(role), password, team=team, seller_name=seller_name)
    typer.echo(f"{email} is {Role(role).label} in {home.name}" + (f"; first password: {password}" if password else ""))


def _sample_workspace(deals: int, seed: int) -> str:
    """Make the sample workspace unless it is there; returns a fresh password for its visitor."""
    from notyet.cli.app import operator
    from notyet.cli.sample import fill
    from notyet.history.upkeep import bring_up_to_date
    from notyet.workspaces.actions import add_person, create_workspace
    from notyet.workspaces.models import Role, Workspace

    sample = Workspace.objects.filter(slug=SAMPLE_SLUG).first()
    with progress() as reporter:
        if sample is None:
            sample = create_workspace("Sample")
            try:
                fill(sample, deals, seed, reporter)
            except BaseException:
                sample.delete()
                raise
        bring_up_to_date(sample, reporter.say)
    password = secrets.token_urlsafe(9)
    add_person(operator(sample), DEMO_EMAIL, Role.ADMINISTRATOR, password)
    return password


def _serve(host: str, port: int, workers: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    server = Server(
        "notyet.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]
    )
    with companion():
        server.serve()
