"""The model document: all that a model is made of, as one JSON text that is checked when it is read.

    version       names the model in every explanation
    prior         records_per_customer, person_to_household
    comparisons   by comparison, by level: m, h, and u or shared; and why
    names         given and family: how many of a million people bear each; the rarest taken
    attributes    levels and frequencies of columns of a company's own
    learnt        how it came about, where `resolver train` made it; told, never weighed

What ships lies in two files for the reader's sake and is one document here.
"""

# What is wrong with a document is a ValueError, be it a type or a number.
# ruff: noqa: TRY004

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

Document = Mapping[str, Any]
"""A document that has been checked: `build` of `resolver.match.model` makes a model of it."""

LEAST: Final = 1e-12
"""No probability is less: what is told as impossible would outweigh everything."""
MOST: Final = 1e12
_PPM: Final = 1e6
_LEARNT: Final = "learnt"
_WHY: Final = "why"
_ATTRIBUTE_LEVELS: Final = ("equal", "close", "different")


def read(text: bytes) -> Document:
    """The document that a JSON text holds, with every comparison and level that the shipped one has.

    Raises ValueError naming the field at fault, as `comparisons.phone.equal.m`, and what is expected.
    """
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_int=_integer
        )
    except UnicodeDecodeError:
        raise ValueError("document: UTF-8 is expected") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"document: JSON is expected (line {error.lineno}: {error.msg})") from None
    except RecursionError:
        raise ValueError("document: nested too deeply") from None
    return check(value)


def write(document: Document) -> bytes:
    """The document as JSON: sorted and indented, the same bytes for the same content."""
    text = json.dumps(check(document), sort_keys=True, indent=1, ensure_ascii=True, allow_nan=False)
    return text.encode("ascii") + b"\n"


@lru_cache(maxsize=1)
def shipped() -> Document:
    """The document that ships: set from what is known of names, numbers and places, learnt from no data."""
    here = files("resolver.match") / "data"
    document: dict[str, Any] = json.loads((here / "model.json").read_text("utf-8"))
    document["names"].update(json.loads((here / "names.json").read_text("utf-8")))
    return document


