"""A server for test_curl.c, which starts it and closes its standard input to end it. Each path answers in a way
of its own. Writes certificates to the folder of its first argument, then its ports to standard output: TLS 1.2 or newer,
TLS 1.1 alone, the certificate of another host, without TLS."""
import http.server
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import warnings

folder = pathlib.Path(sys.argv[1])


def make(name, host):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=" + host,
                    "-keyout", folder / (name + ".key"), "-out", folder / (name + ".crt")],
                   check=True, stderr=subprocess.DEVNULL)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("http://"):  # we are a proxy
            self.answer(200, b"by proxy: " + self.path.encode())
            return
        getattr(self, "path_" + self.path.strip("/").split("?")[0].replace("-", "_"), self.path_missing)()

    def do_CONNECT(self):
        self.answer(403, b"not by this proxy: " + self.path.encode())

    do_POST = do_PUT = do_PATCH = do_GET

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def path_echo(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        lines = [f"{self.command} {self.path}", *(f"{name}: {value}" for name, value in self.headers.items())]
        self.answer(200, "\n".join(lines).encode() + b"\n\n" + body)

    def path_missing(self):
        self.answer(404, b"nothing here")

    def path_redirect(self):
        self.answer(302, b"elsewhere", Location="/echo")

    def path_busy(self):
        self.answer(429, Retry_After="7")

    def path_told(self):  # 100 bytes, and their number in front
        self.answer(200, b"x" * 100)

    def path_chunks(self):  # 100 bytes, whose number is not told
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(10):
            self.wfile.write(b"a\r\n" + b"x" * 10 + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def path_pieces(self):  # in chunks, with a trailer
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one\n", b"two\n", b"three"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(0.05)
        self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")

    def path_begun(self):  # begins, and then is silent
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        time.sleep(600)

    def path_broken(self):  # ends in the middle of a chunk
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"a\r\none\n")
        self.close_connection = True

    def path_endless(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def path_headers(self):
        self.send_response(200)
        for i in range(80):
            self.send_header(f"X-{i}", "y" * 1000)
        self.end_headers()

    def path_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def path_silent(self):
        time.sleep(600)

    def path_short(self):  # closed before the end
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x")
        self.close_connection = True

    def path_junk(self):
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        self.close_connection = True

    def path_connection(self):  # which one this is
        self.answer(200, str(self.client_address[1]).encode())

    def path_client(self):
        certificate = self.connection.getpeercert()
        self.answer(200, str(certificate["subject"][0][0][1] if certificate else "nobody").encode())

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        pass


def serve(context):
    server = Quiet(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


make("server", "IP:127.0.0.1")
make("other", "IP:127.0.0.1")
make("elsewhere", "DNS:elsewhere.example.com")
make("client", "DNS:client")
modern, old, elsewhere = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(3))
for context, name in ((modern, "server"), (old, "server"), (elsewhere, "elsewhere")):
    context.load_cert_chain(folder / (name + ".crt"), folder / (name + ".key"))
modern.verify_mode = ssl.CERT_OPTIONAL
modern.load_verify_locations(folder / "client.crt")
warnings.simplefilter("ignore")
old.set_ciphers("ALL:@SECLEVEL=0")
old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
print(serve(modern), serve(old), serve(elsewhere), serve(None), flush=True)
sys.stdin.read()
