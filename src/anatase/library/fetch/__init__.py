"""Structures from databases on the web, through the OPTIMADE standard."""

from anatase.library.fetch.fetch import Fetch, Query, fetch_structures
from anatase.library.fetch.polite_client import PoliteClient
from anatase.library.fetch.provider import PROVIDERS, Provider

__all__ = ["PROVIDERS", "Fetch", "PoliteClient", "Provider", "Query", "fetch_structures"]
