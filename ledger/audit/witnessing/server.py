"""The witness behind HTTP, with the standard library's server; put TLS in front of it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ledger.audit.witnessing.protocol import LONGEST, PATH, Reply
from ledger.audit.witnessing.witness import Witness


class WitnessServer(ThreadingHTTPServer):
    """`with WitnessServer(witness, host, port) as server: server.serve_forever()`"""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        # raises NoWitness before anybody can ask
        self.witness, self.name = witness, witness.key.name
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "witness", ""
    timeout = 30

    def do_POST(self) -> None:
        if self.path != PATH:
            self._answer(Reply(404, "there is only add-checkpoint\n"))
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST:
            self.close_connection = True
            self._answer(Reply(413, "too long\n"))
            return
        self._answer(self.server.witness.add_checkpoint(self.rfile.read(int(length))))

    def _answer(self, reply: Reply) -> None:
        content = reply.text.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
