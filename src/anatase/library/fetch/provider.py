"""The databases that structures are fetched from, and what each says of its licence."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

__all__ = ["PROVIDERS", "Provider", "provider_of_url"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A database that answers OPTIMADE queries.

    Parameters
    ----------
    key
        What goes before its identifiers: ``cod`` makes ``cod/1000000``; empty for the prefix the server gives.
    title
        Its name, which stands as the source of its entries.
    base_url
        Address under which ``/versions`` and ``/v1`` are found.
    licence, citation
        Of entries that state none themselves, when the server states none either.
    entry_page, cif
        Addresses of an entry for people and of its CIF, with ``{id}``; the CIF is read where the OPTIMADE
        answer carries no complete structure.
    """

    key: str
    title: str
    base_url: str
    licence: str = ""
    citation: str = ""
    entry_page: str = ""
    cif: str = ""

    def page_of(self, identifier: str) -> str:
        """Return the address of an entry, empty where none is known."""
        return self.entry_page.replace("{id}", quote(identifier, safe="-._~"))

    def cif_of(self, identifier: str) -> str:
        """Return the address of an entry's CIF, empty where none is known."""
        return self.cif.replace("{id}", quote(identifier, safe="-._~"))


# licences: crystallography.net/cod ("placed in the public domain", CC0) and materialsproject.org/about/terms
PROVIDERS = {
    "cod": Provider(
        "cod",
        "COD",
        "https://www.crystallography.net/cod/optimade",
        "CC0-1.0",
        "Gražulis et al. (2012) Nucleic Acids Research 40, D420",
        "https://www.crystallography.net/cod/{id}.html",
        "https://www.crystallography.net/cod/{id}.cif",
    ),
    "mp": Provider(
        "mp",
        "Materials Project",
        "https://optimade.materialsproject.org",
        "CC-BY-4.0",
        "Jain et al. (2013) APL Materials 1, 011002",
        "https://materialsproject.org/materials/{id}",
    ),
}


def provider_of_url(url: str) -> Provider:
    """Return a provider of which only the address is known."""
    return Provider("", "", url)
