"""Which behaviour at which step of the conversation, and what may come of it."""
import collections

import behaviours as b
from hostile import TOKEN, Answer

Case = collections.namedtuple("Case", "step name behaviour expected options")
# SAID: by tag the digest that HEAD said, which whoever pulls it finds out; by digest not at all
FAILS, TRUE, EITHER, SAID = "fails", "true", "either", "said"


def case(step, name, behaviour, expected=FAILS, **options):
    return Case(step, name, behaviour, expected, options)


BROKEN = {one.__name__: one for one in (
    b.closed, b.reset, b.stalled, b.slow, b.slow_headers, b.half_a_header, b.headers_cut_off,
    b.not_http, b.endless_headers, b.endless_header, b.endless_interim)}
BODIES = {one.__name__: one for one in (
    b.stalled_body, b.slow_body, b.truncated, b.truncated_chunks, b.oversized, b.endless, b.endless_chunks,
    b.endless_chunk_header, b.zipped, b.zipped_transfer, b.longer_than_told)}
BODIES |= {"length " + text: b.length(text) for text in (str(2 ** 62), "-1", "1e3", "0x10", "7, 8")}
STATUSES = {
    "404": b.instead(404), "400": b.instead(400), "500": b.instead(500), "502": b.instead(502, b"", Retry_After="3600"),
    "429 for an hour": b.instead(429, Retry_After="3600"), "429 until tomorrow": b.instead(429, Retry_After="86400"),
    "503 until 2099": b.instead(503, Retry_After="Sun, 06 Nov 2099 08:49:37 GMT"), "204": b.instead(204, b""),
    "206": b.instead(206), "300": b.instead(300), "410": b.instead(410), "451": b.instead(451), "304": b.instead(304, b""),
    "200 empty": b.instead(200, b""), "599": b.instead(599)}
REDIRECTS = {
    "to itself": b.redirect(b.to_itself), "on and on": b.redirect(b.on_and_on), "301 on and on": b.redirect(b.on_and_on, 301),
    "303 on and on": b.redirect(b.on_and_on, 303), "nowhere": b.instead(307), "to metadata": b.redirect(f"http://{b.METADATA}/latest"),
    "to metadata over https": b.redirect(f"https://{b.METADATA}/latest"), "to metadata of IPv6": b.redirect("https://[fd00:ec2::254]/"),
    "to metadata, mapped": b.redirect(f"https://[::ffff:{b.METADATA}]/"), "to a number": b.redirect("https://2852039166/"),
    "to localhost by name": b.redirect("https://localhost:1/"), "to 0": b.redirect("https://0/"),
    "to a file": b.redirect("file:///etc/passwd"), "to gopher": b.redirect("gopher://127.0.0.1:6379/_x"),
    "to garbage": b.redirect("https://[::1/"), "to a user": b.redirect("https://u:p@registry.invalid/"),
    "to a line more": b.redirect("https://registry.invalid/\tx"), "a long way": b.redirect("/" + "a" * 60000),
    "to this machine by a number": b.redirect(b.here("2130706434")), "to this machine, mapped": b.redirect(b.here("[::ffff:127.0.0.2]")),
    "to this machine, translated": b.redirect(b.here("[64:ff9b::7f00:2]")), "to no address": b.redirect(b.here("0.0.0.0")),
    "to this machine by name": b.redirect(b.here("localhost")), "to this machine as a user's": b.redirect(b.here("127.0.0.1@127.0.0.2")),
    "to loopback elsewhere": b.redirect(b.elsewhere), "to plain HTTP": b.redirect(b.elsewhere_plain)}
CHALLENGES = {
    "none": b.instead(401), "empty": b.challenge(""), "a comma": b.challenge(","), "no realm": b.challenge('Bearer service="x"'),
    "unknown": b.challenge("Negotiate"), "Digest": b.challenge('Digest realm="x", nonce="y"'),
    "unended": b.challenge('Bearer realm="https://x'), "no value": b.challenge("Bearer realm="),
    "twice": b.challenge('Bearer realm="https://a.invalid",realm="https://b.invalid"'),
    "realm of metadata": b.challenge(b.bearer(f"https://{b.METADATA}/token")),
    "realm of metadata, plain": b.challenge(b.bearer(f"http://{b.METADATA}/token")),
    "realm of a file": b.challenge(b.bearer("file:///etc/passwd")), "realm of no URL": b.challenge(b.bearer("token")),
    "realm with a user": b.challenge(b.bearer("https://u:p@registry.invalid/token")),
    "realm of IPv6": b.challenge(b.bearer(b.here("[::ffff:127.0.0.2]", "/token"))),
    "realm of a number": b.challenge(b.bearer(b.here("2130706434", "/token"))),
    "realm by name": b.challenge(b.bearer(b.here("localhost", "/token"))),
    "realm elsewhere": b.challenge(b.bearer(b.token_elsewhere)), "a thousand": b.challenge(*['Bearer realm="https://a.invalid"'] * 1000),
    "long": b.challenge(b.bearer("https://a.invalid/", ',x="' + "a" * 50000 + '"')),
    "quotes": b.challenge('Bearer realm="' + "\\" * 4001 + '"')}
