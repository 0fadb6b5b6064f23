"""Requests whose end two readers would see in two places."""

from collections.abc import Iterator

LINE = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /api/enrolment?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

LENGTHS = (
    b"Content-Length: 0",
    b"Content-Length: 5",
    b"Content-Length: 6",
    b"Content-Length: 05",
    b"Content-length:5",
    b"Content-Length: 5 ",
    b"content-length: 0000000000",
)
CODINGS = (
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding:chunked",
    b"transfer-encoding: CHUNKED",
    b"Transfer-Encoding: chunked ",
    b"Transfer-Encoding: \tchunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunkedx",
    b"Transfer-Encoding: chunked,",
    b"Transfer-Encoding: ,chunked",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked;q=1",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding: chun\x00ked",
    b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding: \x0cchunked",
    b"Transfer-Encoding:\xa0chunked",
    b"Transfer-Encoding: chunked\x0b",
    b"Transfer-Encoding: ch\xc3\xbcnked",
    b"Transfer-Encoding:",
    b"Transfer-Encoding: ,",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding\x00: chunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding\t: chunked",
    b" Transfer-Encoding: chunked",
    b"\tTransfer-Encoding: chunked",
    b"X: y\r\n Transfer-Encoding: chunked",
    b"X: y\rTransfer-Encoding: chunked",
    b"X: y\nTransfer-Encoding: chunked",
    b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding: chunked\r\n\tidentity",
    b"Transfer-Encoding\r\n: chunked",
)
BAD_LENGTHS = (
    b"+5",
    b"-5",
    b"0x5",
    b"5,5",
    b"5, 5",
    b"5, 6",
    b"5;",
    b"5 5",
    b"5.0",
    b"5e0",
    b"1_0",
    b"",
    b"five",
    b"\x0b5",
    b"5\x00",
    b"\xb2",
    b"\xd9\xa5",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"5\r\nContent-Length: 5",
    b"5\r\nContent-Length: 6",
    b"5\r\nContent-Length: 0",
    b"\r\n 5",
)
BAD_CHUNKS = (
    b"zz\r\nab\r\n0\r\n\r\n",
    b"-1\r\na\r\n0\r\n\r\n",
    b"+1\r\na\r\n0\r\n\r\n",
    b"0x1\r\na\r\n0\r\n\r\n",
    b"1g\r\na\r\n0\r\n\r\n",
    b" 1\r\na\r\n0\r\n\r\n",
    b"1_0\r\na\r\n0\r\n\r\n",
    b"\xb2\r\na\r\n0\r\n\r\n",
    b"fffffffffffffffff\r\na\r\n0\r\n\r\n",
    b"10000000000000000\r\na\r\n0\r\n\r\n",
    b"1\na\r\n0\r\n\r\n",
    b"1\ra\r\n0\r\n\r\n",
    b"1\r\r\na\r\n0\r\n\r\n",
    b"1\r\nab\r\n0\r\n\r\n",
    b"1\r\na0\r\n\r\n",
    b"2\r\na\r\n0\r\n\r\n",
    b"1\r\na\n0\r\n\r\n",
    b"1;\x00\r\na\r\n0\r\n\r\n",
    b"1;a\n\r\na\r\n0\r\n\r\n",
    b"\r\n1\r\na\r\n0\r\n\r\n",
    b";\r\na\r\n0\r\n\r\n",
    b"1 ;\x0b\r\na\r\n0\r\n\r\n",
    b"1,1\r\na\r\n0\r\n\r\n",
)
BAD_LINES = (
    b"GET\t/health HTTP/1.1",
    b"GET /health\tHTTP/1.1",
    b" GET /health HTTP/1.1",
    b"GET /health HTTP/1.1 ",
    b"GET /health HTTP/1.1 x",
    b"GET /health",
    b"GET /health HTTP/0.9",
    b"GET /health HTTP/1.2",
    b"GET /health HTTP/1",
    b"GET /health HTTP/11",
    b"GET /health HTTP/1.10",
    b"GET /health HTTP/+1.1",
    b"GET /health HTTP/01.1",
    b"GET /health HTTP/2.0",
    b"GET /health HTTP/3",
    b"GET /health http/1.1",
    b"GET /health HTTPS/1.1",
    b"GET /health HTTP/1,1",
    b"GET /health ICE/1.0",
    b"GET /hea\x00lth HTTP/1.1",
    b"GET /hea\x7flth HTTP/1.1",
    b"GET /hea\x0blth HTTP/1.1",
    b"GET /hea\rlth HTTP/1.1",
    b"GET health HTTP/1.1",
    b"GET  HTTP/1.1",
    b"GET HTTP/1.1",
    b"get /health HTTP/1.1",
    b"Get /health HTTP/1.1",
    b"G\x00ET /health HTTP/1.1",
    b"GE\xc3\x89T /health HTTP/1.1",
    b"FOO /health HTTP/1.1",
    b"CONNECT a:443 HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"/health HTTP/1.1",
    b"\x00GET /health HTTP/1.1",
    b"\xef\xbb\xbfGET /health HTTP/1.1",
    b"HTTP/1.1 200 OK",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"SSH-2.0-OpenSSH_9.6",
    b"EHLO evil.example",
    b"*1",
    b"GET * HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET ?x HTTP/1.1",
    b"GET ftp://a/health HTTP/1.1",
    b"GET http://a:b/health HTTP/1.1",
    b"GET http://a,b/health HTTP/1.1",
    b"GET http://@a/health HTTP/1.1",
    b"GET http://a/health# HTTP/1.1",
    b"GET http:///health HTTP/1.1",
    b"GET http://u:p@a/health HTTP/1.1",
    b"GET http://u@a/health HTTP/1.1",
    b"GET http://a/health#x HTTP/1.1",
    b"GET http://[::1/health HTTP/1.1",
    b"GET javascript:alert(1) HTTP/1.1",
)
BAD_FIELDS = (
    b"%b",
    b"%b\x00: a",
    b"%b : a",
    b"%b\t: a",
    b" %b: a",
    b"\t%b: a",
    b"%b: a\x00b",
    b"%b: a\x01b",
    b"%b: a\x7fb",
    b"%b: a\rb",
    b"%b: a\r\rb",
    b"%b: a\r\n b",
    b"%b: a\r\n\tb",
    b"%b: a\nb",
    b"%b x: a",
    b"%b(: a",
    b"%b@: a",
    b"%b\xe9: a",
    b"%b/: a",
    b'%b": a',
    b": %b",
    b"[%b]: a",
)
FIELDS = (b"X-A", b"Content-Length", b"Transfer-Encoding", b"Authorization", b"X-Tenant-ID", b"Connection", b"Cookie")
HOSTS = (
    b"",
    b"Host: a\r\nHost: a\r\n",
    b"Host: a\r\nHost: b\r\n",
    b"Host: a\r\nhost: b\r\n",
    b"Host : a\r\n",
    b" Host: a\r\n",
    b"Host: a\x00\r\n",
    b"X: y\nHost: a\r\n",
    *(
        b"Host: %b\r\n" % host
        for host in (
            b"a b",
            b"a,b",
            b"a/b",
            b"a?b",
            b"a#b",
            b"a;b",
            b"u@a",
            b"a:b",
            b"a:1:2",
            b"a:999999",
            b"http://a",
            b"%61",
            b"[::1",
            b"::1",
            b"[x]",
            b"[::1]a",
            b"<a>",
            b"a\\b",
            b"a|b",
            b"\xe9",
            b'"a"',
            b"a" * 300,
        )
    ),
)
METHODS = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"HEAD")


