"""A TCP proxy on loopback that makes a far server of a near one: what is sent arrives half a round trip later, and what is
sent first on a connection a whole one more, which its handshake would have taken."""
import contextlib
import queue
import socket
import threading
import time


class Proxy:
    """`connections`, and `turns`: how often the server answered after it had been asked. Both together are round trips."""

    def __init__(self, port, seconds):
        self.target, self.seconds = port, seconds
        self.lock = threading.Lock()
        self.clear()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def clear(self):
        with self.lock:
            self.connections = self.turns = 0

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.lock:
                    self.connections += 1
                connection = _Connection(self)
                _pump(client, server, connection.asks, self.seconds * 1.5, self.seconds / 2)
                _pump(server, client, connection.answers, self.seconds / 2, self.seconds / 2)


class _Connection:
    """Counts the turns of one."""

    def __init__(self, proxy):
        self.proxy, self.asked = proxy, False

    def asks(self):
        with self.proxy.lock:
            self.asked = True

    def answers(self):
        with self.proxy.lock:
            self.proxy.turns += self.asked
            self.asked = False


def _pump(source, sink, seen, first, later):
    """Carry bytes one way; those read first arrive after `first` seconds, the others after `later`, all in their order."""
    pieces = queue.SimpleQueue()

    def read():
        delay = first
        data = True
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            if data:
                seen()
            pieces.put((time.monotonic() + delay, data))
            delay = later

    def write():
        due = 0.0
        while True:
            at, data = pieces.get()
            due = max(due, at)
            time.sleep(max(0.0, due - time.monotonic()))
            with contextlib.suppress(OSError):
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)

    for work in (read, write):
        threading.Thread(target=work, daemon=True).start()
