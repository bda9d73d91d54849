"""The contract as protoc reads it, with its comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc

# Field numbers in descriptor.proto, of which a source location's path consists.
FILE_MESSAGES, FILE_ENUMS, FILE_SERVICES = 4, 5, 6
MESSAGE_FIELDS, MESSAGE_MESSAGES, MESSAGE_ENUMS, MESSAGE_ONEOFS = 2, 3, 4, 8
ENUM_VALUES, SERVICE_METHODS = 2, 2

Named = tuple[tuple[int, ...], str]


def read(folder: Path) -> list[FileDescriptorProto]:
    """Every .proto below a folder, which is the include path. Raises ValueError where protoc refuses one."""
    protos = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.proto"))]
    well_known = Path(protoc.__file__).parent / "_proto"
    with TemporaryDirectory() as scratch:
        out = Path(scratch, "set")
        flags = [f"-I{folder}", f"-I{well_known}", "--include_source_info", f"--descriptor_set_out={out}"]
        if protoc.main(["protoc", *flags, *protos]) != 0:
            raise ValueError("protoc refuses the contract")
        return list(FileDescriptorSet.FromString(out.read_bytes()).file)


def bare(file: FileDescriptorProto) -> FileDescriptorProto:
    """The file as generated code holds it: without comments and the JSON names that protoc derives."""
    stripped = FileDescriptorProto()
    stripped.CopyFrom(file)
    stripped.ClearField("source_code_info")
    waiting = list(stripped.message_type)
    while waiting:
        message = waiting.pop()
        waiting += message.nested_type
        for field in message.field:
            field.ClearField("json_name")
    return stripped


def uncommented(file: FileDescriptorProto) -> list[str]:
    """Names of the file's services, methods, messages, fields, enums and values without a comment."""
    commented = {
        tuple(location.path)
        for location in file.source_code_info.location
        if location.leading_comments.strip() or location.trailing_comments.strip()
    }
    return [name for path, name in _named(file) if path not in commented]


def _named(file: FileDescriptorProto) -> Iterator[Named]:
    for index, message in enumerate(file.message_type):
        yield from _message((FILE_MESSAGES, index), message.name, message)
    for index, enum in enumerate(file.enum_type):
        yield from _enum((FILE_ENUMS, index), enum.name, enum)
    for index, service in enumerate(file.service):
        path = (FILE_SERVICES, index)
        yield path, service.name
        for position, method in enumerate(service.method):
            yield (*path, SERVICE_METHODS, position), f"{service.name}.{method.name}"


def _message(path: tuple[int, ...], name: str, message: DescriptorProto) -> Iterator[Named]:
    if message.options.map_entry:  # protoc's own, for a map field
        return
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, MESSAGE_FIELDS, index), f"{name}.{field.name}"
    for index, oneof in enumerate(message.oneof_decl):
        if not oneof.name.startswith("_"):  # protoc's own, for an optional field
            yield (*path, MESSAGE_ONEOFS, index), f"{name}.{oneof.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _message((*path, MESSAGE_MESSAGES, index), f"{name}.{nested.name}", nested)
    for index, enum in enumerate(message.enum_type):
        yield from _enum((*path, MESSAGE_ENUMS, index), f"{name}.{enum.name}", enum)


def _enum(path: tuple[int, ...], name: str, enum: EnumDescriptorProto) -> Iterator[Named]:
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, ENUM_VALUES, index), f"{name}.{value.name}"
