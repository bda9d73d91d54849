"""The contract: commented throughout, and the committed code is generated from it."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tests.house.contract import bare, read, uncommented
from tests.house.imports import ROOT

CONTRACT = read(ROOT / "proto")


@pytest.mark.parametrize("file", CONTRACT, ids=lambda file: file.name)
def test_everything_is_commented(file: FileDescriptorProto) -> None:
    assert uncommented(file) == []


@pytest.mark.parametrize("file", CONTRACT, ids=lambda file: file.name)
def test_generated_code_is_of_this_contract(file: FileDescriptorProto) -> None:
    generated = importlib.import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
    committed = FileDescriptorProto.FromString(generated.DESCRIPTOR.serialized_pb)
    assert committed == bare(file)


def test_every_error_reason_has_an_example() -> None:
    file = next(file for file in CONTRACT if file.name.endswith("/errors.proto"))
    comments = {
        tuple(location.path): location.leading_comments for location in file.source_code_info.location
    }
    reasons = next(enum for enum in file.enum_type if enum.name == "ErrorReason")
    position = list(file.enum_type).index(reasons)
    silent = [
        value.name
        for index, value in enumerate(reasons.value)
        if value.number and "Example:" not in comments.get((5, position, 2, index), "")
    ]
    assert silent == []


def test_every_reply_that_reads_state_says_its_revision() -> None:
    replies = {
        method.output_type.rpartition(".")[2]
        for file in CONTRACT
        for service in file.service
        for method in service.method
    }
    fields = {
        message.name: {field.name: field.number for field in message.field}
        for file in CONTRACT
        for message in file.message_type
    }
    assert len(replies) > 10
    for reply in replies:
        assert (fields[reply]["revision"], fields[reply]["settled_revision"]) == (14, 15), reply


def test_canary_what_has_no_comment_is_told(tmp_path: Path) -> None:
    (tmp_path / "bare.proto").write_text(
        """syntax = "proto3";
        // Said.
        message Said {
          string bare = 1;
          /* Said. */ map<string, string> said = 2;
          oneof choice { int32 a = 3; }
        }
        enum Bare { BARE_UNSPECIFIED = 0; }
        service Serve { rpc Call(Said) returns (Said); }
        """,
        "utf-8",
    )
    [file] = read(tmp_path)
    assert {"Said.bare", "Said.choice", "Said.a", "Bare", "Bare.BARE_UNSPECIFIED", "Serve.Call"} <= set(
        uncommented(file)
    )
    assert "Said" not in uncommented(file)


def test_canary_a_broken_contract_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.proto").write_text("syntax = 'proto3'; message {", "utf-8")
    with pytest.raises(ValueError, match="refuses"):
        read(tmp_path)


def test_canary_code_of_another_contract_is_told() -> None:
    other = bare(CONTRACT[0])
    other.message_type.add(name="Added")
    assert other != bare(CONTRACT[0])
