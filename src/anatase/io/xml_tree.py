"""XML without document types or entities, with names freed of their namespaces."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.parsers import expat

from anatase.io.source import Source

__all__ = ["Element", "attribute", "find", "find_all", "numbers_of", "number_of", "parse_xml", "text_of"]

Element = ET.Element


class DocumentTypeFound(Exception):
    """The XML declares a document type, which can hide entity bombs and outside references."""


def refuse_document_type(*_: object) -> None:
    raise DocumentTypeFound


def parse_xml(data: bytes, source: Source, member: str = "") -> Element:
    """Return the root element of an XML document; its tags lose their namespaces.

    Raises
    ------
    InputError
        When the document is not well formed or declares a document type.
    """
    where = f"{member}: " if member else ""
    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = refuse_document_type
    try:
        scanner.Parse(data, True)
        root = ET.fromstring(data)  # noqa: S314 - document types and entities were refused above
    except DocumentTypeFound as error:
        raise source.error(
            f"{where}the XML declares a document type", "scans have none; check where the file came from"
        ) from error
    except (expat.ExpatError, ET.ParseError) as error:
        line = getattr(error, "lineno", None)
        raise source.error(
            f"{where}the XML is damaged ({error})", "the file looks truncated; export it again", line=line
        ) from error
    except (ValueError, LookupError, UnicodeError) as error:  # an encoding that Python does not have
        raise source.error(f"{where}the XML cannot be decoded ({error})", "export it as UTF-8") from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def find(element: Element | None, *tags: str) -> Element | None:
    """Return the first descendant reached by names, each searched at any depth below the former."""
    for tag in tags:
        if element is None:
            return None
        element = next((child for child in element.iter(tag) if child is not element), None)
    return element


def find_all(element: Element, tag: str) -> list[Element]:
    """Return all descendants of a name, at any depth."""
    return [child for child in element.iter(tag) if child is not element]


def text_of(element: Element | None, *tags: str) -> str:
    """Return a descendant's text, stripped; empty where there is none."""
    found = find(element, *tags) if tags else element
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute, whatever its namespace; empty where there is none."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value.strip()
    return ""


def number_of(text: str, default: float = 0.0) -> float:
    """Return the number that a text is, or a default."""
    try:
        return float(text)
    except ValueError:
        return default


def numbers_of(text: str, source: Source, what: str) -> list[float]:
    """Return the numbers of a list separated by blanks, commas or semicolons."""
    try:
        return [float(word) for word in re.split(r"[\s,;]+", text.strip()) if word]
    except ValueError as error:
        raise source.error(f"{what}: {error}", "the file is damaged; export it again") from error
