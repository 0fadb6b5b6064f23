"""What does not fit: bodies, texts, numbers, queries and paths that no route of the public surface takes."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.surface import SOME_ID

BODY_LIMIT = 64 * 1024
LONG = "x" * 60_000
"""Longer than any text may be, and short enough for the body to be read."""

MALFORMED = {
    "nothing": b"",
    "not JSON": b"email=a@b.example",
    "half an object": b'{"email": "a',
    "single quotes": b"{'email': 'a'}",
    "no value": b'{"email": }',
    "trailing comma": b'{"email": "a",}',
    "two documents": b"{}{}",
    "a comment": b"{} // hello",
    "octets that are no UTF-8": b'{"email": "\xff\xfe"}',
    "UTF-16": '{"email": "a"}'.encode("utf-16"),
    "a NUL octet": b'{"email": "\x00"}',
    "half a surrogate pair": b'{"email": "\\ud800"}',
    "very deep lists": b"[" * 60_000,
    "very deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a number beyond all bounds": b'{"email": ' + b"9" * 50_000 + b"}",
}
NOT_AN_OBJECT = {"null": b"null", "a number": b"1", "a text": b'"{}"', "a list": b"[{}]", "true": b"true"}
MEDIA_TYPES = (
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "application/merge-patch+json",
    "*/*",
)
UNKNOWN_MEMBERS: Mapping[str, Any] = {
    "role_id": 1,
    "email_verified": True,
    "": "nameless",
    "__proto__": {"admin": True},
    "EMAIL": "a@b.example",
    "a\0b": 1,
}
OF_TYPE: Mapping[str, tuple[Any, ...]] = {
    "string": ("x",),
    "integer": (7,),
    "array": ([], [1]),
    "object": ({}, {"a": 1}),
    "null": (None,),
    "boolean": (True, False),
    "number": (1.5, -0.1),
}
ODD_INTEGERS = ("x", "", "0x10", "1.5", "0", "-1", "201", "9" * 400, "NaN", "\N{FULLWIDTH DIGIT ONE}")
CURSORS = ("x", "AAAA", "=", "\N{SNOWMAN}", "../..", "A" * 4000)
ODD_EMAILS = (
    "",
    "nobody",
    "@nowhere.example",
    "a@",
    "a@nowhere",
    "a@b@nowhere.example",
    "a@nowhere.example,b@nowhere.example",
    "a@nowhere.example\r\nBcc: b@nowhere.example",
    "Name <a@nowhere.example>",
    '"a b"@nowhere.example',
    "=?utf-8?q?a?=@nowhere.example",
    "a@[127.0.0.1]",
    "a@nowhere..example",
    "a@-nowhere.example",
    " a@nowhere.example",
    "a@nowhere.example.",
    "a" * 65 + "@nowhere.example",
    "a@" + "b" * 250 + ".example",
    "m\N{LATIN SMALL LETTER DOTLESS I}ke@nowhere.example",
    "a\N{FULLWIDTH COMMERCIAL AT}nowhere.example",
)
ODD_QUERIES = {
    "a name twice": "limit=1&limit=2",
    "a name in capitals": "LIMIT=1",
    "a name as others write lists": "limit[]=1",
    "octets that are no UTF-8": "q=%ff%fe&%ff=1",
    "a NUL in a name": "%00=1",
    "half a surrogate pair": "q=%ed%a0%80",
    "only separators": "&&==&",
    "a name without a value": "q",
    "a good value and a bad one": "email=a%40nowhere.example&email=nobody",
    "a long value": "nothing=" + "x" * 4000,
    "many names": "&".join(f"p{number}=" for number in range(500)),
}
PATH_VALUES = ("x", "0", "-1", SOME_ID.replace("-", ""), SOME_ID[:-1], f"{SOME_ID}.json", "'", "null", "*", "a" * 4000)
AMBIGUOUS_PATH_VALUES = ("%00", "%2e%2e", "..", ";a=b", "%252f", f"{{{SOME_ID}}}", "\\")
