"""How a registry misbehaves: functions of an Exchange (hostile.py). A behaviour that returns true leaves the connection open;
all others end it."""
import gzip
import json
import socket
import struct
import urllib.parse

import images
from hostile import Answer

MIB = 1 << 20
METADATA = "169.254.169.254"


def bomb():
    """A hundred megabytes in a hundred kilobytes."""
    return gzip.compress(b" " * (100 * MIB), 9, mtime=0)


BOMB = bomb()


def forever(exchange, piece):
    while True:
        exchange.write(piece)


def changed(change):
    """The honest answer after a change of it."""
    def behave(exchange):
        change(exchange.answer)
        exchange.honest()
        return True
    return behave


def instead(status, body=b"{}", **headers):
    def behave(exchange):
        exchange.send(Answer(status, body, **headers))
        return True
    return behave


# -- connections --

def closed(exchange):
    pass


def half_a_handshake(exchange):
    exchange.connection.recv(65536)
    exchange.write(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")


def silent_handshake(exchange):
    while True:
        exchange.pause(3600)


def no_tls(exchange):
    exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


# -- an answer that is not whole, or not at all --

def stalled(exchange):
    while True:
        exchange.pause(3600)


def stalled_body(exchange):
    text = exchange.answer.head() + exchange.answer.body
    exchange.write(text[:-1])
    stalled(exchange)


def slow(exchange):
    """A byte a second."""
    for byte in exchange.answer.head() + exchange.answer.body:
        exchange.write(bytes([byte]))
        exchange.pause(1)


def slow_body(exchange):
    exchange.write(exchange.answer.head())
    for byte in exchange.answer.body:
        exchange.write(bytes([byte]))
        exchange.pause(1)


def slow_headers(exchange):
    """Without end."""
    exchange.write(exchange.answer.head()[:-2])
    while True:
        exchange.write(b"X-More: y\r\n")
        exchange.pause(0.2)


def reset(exchange):
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_a_header(exchange):
    head = exchange.answer.head()
    exchange.write(head[:head.index(b"\r\n") + 6])


def headers_cut_off(exchange):
    """At the end of the last value."""
    exchange.write(exchange.answer.set("Content-Length").head(length=False)[:-5])


def truncated(exchange):
    """The length is that of the whole."""
    exchange.write(exchange.answer.head() + exchange.answer.body[:-1])


def truncated_chunks(exchange):
    exchange.answer.set("Transfer-Encoding", "chunked")
    body = exchange.answer.body[:-1]
    exchange.write(exchange.answer.head(length=False) + b"%x\r\n%s\r\n" % (len(body), body))


def not_http(exchange):
    exchange.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 10)


# -- too much --

def oversized(exchange):
    """Ten gigabytes, declared."""
    exchange.write(exchange.answer.set("Content-Length", str(10 << 30)).head())
    forever(exchange, b" " * MIB)


def longer_than_told(exchange):
    exchange.write(exchange.answer.set("Content-Length", "5").head() + exchange.answer.body)


def length(text):
    """What the length is said to be, and a byte less than it is."""
    def behave(exchange):
        exchange.write(exchange.answer.set("Content-Length", text).head() + exchange.answer.body[:-1])
    return behave


def endless(exchange):
    exchange.write(exchange.answer.set("Connection", "close").head(length=False))
    forever(exchange, b" " * MIB)


def endless_chunks(exchange):
    exchange.write(exchange.answer.set("Transfer-Encoding", "chunked").head(length=False))
    forever(exchange, b"100000\r\n" + b" " * MIB + b"\r\n")


def endless_chunk_header(exchange):
    exchange.write(exchange.answer.set("Transfer-Encoding", "chunked").head(length=False) + b"1;")
    forever(exchange, b"a" * MIB)


def endless_headers(exchange):
    exchange.write(b"HTTP/1.1 200 OK\r\n")
    forever(exchange, b"X-More: of it\r\n" * 10000)


def endless_header(exchange):
    exchange.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    forever(exchange, b"a" * MIB)


def endless_interim(exchange):
    forever(exchange, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000)


def zipped(exchange):
    exchange.answer.body = BOMB
    exchange.send(exchange.answer.set("Content-Encoding", "gzip"))
    return True


def zipped_transfer(exchange):
    exchange.write(exchange.answer.set("Transfer-Encoding", "gzip, chunked").head(length=False))
    exchange.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(BOMB), BOMB))


# -- something else --

def html(exchange):
    return instead(200, b"<!doctype html><title>Sign in</title>", Content_Type="text/html",
                   Docker_Content_Digest=images.digest_of(b"of a page"))(exchange)


def other_bytes(exchange):
    """A good manifest, but not the one that its digest says."""
    body = exchange.answer.body.replace(b"1.0", b"6.6") if b"1.0" in exchange.answer.body else b"{}" + exchange.answer.body
    exchange.answer.body = body
    exchange.honest()
    return True


def digest_header(*values):
    return changed(lambda answer: answer.set("Docker-Content-Digest", *values))


def type_header(*values):
    return changed(lambda answer: answer.set("Content-Type", *values))


OTHER = "sha256:" + "6" * 64


# -- redirects --

def redirect(where, status=307):
    """`where` is a text, or a function of the exchange."""
    def behave(exchange):
        exchange.send(Answer(status, b"", Location=where(exchange) if callable(where) else where))
        return True
    return behave


def to_itself(exchange):
    return exchange.registry.url + exchange.request.path


def on_and_on(exchange):
    return exchange.registry.url + urllib.parse.urlsplit(exchange.request.path).path + "?n=%d" % len(exchange.registry.requests)


def elsewhere(exchange):
    return exchange.registry.elsewhere.url + exchange.request.path


def here(host, path=None):
    """The port of the host beside, by another name for this machine."""
    def where(exchange):
        port = exchange.registry.elsewhere.address.rpartition(":")[2]
        return f"https://{host}:{port}{path or exchange.request.path}"
    return where


def elsewhere_plain(exchange):
    return "http://" + exchange.registry.elsewhere.address + exchange.request.path


# -- tokens --

def token(document):
    return instead(200, document if isinstance(document, bytes) else json.dumps(document).encode(), Content_Type="application/json")


def challenge(*values):
    """`values` are texts, or functions of the exchange."""
    def behave(exchange):
        texts = [value(exchange) if callable(value) else value for value in values]
        exchange.send(Answer(401, b"{}").set("WWW-Authenticate", *texts))
        return True
    return behave


def bearer(realm, more=""):
    def text(exchange):
        where = realm(exchange) if callable(realm) else realm
        return f'Bearer realm="{where}",service="x",scope="repository:app:pull"{more}'
    return text


def token_elsewhere(exchange):
    return exchange.registry.elsewhere.url + "/token"
