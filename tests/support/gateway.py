"""A gateway for tests: answers as it is told and remembers each request."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Answer", "Gateway", "Seen", "accept", "serve"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request; ``number`` counts those of its method from 0, ``headers`` are in lower case."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def command(self) -> str:
        """The command of the generic endpoint, empty elsewhere."""
        parts = self.path.split("/")
        return parts[3] if self.path.endswith("/execute") else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer; ``status`` 0 breaks the connection instead."""

    status: int
    body: str = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    media: str = "application/json"


Behaviour = Callable[[Seen], Answer]


def accept(seen: Seen) -> Answer:
    """Answer as a healthy gateway does."""
    return Answer(202 if seen.method == "POST" else 200)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class Gateway:
    """The server's address, what it saw, and how it behaves."""

    def __init__(self, server: _Server) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.behave: Behaviour = accept
        self._seen: list[Seen] = []
        self._lock = threading.Lock()

    def remember(self, method: str, path: str, headers: Mapping[str, str], text: str) -> Seen:
        with self._lock:
            number = sum(seen.method == method for seen in self._seen)
            seen = Seen(number, method, path, headers, text)
            self._seen.append(seen)
        return seen

    @property
    def seen(self) -> tuple[Seen, ...]:
        with self._lock:
            return tuple(self._seen)

    @property
    def commands(self) -> tuple[Seen, ...]:
        return tuple(seen for seen in self.seen if seen.method == "POST")

    @property
    def reads(self) -> tuple[Seen, ...]:
        return tuple(seen for seen in self.seen if seen.method == "GET" and seen.path != "/health")


def _handler(box: list[Gateway]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            text = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = box[0].behave(box[0].remember(self.command, self.path, headers, text))
            if answer.seconds:
                time.sleep(answer.seconds)
            if answer.status == 0:
                self.close_connection = True
                return
            payload = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media)
            self.send_header("Content-Length", str(len(payload)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def serve(behave: Behaviour = accept) -> Iterator[Gateway]:
    """Serve on a free loopback port."""
    box: list[Gateway] = []
    with _Server(("127.0.0.1", 0), _handler(box)) as server:
        gateway = Gateway(server)
        gateway.behave = behave
        box.append(gateway)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()
