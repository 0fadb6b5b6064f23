"""The JSON schema of an event, in one piece."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.events import Event


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out titles that only repeat the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON schema of the data of ``event``, without references.

    Draft 7, which AsyncAPI speaks, overlooks what stands beside a reference, such as the description of a field. Here
    both are one; what stands beside it wins.
    """
    schema = event.model_json_schema(schema_generator=_WithoutFieldTitles)
    definitions = schema.pop("$defs", {})
    inlined: dict[str, Any] = _inlined(schema, definitions)
    return inlined


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(inner, definitions) for inner in part]
    if not isinstance(part, dict):
        return part
    beside = {name: _inlined(inner, definitions) for name, inner in part.items() if name != "$ref"}
    if "$ref" not in part:
        return beside
    return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions) | beside
