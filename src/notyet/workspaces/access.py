"""The one place that answers "may she do this?" and "may she see this?"."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from notyet.workspaces.models import Membership, Role, Visibility, Workspace

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class Permission(Enum):
    """What an action or a page asks for."""

    SEE_DEALS = "see deals"
    SEE_ANALYSIS = "see the win/loss analysis"
    WORK_DEALS = "work on deals"
    SEE_PIPELINE = "see the pipeline"
    SET_TARGETS = "set targets"
    EDIT_PROCESS = "change the sales process"
    WAKE_LOSSES = "wake losses when something changes"
    DECIDE_LEAKS = "confirm or overrule a leak"
    EDIT_REASONS = "change the table of loss reasons"
    SHARE_VIEWS = "share views of the list of deals"
    MERGE = "merge duplicates"
    IMPORT = "import histories"
    EXPORT = "export the record"
    EXPORT_ANSWERS = "export buyers' answers one by one"
    SET_UP = "change the workspace's settings"


_EVERYBODY = frozenset({Permission.SEE_DEALS, Permission.SEE_ANALYSIS})
_SELLER = _EVERYBODY | {Permission.WORK_DEALS, Permission.SEE_PIPELINE}
_MANAGER = _SELLER | {
    Permission.SHARE_VIEWS,
    Permission.MERGE,
    Permission.EXPORT,
    Permission.SET_TARGETS,
    Permission.WAKE_LOSSES,
}
_OWNER = _MANAGER | {Permission.DECIDE_LEAKS, Permission.EDIT_REASONS, Permission.EDIT_PROCESS, Permission.IMPORT}

GRANTS: dict[str, frozenset[Permission]] = {
    Role.SELLER: _SELLER,
    Role.MANAGER: _MANAGER,
    Role.OWNER: _OWNER,
    Role.MARKETING: frozenset({Permission.SEE_ANALYSIS, Permission.SEE_PIPELINE}),
    Role.SUPPORT: frozenset({Permission.SEE_ANALYSIS}),
    Role.LEADERSHIP: _EVERYBODY | {Permission.SEE_PIPELINE},
    Role.INTERVIEWER: frozenset(),
    Role.ADMINISTRATOR: frozenset(Permission),
}


class Denied(Exception):
    """The actor may not do this; the text names what is missing."""


@dataclass(frozen=True)
class Actor:
    """Who acts, where, and as what. Every action takes one."""

    workspace: Workspace
    role: str
    name: str
    user_id: int | None = None
    team: str | None = None
    seller_name: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role grants it."""
        return permission in GRANTS.get(self.role, frozenset())

    def require(self, permission: Permission) -> None:
        """Raise ``Denied`` unless the actor's role grants it."""
        if not self.may(permission):
            raise Denied(f"{self.name} ({Role(self.role).label}) may not {permission.value}")


def operator(workspace: Workspace) -> Actor:
    """Whoever runs commands on the server: an administrator without an account."""
    return Actor(workspace, Role.ADMINISTRATOR, "operator")


def actor_of(membership: Membership) -> Actor:
    """The actor that a person is in the membership's workspace."""
    return Actor(
        workspace=membership.workspace,
        role=membership.role,
        name=membership.user.get_username(),
        user_id=membership.user_id,
        team=membership.team.name if membership.team else None,
        seller_name=membership.seller_name,
    )


def memberships(user: "AbstractBaseUser | AnonymousUser") -> list[Membership]:
    """The workspaces that a signed-in person belongs to, in the order she joined them."""
    if not user.is_authenticated:
        return []
    # Looked up by the person before any workspace is known, so outside every scope.
    unscoped: Any = Membership._base_manager
    return list(unscoped.filter(user_id=user.pk).select_related("workspace", "team", "user").order_by("pk"))


NOBODY = "\x01nobody"
"""An owner's name that no deal carries: for a seller whose own name on deals is not known."""


def visible_owner_filter(actor: Actor) -> dict[str, str] | None:
    """Conditions on deals (``owner`` or ``team``) that limit what the actor sees; ``None`` for all."""
    if actor.role != Role.SELLER or actor.workspace.visibility == Visibility.ALL:
        return None
    if actor.workspace.visibility == Visibility.TEAM and actor.team:
        return {"team": actor.team}
    return {"owner": actor.seller_name or NOBODY}
