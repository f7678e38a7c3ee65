"""The types of this client are those of the service's documents, field by field."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from helpers import ROOT

from whospeaks_client import ErrorCode, events, messages, replies

ASYNC = json.loads((ROOT / "docs" / "asyncapi.json").read_text())["channels"]["stream"]["messages"]
OPEN = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
NUMBERS = {"integer": int, "number": float, "string": str, "boolean": bool, "null": NoneType}


def shape_of_type(kind: Any) -> Any:
    """A type as nested tuples that compare with those of a schema."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return an_object({(name, name in kind.__required_keys__): shape_of_type(hint) for name, hint in hints.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return one_of([("is", value) for value in arguments])
    if origin in (Union, UnionType):
        return one_of([shape_of_type(argument) for argument in arguments])
    if origin is list:
        return ("list", shape_of_type(arguments[0]))
    return kind


def shape_of_schema(schema: dict[str, Any]) -> Any:
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return one_of([shape_of_schema(each) for each in schema[key]])
    if "const" in schema:
        return ("is", schema["const"])
    if "enum" in schema:
        return one_of([("is", value) for value in schema["enum"]])
    if isinstance(schema["type"], list):
        return one_of([NUMBERS[kind] for kind in schema["type"]])
    if schema["type"] == "object":
        required = schema.get("required", [])
        fields = schema["properties"].items()
        return an_object({(name, name in required): shape_of_schema(each) for name, each in fields})
    if schema["type"] == "array":
        return ("list", shape_of_schema(schema["items"]))
    return NUMBERS[schema["type"]]


def an_object(fields: dict[tuple[str, bool], Any]) -> Any:
    """Fields in the order of their names: (name, whether it is required), shape."""
    return ("object", sorted(fields.items(), key=repr))


def one_of(shapes: list[Any]) -> Any:
    flat = [
        each
        for shape in shapes
        for each in (shape[1] if isinstance(shape, tuple) and shape[0] == "one of" else [shape])
    ]
    return flat[0] if len(flat) == 1 else ("one of", sorted(flat, key=repr))


def reply(path: str, method: str) -> Any:
    answers = OPEN[path][method]["responses"]
    return next(answers[code] for code in ("200", "201", "202") if code in answers)["content"]["application/json"][
        "schema"
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hello", messages.Hello),
        ("end", messages.EndMessage),
        ("name", messages.NameMessage),
        ("assign", messages.AssignMessage),
        ("received", messages.ReceivedMessage),
        ("words", messages.WordsMessage),
        ("welcome", messages.Welcome),
        ("ack", messages.Ack),
        ("event", messages.EventMessage),
        ("lag", messages.LagMessage),
        ("speakers", messages.SpeakersMessage),
        ("drain", messages.DrainMessage),
        ("error", messages.ErrorMessage),
    ],
)
def test_messages_of_the_socket(name: str, kind: Any) -> None:
    assert shape_of_type(kind) == shape_of_schema(ASYNC[name]["payload"])


def test_every_message_of_the_document_has_a_type() -> None:
    unions = get_args(messages.ClientMessage) + get_args(messages.ServerMessage)
    assert len(unions) == len(ASYNC) - 1  # audio is bytes


@pytest.mark.parametrize(
    ("path", "method", "kind"),
    [
        ("/v1/speakers", "get", replies.SpeakerList),
        ("/v1/speakers/{name}", "get", replies.SpeakerInfo),
        ("/v1/speakers/{name}", "put", replies.Enrollment),
        ("/v1/speakers/{name}", "patch", replies.SpeakerInfo),
        ("/v1/removed-speakers", "get", replies.RemovedList),
        ("/v1/removed-speakers/{name}/restore", "post", replies.SpeakerInfo),
        ("/v1/identify", "post", replies.Identification),
        ("/v1/recordings", "post", replies.Recording),
        ("/v1/recordings", "get", replies.RecordingList),
        ("/v1/recordings/{recording}", "get", replies.Recording),
        ("/v1/recordings/{recording}/names", "post", replies.Naming),
    ],
)
def test_replies(path: str, method: str, kind: Any) -> None:
    assert shape_of_type(kind) == shape_of_schema(reply(path, method))


def test_a_verification_has_its_fields_or_none() -> None:
    answered, unanswered = reply("/v1/verify", "post")["anyOf"]
    joined = {
        **answered,
        "properties": {
            name: field
            if field == unanswered["properties"][name]
            else {"anyOf": [field, unanswered["properties"][name]]}
            for name, field in answered["properties"].items()
        },
    }
    assert shape_of_type(replies.Verification) == shape_of_schema(joined)


def test_codes_and_choices() -> None:
    assert list(get_args(ErrorCode)) == ASYNC["error"]["payload"]["properties"]["code"]["enum"]
    parameters = OPEN["/v1/recordings/{recording}/transcript"]["get"]["parameters"]
    formats = next(each for each in parameters if each["name"] == "format")["schema"]["enum"]
    assert list(get_args(replies.TranscriptFormat)) == formats


def test_a_difference_is_seen() -> None:
    payload = json.loads(json.dumps(ASYNC["event"]["payload"]))
    payload["properties"]["event"]["oneOf"][1]["properties"]["speech"]["items"]["properties"]["extra"] = {
        "type": "string"
    }
    assert shape_of_type(messages.EventMessage) != shape_of_schema(payload)
    assert shape_of_type(events.EndEvent) != shape_of_type(events.SilenceEvent)
