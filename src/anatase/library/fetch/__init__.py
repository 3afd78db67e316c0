"""Structures from databases on the web, through the OPTIMADE standard."""

from anatase.library.fetch.fetch import Fetch, fetch_structures
from anatase.library.fetch.polite_client import PoliteClient
from anatase.library.fetch.provider import PROVIDERS, Provider
from anatase.library.fetch.query import Query

__all__ = ["PROVIDERS", "Fetch", "PoliteClient", "Provider", "Query", "fetch_structures"]
