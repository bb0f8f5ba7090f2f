# SPDX-License-Identifier: Apache-2.0
"""A payer's browser in a few lines: opens the pay page, presses a button, follows where it leads.

As a program:  tests/bank/payer.py --ca CA [--action pay|decline] PAY_URL
"""

from __future__ import annotations

import argparse
import ssl
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Callable, Optional
from urllib.parse import urlencode, urljoin

TIMEOUT_S = 30
LEADING_PAGES_MAX = 5
REFRESHES_MAX = 60
REFRESH_PAUSE_S = 0.25


class Page(HTMLParser):
    """The text of a page, and its first form."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.title = ""
        self.text: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.action: Optional[str] = None
        self.refreshes = False  # it is to be asked for again in a while
        self._open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag not in ("meta", "input", "br", "link"):
            self._open.append(tag)
        if tag == "meta" and have.get("http-equiv", "").lower() == "refresh":
            self.refreshes = True
        elif tag == "form" and self.action is None:
            self.action = have.get("action", "")
        elif tag == "input" and "name" in have:
            self.fields[have["name"]] = have.get("value", "")
        elif tag == "button" and "name" in have:
            self.buttons.append((have["name"], have.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        elif "style" not in self._open and "header" not in self._open and data.strip():
            self.text.append(data.strip())


@dataclass
class Visit:
    """Where a request led."""

    url: str
    status: int
    source: str
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = Page(self.source)


class Payer:
    """Trusts the CA it is given; returning to the merchant's page may fail without harm."""

    def __init__(self, ca: Optional[str] = None) -> None:
        context = ssl.create_default_context(cafile=ca)
        handler = urllib.request.HTTPSHandler(context=context)
        cookies = urllib.request.HTTPCookieProcessor()
        self._browser = urllib.request.build_opener(handler, cookies, _NoRedirect)

    def open(self, url: str, fields: Optional[dict[str, str]] = None) -> Visit:
        """One request, without following; also pages of 4xx and 5xx."""
        data = None if fields is None else urlencode(fields).encode()
        try:
            with self._browser.open(url, data, timeout=TIMEOUT_S) as response:
                return Visit(response.url, response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                location = urljoin(url, error.headers.get("Location", url))
                return Visit(location, error.code, error.read().decode("utf-8", "replace"))

    def press(self, visit: Visit, value: str) -> Visit:
        """Submits the page's form by the button with that value."""
        names = [name for name, button in visit.page.buttons if button == value]
        if visit.page.action is None or not names:
            raise LookupError(f"the page has no button {value!r}: {visit.page.text}")
        fields = {**visit.page.fields, names[0]: value}
        return self.open(urljoin(visit.url, visit.page.action), fields)

    def pay(
        self,
        pay_url: str,
        action: str = "pay",
        tell: Callable[[Visit], None] = lambda _: None,
    ) -> Visit:
        """Presses Pay (or Decline); gives the answer, whose url is where the browser goes next.

        Pages that only lead on (a redirect, a form that a browser posts by itself) are passed; a
        page that refreshes itself is waited for.
        """
        visit = self._open_ready(pay_url)
        for _ in range(LEADING_PAGES_MAX):
            if visit.status in (301, 302, 303, 307, 308):
                visit = self._open_ready(visit.url)
            elif any(value == action for _, value in visit.page.buttons):
                tell(visit)
                return self.press(visit, action)
            elif visit.page.action is not None:
                visit = self.open(urljoin(visit.url, visit.page.action), visit.page.fields)
            else:
                break
        raise LookupError(f"no {action} button at {visit.url}: {visit.status} {visit.page.text}")

    def _open_ready(self, url: str) -> Visit:
        visit = self.open(url)
        for _ in range(REFRESHES_MAX):
            if visit.status not in (200, 202, 503) or not visit.page.refreshes:
                break
            time.sleep(REFRESH_PAUSE_S)
            visit = self.open(url)
        return visit


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def show(visit: Visit) -> None:
    print(f"  {visit.page.title}")
    print("  " + " | ".join(visit.page.text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pay_url")
    parser.add_argument("--ca", help="certificate authority to trust besides nobody")
    parser.add_argument("--action", choices=("pay", "decline"), default="pay")
    wish = parser.parse_args()
    payer = Payer(wish.ca)
    try:
        left = payer.pay(wish.pay_url, wish.action, tell=show)
    except (OSError, LookupError) as error:
        print(f"payer: {error}", file=sys.stderr)
        return 1
    print(f"  pressed {wish.action!r}; the browser is sent on to {left.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
