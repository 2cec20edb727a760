"""What a hostile registry does instead of answering: functions of its handler, by name (hostile_registry.py)."""
import gzip
import time

from hostile_registry import DIGEST, INDEX, MANIFEST

OTHER = "sha256:" + "0" * 64
MIB = 1024 * 1024
BOMB = gzip.compress(b" " * (64 * MIB))


def endless(handler, head, piece):
    """Until the other side has had enough."""
    handler.raw(head)
    while True:
        handler.wfile.write(piece)


def slow(handler):
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)


def slow_headers(handler):
    handler.raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X: y\r\n")
        handler.wfile.flush()
        time.sleep(0.2)


def silent(handler):
    handler.close_connection = True
    time.sleep(60)


def location(target):
    return lambda handler: handler.answer(307, Location=target)


def to_itself(handler):
    handler.answer(307, Location=handler.path)


def elsewhere(scheme, host):
    def redirect(handler):
        handler.answer(307, Location=f"{scheme}://{host}:{handler.registry.elsewhere.port}{handler.path}")
    return redirect


def status(code, **headers):
    return lambda handler: handler.answer(code, **headers)


def challenge(text):
    return status(401, WWW_Authenticate=text)


def realm(url):
    """A challenge that names a token server; PORT is that of another server on this machine."""
    def challenge(handler):
        named = url.replace("PORT", str(handler.registry.elsewhere.port))
        handler.answer(401, WWW_Authenticate=f'Bearer realm="{named}",service="s"')
    return challenge


def many_challenges(handler):
    handler.send_response(401)
    for i in range(300):
        handler.send_header("WWW-Authenticate", f'Bearer realm="http://h{i}/"')
    handler.send_header("Content-Length", "0")
    handler.end_headers()


TWISTS = {
    # bytes
    "truncated": lambda handler: handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"),
    "a body that is larger than was told": lambda handler: handler.raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + MANIFEST * 1000),
    "a length beyond all bounds": lambda handler: handler.answer(200, b"{}", Content_Length=str(2 ** 62)),
    "a negative length": lambda handler: handler.answer(200, b"{}", Content_Length="-1"),
    "oversized": lambda handler: handler.answer(200, b" " * (8 * MIB), Content_Type=INDEX),
    "endless": lambda handler: endless(handler, b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
    "endless chunks": lambda handler: endless(
        handler, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"),
    "endless headers": lambda handler: endless(handler, b"HTTP/1.1 200 OK\r\n", b"X-Y: " + b"z" * 1000 + b"\r\n"),
    "one endless header": lambda handler: endless(handler, b"HTTP/1.1 200 OK\r\nX: ", b"z" * 1000),
    "endless early answers": lambda handler: endless(handler, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "a gzip bomb": lambda handler: handler.answer(200, BOMB, Content_Encoding="gzip", Content_Type=INDEX),
    "slow": slow,
    "slow headers": slow_headers,
    "silent": silent,
    "a reset": lambda handler: handler.cut(),
    "no HTTP": lambda handler: handler.raw(b"\x00\xff junk\r\n\r\n"),
    "nothing": lambda handler: handler.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "depth": lambda handler: handler.answer(200, b"[" * (2 * MIB), Content_Type=INDEX),
    # what it says
    "another digest in the header": lambda handler: handler.answer(
        200, MANIFEST, Docker_Content_Digest=OTHER, Content_Type="text/html"),
    "other bytes than those of the digest": lambda handler: handler.answer(
        200, MANIFEST + b" ", Docker_Content_Digest=DIGEST, Content_Type="text/html"),
    "another type": lambda handler: handler.answer(200, b"<html>", Content_Type="text/html"),
    "a manifest that is an index too": lambda handler: handler.answer(
        200, MANIFEST[:-1] + b',"layers":[],"config":{}}', Content_Type=INDEX),
    "an array": lambda handler: handler.answer(200, b"[]", Content_Type=INDEX),
    # statuses
    "no content": status(204),
    "a part": status(206),
    "multiple choices": status(300),
    "not modified": status(304),
    "gone": status(410),
    "always busy": status(429, Retry_After="3600"),
    "busy for a second": status(429, Retry_After="1"),
    "always broken": status(503),
    # redirects
    "a circle": to_itself,
    "to nowhere": status(307),
    "to a metadata address": location("http://169.254.169.254/latest/meta-data/"),
    "to a metadata address over TLS": location("https://169.254.169.254/latest/"),
    "to another port": elsewhere("http", "127.0.0.1"),
    "to another port over TLS": elsewhere("https", "127.0.0.1"),
    "to this machine by name": elsewhere("https", "localhost"),
    "to this machine by a number": elsewhere("https", "2130706433"),
    "to this machine in IPv6": elsewhere("https", "[::ffff:127.0.0.1]"),
    "to an unspecified address": elsewhere("https", "0.0.0.0"),
    "to a file": location("file:///etc/passwd"),
    "to a user": location("http://127.0.0.1@169.254.169.254/"),
    "to a line of its own": location("http://127.0.0.1/\tX"),
    "to a name without end": location("https://" + "a" * 60000 + "/"),
    # challenges
    "no challenge": status(401),
    "a challenge that is none": challenge('Bearer realm="https://'),
    "a challenge without a realm": challenge("Bearer service=s"),
    "a challenge of another kind": challenge("Negotiate abc="),
    "a parameter twice": challenge('Bearer realm="http://a/",realm="http://b/"'),
    "many challenges": many_challenges,
    "a realm elsewhere over plain HTTP": realm("http://registry.example/token"),
    "a realm at a metadata address": realm("https://169.254.169.254/token"),
    "a realm on this machine by name": realm("https://localhost:PORT/token"),
    "a realm on this machine in IPv6": realm("https://[::1]:PORT/token"),
    "a realm with a user": realm("http://127.0.0.1@localhost:PORT/token"),
    "a realm that is a file": realm("file:///etc/passwd"),
}
