"""The configuration: one TOML file, overridden by environment, overridden by flags; checked at start.

    store = "customers.db"      # or neo4j://HOST:PORT
    region = "NL"

    [owned]
    phones = ["+31 20 555 0000"]

The same in the environment: `RESOLVER_STORE`, `RESOLVER_OWNED__PHONES='["+31 20 555 0000"]'`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from phonenumbers import SUPPORTED_REGIONS
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from graph.model import Identifier, IdentifierKind, StatedIdentifier
from resolver.match.document import Document, read, shipped
from resolver.normalise import evidence, loyalty
from resolver.normalise.evidence import Settings
from resolver.resolve.settings import PRESETS, BirthLimit, Kind, Policy, Preset
from resolver.resolve.settings import Limits as Forbidding

PREFIX: Final = "RESOLVER_"
FILE_VARIABLE: Final = "RESOLVER_CONFIG"
NESTED: Final = "__"
SCHEMES: Final = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""How a server's address begins: by routing or directly; `+s` with TLS, `+ssc` with any certificate."""


class ConfigError(Exception):
    """The configuration cannot be used. One line that names the key."""


def to_region(code: str) -> str:
    """A country's code in capitals. Raises ValueError where no country that has telephones bears it."""
    if code and code.upper() not in SUPPORTED_REGIONS:
        raise ValueError("an ISO 3166 alpha-2 code is expected, like NL")
    return code.upper()


def address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT; an IPv6 host stands in brackets. Raises ValueError."""
    host, colon, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not colon or not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise ValueError("HOST:PORT is expected, like 127.0.0.1:50051")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(listen: str) -> str:
    address(listen)
    return listen


def _place(store: object) -> Path | str:
    """A file's path, or a server's address, which stays a text. Raises ValueError; tells nothing of it."""
    if isinstance(store, Path):
        return store
    if not isinstance(store, str) or not store:
        raise ValueError("a file or an address is expected")
    if "://" not in store:
        return Path(store)
    try:
        parts = urlsplit(store)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    else:
        if "@" in parts.netloc:
            raise ValueError("holds a user or a password; they go to neo4j.user and neo4j.password")
        if parts.scheme not in SCHEMES:
            raise ValueError(f"a file is expected, or one of {', '.join(f'{each}://' for each in SCHEMES)}")
    if not host or port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a server's address is neo4j://HOST:PORT, with nothing after it")
    return store.rstrip("/")


def _secret(path: Path | None) -> Path | None:
    if path is not None:
        _first_line(path)
    return path


def _first_line(path: Path) -> str:
    """What a file's first line says. Raises ValueError; tells nothing of what it holds."""
    try:
        line = path.read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is no text") from None
    if not line:
        raise ValueError(f"{path}: its first line is empty")
    return line


def _check(check: str) -> str:
    if check not in loyalty.CHECKS:
        raise ValueError(f"known checks are {', '.join(loyalty.CHECKS)}")
    return check


def _model(path: Path | None) -> Path | None:
    if path is not None:
        _document(path)
    return path


def _folder(path: Path | None) -> Path | None:
    """A folder that is there, links followed."""
    if path is not None and not path.is_dir():
        raise ValueError("is not a folder")
    return None if path is None else path.resolve()


def _document(path: Path) -> Document:
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


Region = Annotated[str, AfterValidator(to_region)]
_Probability = Annotated[float, Field(gt=0, lt=1)]
_Count = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Section):
    """Match probabilities: from `merge` customers are joined, from `possible` suggested.

    `merge` is the preset's where the file does not say it.
    """

    merge: _Probability = PRESETS["default"]
    possible: _Probability = 0.5
    edge: _Probability = 0.1

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.edge < self.possible < self.merge:
            raise ValueError("edge < possible < merge is expected")
        return self


class CustomerLimits(_Section):
    """What two records of one customer may not differ in, whatever their weight."""

    loyalty: bool = True
    """One card of each programme."""
    birth_date: BirthLimit = "generation"
    """Births decades apart, any that no slip explains (`different`), or `off`."""
    external: bool = False
    """One id of each system."""
    government: bool = False
    """One government id of each kind; a slip is no other id."""


