"""Write ``docs/schema/dossier.schema.json`` from the dossier's own dataclasses; a test fails where it lags behind.

Run ``python docs/make_schema.py`` after a change of a dossier. What each field means is taken from the comment behind
it, so that there is one place to say it.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from riskscore.explanation import dossier
from riskscore.report.dossier_json import SHAPE
from riskscore.report.private import ShownRecord

FILE = Path(__file__).with_name("schema") / "dossier.schema.json"
WRITTEN_AS = {"Document": ShownRecord}  # a record as a dossier may show it
PLAIN: Mapping[type, dict[str, Any]] = {
    str: {"type": "string"},
    float: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    dt.date: {"type": "string", "format": "date"},
}


def schema() -> dict[str, Any]:
    """Return the schema of a JSON dossier."""
    found: dict[str, Any] = {}
    top = _described(dossier.Dossier, found)
    top["properties"] = {"shape": {"const": SHAPE, "description": "raised when a reader of older files would misread"},
                         **top["properties"]}  # fmt: skip
    top["required"] = sorted([*top["required"], "shape"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Why an entity stands where it stands on a list of riskscore",
        **top,
        "$defs": dict(sorted(found.items())),
    }


def _described(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    """Return a dataclass as an object: every field is there, and no other."""
    comments, properties = _comments(kind), {}
    for name, hint in get_type_hints(kind).items():
        properties[name] = _type(hint, found) | ({"description": comments[name]} if name in comments else {})
    doc = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return {
        "type": "object",
        "description": doc,
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _type(hint: Any, found: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return dict(PLAIN[hint])
    if origin is UnionType:
        return {"anyOf": [_type(part, found) for part in arguments]}
    if origin is tuple and arguments[1:] == (Ellipsis,):
        return {"type": "array", "items": _type(arguments[0], found)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_type(a, found) for a in arguments], "items": False,
                "minItems": len(arguments)}  # fmt: skip
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _type(arguments[1], found)}
    name = hint.__name__
    if name not in found:
        found[name] = {}  # holds the place, should it hold itself
        found[name] = _described(WRITTEN_AS.get(name, hint), found)
    return {"$ref": f"#/$defs/{name}"}


def _comments(kind: type) -> dict[str, str]:
    """Return the comment behind each field."""
    source = inspect.getsource(kind)
    lines = source.splitlines()
    (body,) = ast.parse(source).body
    assert isinstance(body, ast.ClassDef)
    told = {}
    for field in body.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            behind = re.search(r"#\s*(.*)$", lines[(field.end_lineno or field.lineno) - 1])
            if behind:
                told[field.target.id] = behind[1]
    return told


def text() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