def two_lengths() -> Iterator[bytes]:
    """A length and a coding, in either order; and every length that is none."""
    for length in LENGTHS:
        for coding in CODINGS:
            yield LINE + length + b"\r\n" + coding + b"\r\n\r\n0\r\n\r\n"
            yield LINE + coding + b"\r\n" + length + b"\r\n\r\n0\r\n\r\n"
    for length in BAD_LENGTHS:
        for method in METHODS[:5]:
            head = method + b" /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: "
            yield head + length + b"\r\n\r\nhello"


def bad_codings() -> Iterator[bytes]:
    """A coding alone that is not exactly ``chunked``."""
    for coding in CODINGS[5:]:
        for method in METHODS[:5]:
            yield method + b" /api/auth/login HTTP/1.1\r\nHost: a\r\n" + coding + b"\r\n\r\n0\r\n\r\n"
    for coding in CODINGS[:5]:
        yield b"POST /api/auth/login HTTP/1.0\r\nHost: a\r\n" + coding + b"\r\n\r\n0\r\n\r\n"


def bad_chunks() -> Iterator[bytes]:
    """A body in chunks that cannot be counted."""
    for chunks in BAD_CHUNKS:
        for before in (b"", b"3\r\nabc\r\n"):
            yield LINE + b"Transfer-Encoding: chunked\r\n\r\n" + before + chunks


def bad_heads() -> Iterator[bytes]:
    """Lines that are none of HTTP/1.1."""
    yield from (line + b"\r\nHost: a\r\n\r\n" for line in BAD_LINES)
    for field in FIELDS:
        for shape in BAD_FIELDS:
            for first in (b"", b"Accept: a\r\n"):
                yield b"GET /api/enrolment HTTP/1.1\r\nHost: a\r\n" + first + shape.replace(b"%b", field) + b"\r\n\r\n"
    for host in HOSTS:
        for method in METHODS:
            yield method + b" /api/enrolment HTTP/1.1\r\n" + host + b"\r\n"