class Owned(_Section):
    """The company's own numbers, mailboxes, handles (`instagram:shop`) and cards: they weigh nothing."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    loyalty: tuple[str, ...] = ()

    def identifiers(self, region: str) -> frozenset[Identifier]:
        """The same in normal form."""
        stated = [
            *(StatedIdentifier(IdentifierKind.PHONE, raw) for raw in self.phones),
            *(StatedIdentifier(IdentifierKind.EMAIL, raw) for raw in self.emails),
            *(_stated(IdentifierKind.HANDLE, each) for each in self.handles),
            *(_stated(IdentifierKind.LOYALTY, each) for each in self.loyalty),
        ]
        return evidence.owned(stated, region)


class Limits(_Section):
    """What one server takes on."""

    readers: Annotated[int, Field(ge=0, le=64)] = 1
    """Processes that answer what is asked of customers beside the one that writes; 0: that one does."""
    threads: _Count = 16
    """Calls that are worked on at once."""
    streams: _Count = 32
    """Streams, watchers and calls waiting for a revision that may be open at once."""
    calls: _Count = 1000
    """Calls that may be open at once, those waiting for a thread among them."""
    queue: _Count = 10_000
    """Arrivals that may wait to be written."""
    batch: _Count = 500
    """Arrivals from which a micro-batch is closed."""
    message_bytes: Annotated[int, Field(ge=65_536)] = 8 << 20
    """The largest message taken."""
    cache_bytes: Annotated[int, Field(ge=0)] = 64 << 20
    """Memory for lookups that are ready; 0 for none."""
    drain_seconds: Annotated[float, Field(ge=0)] = 10.0
    """How long open calls may take to finish at the end."""


class Imports(_Section):
    """What the service imports files from."""

    folder: Annotated[Path | None, AfterValidator(_folder)] = None
    """The folder, which whoever may call the service may have imported from; none: it imports no files."""


class Neo4j(_Section):
    """How a Neo4j server is reached, where `store` is the address of one."""

    user: str = "neo4j"
    password: SecretStr | None = None
    """Best in the environment, as RESOLVER_NEO4J__PASSWORD; neither it nor a file: a server without."""
    password_file: Annotated[Path | None, AfterValidator(_secret)] = None
    """A file whose first line is the password."""
    database: str = ""
    """Which database; empty: the one that the server gives this user."""
    pool: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Connections at most."""
    patience_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """How long a connection is waited for, and a write tried again, where the server is away."""
    transaction_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """After how long the server ends a transaction, so that one that hangs does not hold up the others."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both set; one is expected")
        return self

    def secret(self) -> str | None:
        """The password as it is now; None where there is none. Raises ConfigError."""
        try:
            given = None if self.password is None else self.password.get_secret_value()
            return given if self.password_file is None else _first_line(self.password_file)
        except ValueError as error:
            raise ConfigError(f"neo4j.password_file: {error}") from None


class Configuration(BaseSettings):
    """All settings, checked. Each field's origin is told by `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, extra="forbid", frozen=True
    )

    store: Annotated[Path | str, PlainValidator(_place)] = Path("customers.db")
    """The embedded store's file, made where there is none; or as a text a Neo4j server's address."""
    neo4j: Neo4j = Neo4j()
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:50051"
    """HOST:PORT."""
    region: Region = ""
    """ISO 3166 alpha-2 code under which national phone numbers and dates are read."""
    population: Annotated[int, Field(ge=1, le=10_000_000_000)] = 1_000_000
    """How many customers the company expects to hold: the prior of the model."""
    government_ids: bool = False
    """Whether government ids are taken, as keyed hashes."""
    model: Annotated[Path | None, AfterValidator(_model)] = None
    """The model document that `resolver train` made; else the one that ships."""
    policy: Preset = "default"
    """How sure a merge must be: strict (.999), default (.99) or balanced (.95)."""
    thresholds: Thresholds = Thresholds()
    never_alone: tuple[Kind, ...] = ()
    """Kinds of evidence that merge nobody by themselves, however much they weigh: name, say."""
    limits: CustomerLimits = CustomerLimits()
    owned: Owned = Owned()
    programmes: dict[str, Annotated[str, AfterValidator(_check)]] = {}
    """Check digits by loyalty programme: luhn, ean or verhoeff."""
    server: Limits = Limits()
    imports: Imports = Imports()

    @model_validator(mode="before")
    @classmethod
    def _preset(cls, given: Mapping[str, object]) -> Mapping[str, object]:
        """The preset's threshold where none is given; what is not of its kind is left to be told."""
        thresholds, preset = given.get("thresholds", {}), given.get("policy", "default")
        merge = next((merge for name, merge in PRESETS.items() if name == preset), None)
        if merge is None or not isinstance(thresholds, Mapping):
            return given
        return {**given, "thresholds": {"merge": merge, **thresholds}}

    def document(self) -> Document:
        """The document of the model in force. Raises ConfigError where it is no longer as it was checked."""
        try:
            return shipped() if self.model is None else _document(self.model)
        except ValueError as error:
            raise ConfigError(f"model: {error}") from None

    def rules(self) -> Policy:
        """What decides about merging."""
        return Policy(
            **self.thresholds.model_dump(),
            never_alone=self.never_alone,
            limits=Forbidding(**self.limits.model_dump()),
        )

    def settings(self, government_secret: bytes | None = None) -> Settings:
        """What the normalisers are told. Government ids are taken where there is a secret to key them."""
        return Settings(
            owned=self.owned.identifiers(self.region),
            checks=dict(self.programmes),
            government_secret=government_secret,
            region=self.region,
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and for each key in dotted form where its value came from."""

    configuration: Configuration
    origins: Mapping[str, str]

    def given(self, key: str) -> bool:
        """Whether somebody has set this key."""
        return self.origins.get(key, DEFAULT) != DEFAULT

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Key, value and origin of every setting."""
        for key, value in _flat(self.configuration.model_dump(mode="json")):
            yield key, str(value), self.origins.get(key, self.origins.get(key.rpartition(".")[0], DEFAULT))


DEFAULT: Final = "default"
_PRESET: Final = "thresholds.merge"
"""What the preset says where nothing else does, so that it comes from where the preset comes from."""


def load(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Loaded:
    """Read and check the configuration.

    Args:
        file: the TOML file; None: the one that RESOLVER_CONFIG names, if it does.
        flags: settings given on the command line by their dotted key; None is not given.

    Raises:
        ConfigError: naming the key at fault.
    """
    named = file or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    told = {key: value for key, value in (flags or {}).items() if value is not None}
    written = _read(named) if named else {}

    class Here(Configuration):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings' face
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            filed = TomlConfigSettingsSource(settings_cls, named) if named else None
            return (init_settings, env_settings, *([filed] if filed else []))

    origins = _Origins(told, written, named)
    try:
        configuration = Here(**told)
    except ValidationError as error:
        raise ConfigError("; ".join(_faults(error, origins))) from None
    except SettingsError as error:
        raise ConfigError(f"{_variable_of(error)}: not a value of its kind (JSON is expected)") from None
    keys = {key: origins.of(key) for key, _ in _flat(configuration.model_dump(mode="json"))}
    if keys[_PRESET] == DEFAULT:
        keys[_PRESET] = keys["policy"]
    return Loaded(configuration, keys)


class _Origins:
    """Where each key's value comes from."""

    def __init__(self, flags: Mapping[str, Any], written: Mapping[str, Any], file: Path | None) -> None:
        self._flags = flags
        self._written = dict(_flat(written))
        self._file = file

    def of(self, key: str) -> str:
        for flag in (key, key.rpartition(".")[0]):
            if flag in self._flags:
                return f"flag --{flag.replace('_', '-')}"
        # Names in the environment have no case, and a table may be given whole.
        environment = {name.upper() for name in os.environ}
        variable = PREFIX + key.upper().replace(".", NESTED)
        for name in (variable, variable.partition(NESTED)[0]):
            if name in environment:
                return f"environment {name}"
        if key in self._written or any(each.startswith(f"{key}.") for each in self._written):
            return str(self._file)
        return DEFAULT


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def _faults(error: ValidationError, origins: _Origins) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        key = ".".join(str(part) for part in fault["loc"])
        problem = fault["msg"].removeprefix("Value error, ")
        problem = "there is no such setting" if fault["type"] == "extra_forbidden" else problem
        origin = origins.of(key)
        yield f"{key}: {problem}" + ("" if origin == DEFAULT else f" ({origin})")


def _variable_of(error: SettingsError) -> str:
    """The variable that pydantic-settings could not read; it names the field in quotes."""
    named = re.search(r'field "(\w+)"', str(error))
    return PREFIX + named.group(1).upper() if named else f"{PREFIX}*"


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves by dotted key; an empty table is a leaf."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def scoped(text: str) -> tuple[str, str]:
    """Namespace and value of `namespace:value`; without a namespace for a bare value, and for a URL."""
    namespace, colon, value = text.partition(":")
    return (namespace, value) if colon and not value.startswith("//") else ("", text)


def _stated(kind: IdentifierKind, text: str) -> StatedIdentifier:
    namespace, value = scoped(text)
    return StatedIdentifier(kind, value, namespace)
