"""Who imports whom, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

NOUNS = ("graph.model", "graph.keys")
PURE = (
    "resolver.normalise",
    "resolver.match",
    "resolver.resolve",
    "resolver.profile",
    "resolver.learn",
    "resolver.evaluate",
)
IMPURE = (
    "apsw",
    "grpc",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "uuid",
)
IMPURE_CALLS = ("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "open", "print", "input")
NETWORKED = ("resolver.cli", "resolver.demo", "resolver.serve", "resolver.v1")
STORES = ("graph.sqlite", "graph.neo4j")
OPENERS = ("resolver.opening", "resolver.whole")


@dataclass(frozen=True, slots=True)
class Module:
    """A module's dotted name and source."""

    name: str
    source: str

    def imports(self) -> Iterator[str]:
        """Dotted names of all that it imports, wherever it does."""
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[str]:
        """The last two parts of the name of all that it calls."""
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, ast.Call):
                yield ".".join(ast.unparse(node.func).split(".")[-2:])

    def documented(self) -> bool:
        """Whether it opens with a docstring."""
        return ast.get_docstring(ast.parse(self.source)) is not None

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The imported module's dotted name; a relative one is read from this module's package."""
        if not node.level:
            return node.module or ""
        package = self.name.split(".")[: -node.level]
        return ".".join([*package, *([node.module] if node.module else [])])


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of these packages or lies below one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules() -> list[Module]:
    """Every module of the two packages but the generated ones."""
    found = []
    for package in ("graph", "resolver"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.stem.endswith(("_pb2", "_pb2_grpc")):
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            # A package's relative imports start at itself, so it keeps `__init__` as its last part here.
            found.append(Module(".".join(parts), path.read_text("utf-8")))
    return found


def breaches(module: Module) -> list[str]:
    """Each way in which a module goes against the direction of imports."""
    name = module.name.removesuffix(".__init__")
    found = [
        f"{name} imports {target}" for target in sorted(set(module.imports())) if _forbidden(name, target)
    ]
    if within(name, (*NOUNS, *PURE)):
        found += [f"{name} calls {call}" for call in sorted(set(module.calls())) if call in IMPURE_CALLS]
    return found


def _forbidden(name: str, target: str) -> bool:
    """Whether the module of this name may not import this."""
    if within(name, NOUNS):
        return within(target, ("resolver", *IMPURE))
    if within(name, ("graph",)):
        return within(target, ("resolver", "grpc"))
    if within(name, PURE):
        ours = within(target, ("graph", "resolver"))
        return within(target, IMPURE) or (ours and not _open_to_the_pure(target))
    if within(target, ("grpc", "grpc_health", "grpc_reflection", "grpc_status")):
        return not within(name, NETWORKED)
    if within(target, STORES):
        return not within(name, OPENERS)
    if within(target, ("resolver.cli",)):
        return not within(name, ("resolver.cli", "resolver.__main__", "resolver.demo"))
    return False


def _open_to_the_pure(target: str) -> bool:
    """Whether the pure part may import this of ours: itself, the nouns, and the packages above them."""
    return within(target, (*PURE, *NOUNS)) or target in ("graph", "resolver")