def levels(comparison: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    """The levels of one comparison, its reasons left out."""
    return {name: level for name, level in comparison.items() if name != _WHY}


def check(value: object) -> Document:
    """The same document with every number as a float, or ValueError naming the field at fault."""
    model = shipped()
    document = _section("", value, required=model, optional={_LEARNT})
    found: dict[str, Any] = {
        "version": _text("version", document["version"]),
        "about": _text("about", document["about"]),
        "prior": _prior(document["prior"]),
        "comparisons": _comparisons(document["comparisons"], model["comparisons"]),
        "names": _names(document["names"]),
        "attributes": _attributes(document["attributes"]),
    }
    if _LEARNT in document:
        found[_LEARNT] = _told(_LEARNT, document[_LEARNT])
    # A section that the shipped document has and nothing above reads is kept as it stands.
    return {**{name: _told(name, document[name]) for name in document if name not in found}, **found}


def _prior(value: object) -> Mapping[str, Any]:
    prior = _section(
        "prior", value, required={"records_per_customer", "person_to_household"}, optional={_WHY}
    )
    return {
        name: _text(f"prior.{name}", each) if name == _WHY else _number(f"prior.{name}", each, MOST)
        for name, each in prior.items()
    }


def _comparisons(value: object, known: Mapping[str, Any]) -> Mapping[str, Any]:
    section = _section("comparisons", value, required=known)
    return {
        name: _levels(f"comparisons.{name}", section[name], required=tuple(levels(told)))
        for name, told in known.items()
    }


def _levels(path: str, value: object, required: Sequence[str], optional: Sequence[str] = ()) -> Document:
    """Levels in the order in which they are known, the best agreement first, whatever the text's."""
    section = _section(path, value, required=required, optional={_WHY, *optional})
    found = {
        name: _probabilities(f"{path}.{name}", section[name])
        for name in (*required, *optional)
        if name in section
    }
    why = {_WHY: _text(f"{path}.{_WHY}", section[_WHY])} if _WHY in section else {}
    return {**why, **found}


def _probabilities(path: str, value: object) -> Mapping[str, float]:
    section = _section(path, value, required={"m", "h"}, optional={"u", "shared"})
    if ("u" in section) == ("shared" in section):
        raise ValueError(f"{path}: either u or shared is expected")
    return {
        name: _number(f"{path}.{name}", each, MOST if name == "shared" else 1.0)
        for name, each in section.items()
    }


def _names(value: object) -> Mapping[str, Any]:
    rarest = {"rarest_given_ppm", "rarest_family_ppm"}
    section = _section("names", value, required={"given", "family", *rarest}, optional={"about"})
    tables = {name: _table(f"names.{name}", section[name]) for name in ("given", "family")}
    bounds = {name: _number(f"names.{name}", section[name], _PPM) for name in sorted(rarest)}
    about = {"about": _text("names.about", section["about"])} if "about" in section else {}
    return {**tables, **bounds, **about}


def _attributes(value: object) -> Mapping[str, Any]:
    section = _section("attributes", value, required={"levels", "frequencies"}, optional={"about"})
    known = _section("attributes.levels", section["levels"], required={"default"}, anything=True)
    seen = _section("attributes.frequencies", section["frequencies"], anything=True)
    about = {"about": _text("attributes.about", section["about"])} if "about" in section else {}
    return {
        "levels": {
            name: _levels(f"attributes.levels.{name}", each, _ATTRIBUTE_LEVELS, ("short",))
            for name, each in known.items()
        },
        "frequencies": {name: _frequencies(name, each) for name, each in seen.items()},
        **about,
    }


def _frequencies(attribute: str, value: object) -> Mapping[str, Any]:
    path = f"attributes.frequencies.{attribute}"
    section = _section(path, value, required={"rarest_ppm", "values"})
    return {
        "rarest_ppm": _number(f"{path}.rarest_ppm", section["rarest_ppm"], _PPM),
        "values": _table(f"{path}.values", section["values"]),
    }


def _table(path: str, value: object) -> Mapping[str, float]:
    """Frequencies per million. A token is no field and may be personal, so none is named."""
    section = _section(path, value, anything=True)
    return {token: _number(f"{path} of a value", each, _PPM) for token, each in section.items()}


def _section(
    path: str,
    value: object,
    required: Collection[str] = (),
    optional: Collection[str] = (),
    *,
    anything: bool = False,
) -> Mapping[str, Any]:
    """A JSON object with these keys; `anything` allows others."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{path or 'document'}: an object is expected")
    below = f"{path}." if path else ""
    for name in required:
        if name not in value:
            raise ValueError(f"{below}{name}: missing")
    for name in value:
        if not isinstance(name, str):
            raise ValueError(f"{path or 'document'}: names are text")
        if not anything and name not in required and name not in optional:
            raise ValueError(f"{below}{name[:40]}: unknown")
    return value


def _number(path: str, value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{path}: a number is expected")
    if not LEAST <= value <= most:
        raise ValueError(f"{path}: more than 0 (at least {LEAST:g}) and at most {most:g} is expected")
    return float(value)


def _text(path: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{path}: text is expected")
    return value


def _told(path: str, value: object) -> object:
    """Plain JSON that nothing weighs."""
    if isinstance(value, Mapping):
        section = _section(path, value, anything=True)
        return {name: _told(f"{path}.{name}", each) for name, each in section.items()}
    if isinstance(value, (list, tuple)):
        return [_told(path, each) for each in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value):
        return value
    raise ValueError(f"{path}: plain JSON is expected")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]}: stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("document: a number of more than 20 digits")
    return int(digits)


def _no_number(constant: str) -> float:
    raise ValueError(f"document: {constant} is no number here")


__all__ = ["Document", "check", "levels", "read", "shipped", "write"]
