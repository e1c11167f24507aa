"""The kustomization: our literals replaced or added, comments, order and indentation as they were. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.writers.variables import check_value

__all__ = ["CONFIG_MAP", "read_kustomization", "render_kustomization"]

CONFIG_MAP = "tartware-k6-env"
_NEW = f"""\
# Written by tartware-lt bootstrap: it renews the lists of IDs and leaves every other line as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: tartware-loadtest
generatorOptions:
  disableNameSuffixHash: true
configMapGenerator:
  - name: {CONFIG_MAP}
    literals:
"""
_Splice = tuple[int, int, str]


def render_kustomization(existing: str | None, owned: Mapping[str, str], name: str = "kustomization") -> str:
    """Return the file with the owned variables among the literals of the ConfigMap generator.

    Args:
        existing: The file's text, or None.
        owned: Variables and values, in the order in which missing ones are added.
        name: Stands in messages.

    Raises:
        InputError: The file is no kustomization that can be edited without changing anything else.
    """
    for key, value in owned.items():
        check_value(key, value)
    if not existing or not existing.strip():
        return _NEW + "".join(f"      - {key}={value}\n" for key, value in owned.items())
    root, before = _load(existing, name)
    text = existing
    for start, end, piece in sorted(_splices(existing, root, owned, name), reverse=True):
        text = text[:start] + piece + text[end:]
    _check(text, before, owned, name)
    return text


def read_kustomization(text: str) -> dict[str, str]:
    """Return the literals of the ConfigMap generator as they stand; of a broken file, none."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    pairs = (literal.partition("=") for literal in _own_literals(document))
    return {name: value for name, _, value in pairs}


def _load(text: str, name: str) -> tuple[MappingNode, Any]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{name} is broken YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(root, MappingNode) or root.flow_style:
        raise InputError(f"{name} is no kustomization: its top is not a block mapping.")
    return root, document


def _splices(text: str, root: MappingNode, owned: Mapping[str, str], name: str) -> list[_Splice]:
    generators = _value(root, "configMapGenerator")
    lines = [f"{key}={value}" for key, value in owned.items()]
    if generators is None:
        block = f"configMapGenerator:\n  - name: {CONFIG_MAP}\n    literals:\n"
        return [_after(text, len(text), block + "".join(f"      - {line}\n" for line in lines))]
    if not isinstance(generators, SequenceNode) or generators.flow_style or not generators.value:
        raise _odd(name, "configMapGenerator is no block list of generators")
    entry = next((each for each in generators.value if _named(each)), None)
    if entry is None:
        dash = _dash(text, generators)
        block = f"{dash}- name: {CONFIG_MAP}\n{dash}  literals:\n"
        return [_append(text, generators, block + "".join(f"{dash}    - {line}\n" for line in lines))]
    if entry.flow_style:
        raise _odd(name, f"the generator {CONFIG_MAP} is written in one line")
    literals = _value(entry, "literals")
    if literals is None:
        indent = " " * entry.start_mark.column
        items = "".join(f"{indent}  - {line}\n" for line in lines)
        return [_append(text, entry, f"{indent}literals:\n{items}")]
    return _literals(text, entry, literals, owned, name)


def _literals(
    text: str, entry: MappingNode, literals: Node, owned: Mapping[str, str], name: str
) -> list[_Splice]:
    if not isinstance(literals, SequenceNode) or not literals.value:
        if isinstance(literals, SequenceNode) or (isinstance(literals, ScalarNode) and not literals.value):
            indent = " " * entry.start_mark.column
            items = "".join(f"\n{indent}  - {key}={value}" for key, value in owned.items())
            return [(literals.start_mark.index, literals.end_mark.index, items)]
        raise _odd(name, "literals is no list")
    splices: list[_Splice] = []
    present: set[str] = set()
    for item in literals.value:
        key = item.value.partition("=")[0] if isinstance(item, ScalarNode) else ""
        if key in owned:
            present.add(key)
            quote = item.style if item.style in ("'", '"') else '"' if literals.flow_style else ""
            line = f"{quote}{key}={owned[key]}{quote}"
            # A block scalar's node reaches over its line end.
            end = item.end_mark.index
            tail = "\n" if text[:end].endswith("\n") else ""
            splices.append((item.start_mark.index, end, line + tail))
    missing = [f"{key}={value}" for key, value in owned.items() if key not in present]
    if missing and literals.flow_style:
        end = literals.value[-1].end_mark.index
        splices.append((end, end, "".join(f', "{line}"' for line in missing)))
    elif missing:
        dash = _dash(text, literals)
        splices.append(_append(text, literals, "".join(f"{dash}- {line}\n" for line in missing)))
    return splices


def _dash(text: str, block: SequenceNode) -> str:
    """Return the indentation of a block list's dashes; the list's own mark may be that of an anchor."""
    at = text.rfind("-", 0, block.value[0].start_mark.index)
    return " " * (at - text.rfind("\n", 0, at) - 1)


def _append(text: str, node: Node, block: str) -> _Splice:
    """Insert after the line on which the last value of ``node`` ends."""
    last: Node = node
    while isinstance(last, (SequenceNode, MappingNode)) and last.value and not last.flow_style:
        last = last.value[-1] if isinstance(last, SequenceNode) else last.value[-1][1]
    return _after(text, last.end_mark.index, block)


def _after(text: str, at: int, block: str) -> _Splice:
    if not text[:at].endswith("\n"):
        end = text.find("\n", at)
        at = len(text) if end < 0 else end + 1
    lead = "" if not at or text[:at].endswith("\n") else "\n"
    return at, at, lead + block


def _value(mapping: MappingNode, key: str) -> Node | None:
    return next((value for each, value in mapping.value if each.value == key), None)


def _named(node: Node) -> bool:
    name = _value(node, "name") if isinstance(node, MappingNode) else None
    return isinstance(name, ScalarNode) and name.value == CONFIG_MAP


def _odd(name: str, problem: str) -> InputError:
    return InputError(
        f"{name} cannot be edited in place: {problem}.",
        hint=f"Write the generator {CONFIG_MAP} as a block list, or name a new file.",
    )


def _check(text: str, before: Any, owned: Mapping[str, str], name: str) -> None:
    """Read the result back: our literals hold, and all the rest is what it was."""
    try:
        after = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _odd(name, "the result would be broken") from None
    wanted = {f"{key}={value}" for key, value in owned.items()}
    if not wanted <= set(_own_literals(after)) or _without(after, owned) != _without(before, owned):
        raise _odd(name, "the result would change more than the literals")


def _own_literals(document: Any) -> list[str]:
    if not isinstance(document, dict):
        return []
    for entry in document.get("configMapGenerator") or []:
        if isinstance(entry, dict) and entry.get("name") == CONFIG_MAP:
            return [str(item) for item in entry.get("literals") or []]
    return []


def _without(document: Any, owned: Mapping[str, str]) -> Any:
    """Return the document without the owned literals, and without what was made only to hold them."""
    entries = []
    for entry in document.get("configMapGenerator") or []:
        if isinstance(entry, dict) and entry.get("name") == CONFIG_MAP:
            kept = [item for item in entry.get("literals") or [] if str(item).partition("=")[0] not in owned]
            rest = {key: value for key, value in entry.items() if key not in ("literals", "name")}
            if kept or rest:
                entries.append({**rest, "literals": kept})
        else:
            entries.append(entry)
    return {**document, "configMapGenerator": entries}
