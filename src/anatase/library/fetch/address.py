"""Addresses on the web, as users and servers write them."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

from anatase.errors import InputError

__all__ = ["host_of", "joined_address", "split_address"]


def split_address(url: str) -> SplitResult:
    """Return the parts of a web address.

    Raises
    ------
    InputError
        When it is none: of another scheme than http and https, without a host, or misspelt.

    Examples
    --------
    >>> split_address("https://www.crystallography.net/cod/optimade").hostname
    'www.crystallography.net'
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise InputError(f"'{url:.200}' is no web address", "give one as in https://host/optimade")
    return parts


def joined_address(base: str, reference: str) -> str:
    """Return the address that a page names, whether in full or relative to the page's own."""
    try:
        return urljoin(base, reference)
    except ValueError as error:
        raise InputError(f"{host_of(base)} names '{reference:.200}', no address", "the server is at fault") from error


def host_of(url: str) -> str:
    """Return the host of a web address, with its port if it has one."""
    return split_address(url).netloc
