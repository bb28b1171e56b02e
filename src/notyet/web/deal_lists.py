"""The list of deals as a table: from the record, or those behind a figure."""

from typing import Any

import django_tables2 as tables
from django.db.models import FloatField, QuerySet
from django.db.models.functions import Cast
from django.utils.html import format_html
from django.utils.safestring import SafeString

from notyet.deals.models import Deal
from notyet.web import moments
from notyet.web.shown import outcome_tag, whole_amount

PAGE_SIZE = 25


class DealTable(tables.Table):  # type: ignore[misc]
    """Deals, one a line, linked to their pages."""

    name = tables.Column(verbose_name="Deal", order_by=("name", "deal_id"), empty_values=())
    account = tables.Column(accessor="account__name", verbose_name="Buyer")
    owner = tables.Column(verbose_name="Owner")
    amount = tables.Column(verbose_name="Amount", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    outcome = tables.Column(verbose_name="Outcome")
    opened_at = tables.Column(verbose_name="Opened")
    closed_at = tables.Column(verbose_name="Closed")

    class Meta:
        model = Deal
        fields = ("name", "account", "owner", "amount", "outcome", "opened_at", "closed_at")
        template_name = "tables/list.html"
        attrs = {"class": "table table-vcenter card-table list"}
        order_by = "-closed_at"
        empty_text = "No deals"

    def render_name(self, record: Deal) -> SafeString:
        """The deal's name, or its id, as a link."""
        return format_html('<a href="/deals/{}/">{}</a>', record.pk, record.name or record.deal_id)

    def render_amount(self, record: Deal) -> str:
        """The amount in the deal's own currency, whole."""
        return whole_amount(record)

    def order_amount(self, queryset: QuerySet[Deal], is_descending: bool) -> tuple[QuerySet[Deal], bool]:
        """By the number: a database may keep amounts as text."""
        ordered = queryset.annotate(sum=Cast("amount", FloatField()))
        return ordered.order_by("-sum" if is_descending else "sum", "pk"), True

    def render_outcome(self, record: Deal) -> SafeString:
        """The outcome as a tag; ordered but unpaid is no win."""
        return outcome_tag(record)

    def render_opened_at(self, value: Any) -> str:
        """The day."""
        return moments.day(value)

    def render_closed_at(self, value: Any) -> str:
        """The day."""
        return moments.day(value)
