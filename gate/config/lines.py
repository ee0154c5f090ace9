"""Where in a YAML file a value stands: pydantic names a path, people want a line."""

from __future__ import annotations

from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_MERGE = "tag:yaml.org,2002:merge"

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file."""


def key_name(path: Path) -> str:
    """The path as people write it: points[2].io.port."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f"{'.' if name else ''}{step}"
    return name


def locate(root: Node, path: Path) -> tuple[int, Path]:
    """The line (from 1) of the deepest part of `path` that the file has, and that part's own path.

    A step that is not in the file is passed over while a later one can still be found: pydantic puts
    the driver of a device between the device and its keys.
    """
    found: Path = ()
    node, line = root, root.start_mark.line + 1
    for step in path:
        entry = _entry(node, step)
        if entry is None:
            continue
        line, node = entry[0].start_mark.line + 1, entry[1]
        found = (*found, step)
    return line, found


def repeated_keys(root: Node) -> Iterator[tuple[int, int, Path]]:
    """Every key that stands twice in one mapping: its line, the line of the first, its path."""
    seen: set[int] = set()  # an alias may point back at the node that holds it
    waiting: list[tuple[Node, Path]] = [(root, ())]
    while waiting:
        node, path = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            waiting += [(item, (*path, index)) for index, item in enumerate(node.value)]
        elif isinstance(node, MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                if not isinstance(key, ScalarNode):
                    continue
                here = key.start_mark.line + 1
                if key.tag != _MERGE and first.setdefault(key.value, here) != here:
                    yield here, first[key.value], (*path, key.value)
                waiting.append((value, (*path, key.value)))


def _entry(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """The key node and value node of one step; for a list item the item is both."""
    if isinstance(node, SequenceNode):
        return (node.value[step],) * 2 if isinstance(step, int) and step < len(node.value) else None
    if not isinstance(node, MappingNode):
        return None
    merged: list[Node] = []
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.tag == _MERGE:
            merged += value.value if isinstance(value, SequenceNode) else [value]
        elif isinstance(key, ScalarNode) and key.value == str(step):
            return key, value
    return next((entry for source in merged if (entry := _entry(source, step)) is not None), None)
