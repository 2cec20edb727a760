"""An OpenTelemetry collector as a script: it holds each request to the OTLP specification, keeps its spans, and
answers as it is told to."""
import http.server
import json
import re
import ssl
import threading

from pratique_server import wait_until

HEX16, HEX32 = re.compile("[0-9a-f]{16}"), re.compile("[0-9a-f]{32}")
NUMBER = re.compile("-?[0-9]+")


# -- opentelemetry/proto/{collector/trace/v1/trace_service,trace/v1/trace,resource/v1/resource,common/v1/common}.proto,
# -- in the JSON encoding of OTLP: identifiers in hexadecimal, 64-bit numbers as strings, enumerations as numbers

def text(value):
    assert isinstance(value, str), value


def boolean(value):
    assert isinstance(value, bool), value


def unsigned(value):
    assert type(value) is int and 0 <= value < 1 << 32, value


def unsigned64(value):
    assert isinstance(value, str) and value.isdecimal() and int(value) < 1 << 64, value


def signed64(value):
    assert isinstance(value, str) and NUMBER.fullmatch(value) and -(1 << 63) <= int(value) < 1 << 63, value


def number(value):
    assert isinstance(value, (int, float)) and not isinstance(value, bool), value


def identifier(form):
    def check(value):
        assert isinstance(value, str) and form.fullmatch(value) and value.strip("0"), value
    return check


def choice(n):
    def check(value):
        assert type(value) is int and 0 <= value <= n, value
    return check


def each(check):
    def all_of(value):
        assert isinstance(value, list), value
        for item in value:
            check(item)
    return all_of


def message(required=(), **fields):
    def check(value):
        assert isinstance(value, dict), value
        for name, inner in value.items():
            assert name in fields, f"{name} is no field: {value}"
            fields[name](inner)
        assert not set(required) - set(value), f"{required} are needed: {value}"
    return check


def any_value(value):
    assert isinstance(value, dict) and len(value) == 1, value
    [(name, inner)] = value.items()
    {"stringValue": text, "boolValue": boolean, "intValue": signed64, "doubleValue": number, "bytesValue": text,
     "arrayValue": message(values=each(any_value)),
     "kvlistValue": message(values=attributes)}[name](inner)


def attributes(value):
    each(message(("key", "value"), key=text, value=any_value))(value)
    keys = [item["key"] for item in value]
    assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"


SPAN = message(
    ("traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"),
    traceId=identifier(HEX32), spanId=identifier(HEX16), traceState=text, parentSpanId=identifier(HEX16), flags=unsigned,
    name=text, kind=choice(5), startTimeUnixNano=unsigned64, endTimeUnixNano=unsigned64, attributes=attributes,
    droppedAttributesCount=unsigned, droppedEventsCount=unsigned, droppedLinksCount=unsigned,
    events=each(message(("timeUnixNano", "name"), timeUnixNano=unsigned64, name=text, attributes=attributes,
                        droppedAttributesCount=unsigned)),
    links=each(message(("traceId", "spanId"), traceId=identifier(HEX32), spanId=identifier(HEX16), traceState=text,
                       attributes=attributes, droppedAttributesCount=unsigned, flags=unsigned)),
    status=message(message=text, code=choice(2)))
REQUEST = message(("resourceSpans",), resourceSpans=each(message(
    ("resource", "scopeSpans"), schemaUrl=text,
    resource=message(attributes=attributes, droppedAttributesCount=unsigned),
    scopeSpans=each(message(
        ("scope", "spans"), schemaUrl=text, spans=each(SPAN),
        scope=message(name=text, version=text, attributes=attributes, droppedAttributesCount=unsigned))))))


def plain(pairs):
    """Attributes as a dictionary."""
    values = {}
    for pair in pairs:
        [(kind, value)] = pair["value"].items()
        values[pair["key"]] = int(value) if kind == "intValue" else value
    return values


class Collector:
    """Takes spans on a port of 127.0.0.1. `answer` gets the number of the request, from 0, and returns status,
    headers and body; None closes the connection. While `gate` is not set, nothing is answered."""

    def __init__(self, answer=lambda n: (200, {}, b"{}"), certificate=None, port=0):
        self.answer, self.spans, self.resources, self.requests, self.faults = answer, [], [], [], []
        self.gate, self.lock = threading.Event(), threading.Lock()
        self.gate.set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.lock:
            number = len(self.requests)
            self.requests.append((handler.path, dict(handler.headers), body))
        self.gate.wait()
        answer = self.answer(number)
        if answer is None:
            handler.close_connection = True
            handler.connection.close()
            return
        status, headers, said = answer
        if 200 <= status < 300:
            self.keep(handler, body)
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(said)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said)

    def keep(self, handler, body):
        try:
            assert handler.path == "/v1/traces" and handler.headers["Content-Type"] == "application/json"
            request = json.loads(body)
            REQUEST(request)
        except AssertionError as fault:
            self.faults.append(fault)
            return
        with self.lock:
            for resource in request["resourceSpans"]:
                self.resources.append(plain(resource["resource"]["attributes"]))
                for scope in resource["scopeSpans"]:
                    self.spans += scope["spans"]

    def wait(self, n):
        """All spans, once there are as many as that."""
        wait_until(lambda: self.faults or len(self.spans) >= n, f"{n} spans")
        assert not self.faults, self.faults
        return self.spans

    def wait_for_requests(self, n):
        wait_until(lambda: len(self.requests) >= n, f"{n} requests")

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        assert not self.faults, self.faults


def reviews(spans):
    """Those of reviews, each with its attributes and those of its steps by name."""
    found = []
    for span in spans:
        if span["kind"] == 2:
            steps = {one["name"]: one for one in spans if one.get("parentSpanId") == span["spanId"]}
            found.append({**span, "attributes": plain(span["attributes"]), "steps": steps})
    return found