TOKENS = {
    "none": b.token({}), "null": b.token({"token": None}), "empty": b.token({"token": ""}), "number": b.token({"token": 7}),
    "list": b.token([TOKEN]), "another line": b.token({"token": TOKEN + "\r\nX-Evil: 1"}), "long": b.token({"token": "a" * 100000}),
    "wrong": b.token({"token": "wrong"}), "space": b.token({"token": "a b"}), "not JSON": b.token(b"{"),
    "not UTF-8": b.token(b'{"token":"\xff"}'), "deep": b.token(b'{"token":' + b"[" * 100000),
    "another kind of page": b.instead(200, b"<html>", Content_Type="text/html")}
HEAD_HEADERS = {
    "another digest": b.digest_header(b.OTHER), "no digest": b.digest_header(), "half a digest": b.digest_header("sha256:abc"),
    "an empty digest": b.digest_header(""), "another algorithm": b.digest_header("md5:" + "a" * 32),
    "sha512 that is none": b.digest_header("sha512:" + "6" * 128), "two digests": b.digest_header(b.OTHER, b.OTHER),
    "text behind": b.digest_header(b.OTHER + " evil"), "HTML": b.html, "no type": b.type_header(), "type of text": b.type_header("text/plain")}
LIES = {"another digest", "two digests", "sha512 that is none"}


def cases():
    for name, behaviour in (("closed", b.closed), ("stalled", b.stalled), ("not HTTP", b.not_http)):
        yield case("connection", name, behaviour)
    for name, behaviour in (("half a handshake", b.half_a_handshake), ("silent", b.silent_handshake), ("no TLS", b.no_tls),
                            ("closed", b.closed), ("not TLS", b.not_http)):
        yield case("connection", name, behaviour, tls=True)
    for step in ("challenge", "token", "head", "manifest"):
        for name, behaviour in BROKEN.items():
            yield case(step, name, behaviour, EITHER if step == "head" or name == "headers_cut_off" else FAILS)
        for name, behaviour in STATUSES.items():
            yield case(step, name, behaviour, EITHER if step == "head" else FAILS)
        for tls in (False, True):
            for name, behaviour in REDIRECTS.items():
                yield case(step, "redirect " + name, behaviour, EITHER if step in ("challenge", "head") else FAILS, tls=tls)
    for step in ("token", "manifest"):
        for name, behaviour in BODIES.items():
            yield case(step, name, behaviour)
    for name, behaviour in CHALLENGES.items():
        yield case("challenge", name, behaviour)
        if name != "none":
            yield case("token", "challenge, " + name, behaviour)
    for name, behaviour in TOKENS.items():
        yield case("token", name, behaviour)
    for name, behaviour in HEAD_HEADERS.items():
        yield case("head", name, behaviour, SAID if name in LIES else EITHER)
        yield case("manifest", name, behaviour, EITHER)
    yield case("manifest", "other bytes", b.other_bytes)
    yield case("manifest", "HTML", b.html)
    for name, body in (("an array", b"[]"), ("depth", b"[" * (4 << 20)), ("many values", b"[" + b"1," * ((2 << 20) - 1) + b"1]"),
                       ("an index too", b'{"schemaVersion":2,"manifests":[],"layers":[]}')):
        yield case("manifest", name, b.instead(200, body, Content_Type="application/vnd.oci.image.index.v1+json"))


def true_cases():
    """What must not keep us from the truth."""
    def grown(exchange):
        exchange.send(Answer(401, b"{}").set("WWW-Authenticate", "Negotiate, " + exchange.registry.challenge(), 'Digest realm="x"'))
        return True
    yield case("head", "no digest", b.digest_header(), TRUE)
    yield case("head", "405", b.instead(405), TRUE)
    yield case("challenge", "several", grown, TRUE)
    yield case("token", "access_token", b.token({"access_token": TOKEN}), TRUE)
    yield case("token", "expired already", b.token({"token": TOKEN, "expires_in": 0}), TRUE)
    yield case("token", "negative", b.token({"token": TOKEN, "expires_in": -1}), EITHER)
    yield case("manifest", "no digest", b.digest_header(), TRUE)


def title(one):
    return f"{one.step}, {one.name}" + (", TLS" if one.options.get("tls") else "")
