"""A real mail server on a port of its own: speaks SMTP, keeps what it is given."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """What came, and how the next mails are to be answered.

    `answers`: (code, text) for the next mails' recipients, then 250 again. `hang_up`: so many
    times the line breaks after the mail was taken, before it says so. `hold`: until it is set
    free, a mail that was taken is not answered.
    """

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.answers: list[tuple[int, str]] = []
        self.hang_up = 0
        self.free, self.taken = threading.Event(), threading.Event()
        self.free.set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def subjects(self) -> list[str]:
        return [str(one["Subject"]).strip() for one in self.letters]  # a folded one begins blank

    def texts(self, kind: str = "plain") -> list[str]:
        bodies = [one.get_body((kind,)) for one in self.letters]
        return [str(one.get_content()) for one in bodies if one is not None]


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())

    def handle(self) -> None:
        self._say(220, "mailbox")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self._say(354, "go on")
                if not self._take():
                    return
            elif verb == b"RCPT" and self.server.answers:
                self._say(*self.server.answers.pop(0))
            elif verb == b"QUIT":
                self._say(221, "bye")
                return
            else:
                self._say(250, "ok")

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.letters.append(letter)
        self.server.taken.set()
        self.server.free.wait(20)
        if self.server.hang_up:
            self.server.hang_up -= 1
            return False
        self._say(250, "taken")
        return True


@contextmanager
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """The product's mail goes to this server while it stands."""
    server = Mailbox()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.SITE_ADDRESS = "https://carbon.example.cn"
    try:
        yield server
    finally:
        server.free.set()
        server.shutdown()
        thread.join()
        server.server_close()
