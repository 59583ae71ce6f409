"""Configurations: small TOML files read into frozen dataclasses. A key too many or too few is an error with its place."""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from pretrain.errors import ConfigDoesNotFit, MissingFile

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """The file as a dict. Throws MissingFile, ConfigDoesNotFit (not TOML)."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingFile(f"no configuration {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigDoesNotFit(f"{path} is not TOML: {error}") from None


def from_dict(cls: type[T], values: dict[str, Any], where: str) -> T:
    """An instance of the dataclass `cls`. An int passes as a float; tuples are written as lists.
    Throws ConfigDoesNotFit naming `where` and the key."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise ConfigDoesNotFit(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(fields))}")
    arguments = {}
    for name, field in fields.items():
        if name in values:
            arguments[name] = _convert(hints[name], values[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigDoesNotFit(f"{where}: the key {name!r} is missing")
    return cls(**arguments)


def load_config(cls: type[T], path: Path) -> T:
    """The TOML file `path` as an instance of `cls`. A file that `extends` another, named relative to itself, holds what
    differs from it: tables are merged key by key."""
    return from_dict(cls, _extended(path, ()), str(path))


def _extended(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in seen:
        raise ConfigDoesNotFit(f"{path} extends itself")
    values = read_toml(path)
    base = values.pop("extends", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigDoesNotFit(f"{path}: extends is the name of a file, not {base!r}")
    return _merged(_extended(path.parent / base, (*seen, path.resolve())), values)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return _convert(options[0], value, where)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigDoesNotFit(f"{where}: a table is wanted, not {value!r}")
        return from_dict(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigDoesNotFit(f"{where}: a list is wanted, not {value!r}")
        return tuple(_convert(typing.get_args(hint)[0], item, where) for item in value)
    if origin is dict or hint is dict:
        if not isinstance(value, dict):
            raise ConfigDoesNotFit(f"{where}: a table is wanted, not {value!r}")
        return value
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ConfigDoesNotFit(f"{where}: {hint.__name__} is wanted, not {value!r}")
    return value
