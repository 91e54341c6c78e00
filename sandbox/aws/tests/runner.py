"""What runs functions, as far as the stand-in asks it: Lambda's Invoke API on a free port."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Runner:
    """A running server; `asked` has the path and the event of each invocation. The function `failing` fails, `unknown`
    is not there, and any other answers."""

    def __init__(self):
        self.asked: list[tuple[str, bytes]] = []
        runner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                event = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                runner.asked.append((self.path, event))
                unknown, failing = "/unknown/" in self.path, "/failing/" in self.path
                answer = b'{"errorType":"KeyNotRenewed"}' if failing else b'{"outcome":"kept"}'
                self.send_response(404 if unknown else 200)
                if failing:
                    self.send_header("X-Amz-Function-Error", "Unhandled")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()
