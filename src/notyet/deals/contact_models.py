"""The people at a buyer's, and what each is to a deal."""

from django.db import models

from notyet.workspaces.scope import Scoped

CONTACT_FIELDS = ("name", "email", "phone", "title")


class ContactRole(models.TextChoices):
    """What a person at the buyer's is to a deal."""

    SIGNS = "signs", "Signs"
    DECIDES = "decides", "Decides with others"
    CHAMPION = "champion", "Speaks for us"
    USER = "user", "Will use it"
    AGAINST = "against", "Is against it"
    UNKNOWN = "", "Not known yet"


class Contact(Scoped):
    """A person at the buyer's. ``Conversation.contact`` names people as the source writes them."""

    account = models.ForeignKey("deals.Account", models.CASCADE, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=500)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class DealContact(Scoped):
    """A contact has a part in a deal."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="deal_contacts")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="deals")
    role = models.CharField(max_length=10, choices=ContactRole.choices, blank=True, default=ContactRole.UNKNOWN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "contact"], name="contact_once_a_deal")]

    def __str__(self) -> str:
        return f"{self.contact} ({self.get_role_display()})"
