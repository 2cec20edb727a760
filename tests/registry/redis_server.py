"""A real Redis (or Valkey) for tests; and one that answers as a test says."""
import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading

from pratique_server import wait_until

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
PASSWORD = "password-of-the-tests-0ddba11"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Redis:
    """On a port of its own; with `tls` (authority, certificate, key) over TLS alone."""

    def __init__(self, tls=None, port=None, **settings):
        self.port, self.tls = port or free_port(), tls
        self.address = f"127.0.0.1:{self.port}"
        self.folder = tempfile.TemporaryDirectory(prefix="redis-")
        words = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--dir", self.folder.name]
        if tls:
            words += ["--port", "0", "--tls-port", str(self.port), "--tls-ca-cert-file", str(tls[0]), "--tls-cert-file", str(tls[1]),
                      "--tls-key-file", str(tls[2]), "--tls-auth-clients", "no"]
        else:
            words += ["--port", str(self.port)]
        for name, value in settings.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        wait_until(self._answers, "redis to answer")

    def _answers(self):
        assert self.process.poll() is None, "redis ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def ask(self, *words):
        """One command; the reply as bytes: None, or what it holds; a list of keys for KEYS."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection, connection.makefile("rwb") as stream:
            def send(*words):
                stream.write(b"*%d\r\n" % len(words))
                for word in words:
                    word = word.encode() if isinstance(word, str) else word
                    stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
                stream.flush()
                return read()

            def read():
                line = stream.readline()
                assert line[:1] in b"+:$*", line
                if line[:1] == b"$":
                    length = int(line[1:])
                    return None if length < 0 else stream.read(length + 2)[:-2]
                if line[:1] == b"*":
                    return [read() for _ in range(int(line[1:]))]
                return line[1:].strip()

            send("AUTH", PASSWORD)
            return send(*words)

    def keys(self):
        return sorted(self.ask("KEYS", "*"))

    def stop(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.stop()
        self.folder.cleanup()


class Scripted:
    """Answers each command by `reply(words)`: bytes that are sent, None for silence, or a function of the connection."""

    def __init__(self, reply):
        self.reply, self.commands, self.connections = reply, [], 0
        self.open, self.most, self.lock = 0, 0, threading.Lock()  # connections now, and at one time
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
        try:
            self._converse(connection)
        finally:
            with self.lock:
                self.open -= 1

    def _converse(self, connection):
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while True:
                words = [stream.read(int(stream.readline()[1:]) + 2)[:-2] for _ in range(int(stream.readline()[1:]))]
                self.commands.append(words)
                answer = b"+OK\r\n" if words[0] == b"AUTH" else self.reply(words)
                if callable(answer):
                    answer(connection, self.ended)
                elif answer is None:
                    self.ended.wait(60)
                    return
                else:
                    connection.sendall(answer)

    def close(self):
        self.ended.set()
        self.listener.close()
