"""What may stand at a key, in words, out of the models' own JSON schema: said once, in gate.settings."""

from __future__ import annotations

from typing import Any

from gate.config.lines import Path

Schema = dict[str, Any]

_NOUNS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section with keys",
}


def schema_at(top: Schema, path: Path) -> Schema | None:
    """The schema of the value at `path`, or None where no such key is known."""
    here: Schema | None = top
    for step in path:
        if here is None:
            return None
        here = _step(_resolve(top, here), step)
    return None if here is None else _resolve(top, here)


def known_keys(top: Schema, path: Path) -> tuple[str, ...]:
    """The keys a section may hold."""
    here = schema_at(top, path)
    if here is None:
        return ()
    if "propertyNames" in here:
        return tuple(_resolve(top, here["propertyNames"]).get("enum", ()))
    return tuple(here.get("properties", ()))


def say_allowed(top: Schema, path: Path) -> str:
    """What may stand at `path`, in words; empty where no such key is known."""
    here = schema_at(top, path)
    return "" if here is None else _say(top, here)


def _say(top: Schema, schema: Schema) -> str:
    schema = _resolve(top, schema)
    if choices := _choices(top, schema):
        return ", ".join(choices)
    if "description" in schema and "pattern" in schema:
        return str(schema["description"])
    kind = schema.get("type", "")
    if schema.get("format") == "path":
        return "a file path, as text"
    said = _NOUNS.get(kind, "")
    if kind == "array" and "items" in schema:
        inner = _resolve(top, schema["items"])
        said = f"a list of {', '.join(inner['enum'])}" if "enum" in inner else said
    return " ".join(part for part in (said, _bounds(schema)) if part)


def _choices(top: Schema, schema: Schema) -> list[str]:
    if "enum" in schema:
        return [str(choice) for choice in schema["enum"]]
    if "const" in schema:
        return [str(schema["const"])]
    if "discriminator" in schema:
        tag = schema["discriminator"]["propertyName"]
        return [f"{tag}: {choice}" for choice in schema["discriminator"]["mapping"]]
    if "anyOf" in schema:
        return [said for branch in schema["anyOf"] if (said := _say(top, branch))]
    return []


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low is not None:
        return f"of at least {low}"
    if "exclusiveMinimum" in schema:
        return f"greater than {schema['exclusiveMinimum']}"
    if "maxLength" in schema:
        return f"of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if schema.get("minLength"):
        return "that is not empty"
    return "with at least one item" if schema.get("minItems") else ""


def _resolve(top: Schema, schema: Schema) -> Schema:
    """Follow references, and leave the "or nothing" of an optional key out."""
    while True:
        if "$ref" in schema:
            target: Schema = top["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
            # What stands beside a reference (a default, a description) belongs to the key, not the type.
            schema = target
        elif "anyOf" in schema:
            branches = [branch for branch in schema["anyOf"] if branch.get("type") != "null"]
            if len(branches) > 1:
                return {**schema, "anyOf": branches}
            schema = branches[0]
        else:
            return schema


def _step(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        pair: list[Schema] = schema.get("prefixItems", [])
        items: Schema | None = pair[step] if step < len(pair) else schema.get("items")
        return items
    if step in schema.get("properties", {}):
        found: Schema = schema["properties"][step]
        return found
    if "discriminator" in schema:
        # pydantic's paths name the driver between a device and its keys; a path from the file does not
        drivers: dict[str, str] = schema["discriminator"]["mapping"]
        if step in drivers:
            return {"$ref": drivers[step]}
        if step == schema["discriminator"]["propertyName"]:
            return {"enum": list(drivers)}
        return None
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else None
