"""What people do first in every journey."""

from playwright.sync_api import Page

PASSWORD = "a-long-password"


def sign_in(page: Page, who: str) -> None:
    """Sign in as the person with the role ``who``."""
    page.get_by_label("E-mail").fill(f"{who}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
