"""Puts the schemas of several OpenAPI documents side by side without mixing up two that share a name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]
Schemas = Mapping[str, Any]

_PREFIX = "#/components/schemas/"


def merged_schemas(parts: Mapping[str, Document]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """All schemas, and per service what each of its names is called now.

    A name that means the same everywhere stays; otherwise each service's schema gets the service's name before it.
    """
    definitions = {service: part.get("components", {}).get("schemas", {}) for service, part in parts.items()}
    ambiguous = _ambiguous(definitions)
    names = {
        service: {name: f"{service.capitalize()}{name}" if name in ambiguous else name for name in schemas}
        for service, schemas in definitions.items()
    }
    merged = {
        names[service][name]: renamed(schema, names[service])
        for service, schemas in definitions.items()
        for name, schema in schemas.items()
    }
    return merged, names


def renamed(part: Any, names: Mapping[str, str]) -> Any:
    """``part`` with every reference to a schema following its new name."""
    if isinstance(part, dict):
        return {
            key: _PREFIX + names[value.removeprefix(_PREFIX)] if _is_reference(key, value) else renamed(value, names)
            for key, value in part.items()
        }
    return [renamed(item, names) for item in part] if isinstance(part, list) else part


def _ambiguous(definitions: Mapping[str, Schemas]) -> set[str]:
    meanings: dict[str, list[Any]] = defaultdict(list)
    for schemas in definitions.values():
        for name, schema in schemas.items():
            meanings[name].append(schema)
    found = {name for name, schemas in meanings.items() if any(schema != schemas[0] for schema in schemas)}
    shared = {name: schemas[0] for name, schemas in meanings.items() if len(schemas) > 1}
    # What speaks of something ambiguous is ambiguous, too, even if it is written the same everywhere.
    while spreading := {name for name, schema in shared.items() if found & set(_references(schema))} - found:
        found |= spreading
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if _is_reference(key, value):
                yield value.removeprefix(_PREFIX)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)


def _is_reference(key: str, value: Any) -> bool:
    return key == "$ref" and isinstance(value, str) and value.startswith(_PREFIX)
