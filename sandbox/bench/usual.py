"""The usual way from Lambda into a tailnet, which porch is compared with: one cold start, up to the first reply.

    python sandbox/bench/usual.py < JOB

It does what public layers for Lambda do: the whole tailscaled in userspace mode; `tailscale up` once its socket is
there; `tailscale status` until it says Running, both looked for every 100 ms; then a handler in Python, with urllib3 as
in Home Assistant's own example of one, that opens a new connection for each directive through tailscaled's SOCKS
server, which also resolves the name (socks5h). A handler that imports `requests` needs longer to start.

JOB is a JSON object: begun_ns (when the process was started, in nanoseconds since 1970), tailscale and tailscaled
(paths of the programs), ca (PEM file), folder (of its own; made anew), control_url, auth_key, host, port and path of
Home Assistant in the tailnet, token, directive. The one line on stdout is a JSON object: elapsed_ms from begun_ns
until the reply was there, and failure, which is null or says why there is none.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import urllib3
from urllib3.connection import HTTPConnection

LOOK_AGAIN_S = 0.1
# A Lambda function that has not answered by then is given up by Alexa.
LIMIT_S = 8.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(job: dict, folder: Path, port: int) -> subprocess.Popen:
    """tailscaled, its node in memory only: Lambda keeps nothing."""
    return subprocess.Popen(
        [
            job["tailscaled"],
            "--tun=userspace-networking",
            f"--socks5-server=127.0.0.1:{port}",
            f"--socket={folder}/tailscaled.sock",
            f"--statedir={folder}",
            "--state=mem:",
            "--no-logs-no-support",
        ],
        env={**os.environ, "SSL_CERT_FILE": job["ca"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def tailscale(job: dict, folder: Path, *arguments: str) -> str:
    command = [job["tailscale"], f"--socket={folder}/tailscaled.sock", *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=LIMIT_S).stdout


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("tailscaled did not get ready in time")
        time.sleep(LOOK_AGAIN_S)


def join(job: dict, folder: Path) -> None:
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(job["auth_key"])
    wait_until((folder / "tailscaled.sock").exists)
    flags = [f"--login-server={job['control_url']}", f"--auth-key=file:{key}", "--hostname=usual"]
    tailscale(job, folder, "up", *flags)
    status = ["status", "--json", "--peers=false"]
    wait_until(lambda: json.loads(tailscale(job, folder, *status))["BackendState"] == "Running")


def read(stream: socket.socket, count: int) -> bytes:
    """That many bytes: a stream may give them in pieces."""
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise ConnectionError("the SOCKS server hung up")
        data += piece
    return data


def dial(port: int, host: str, host_port: int) -> socket.socket:
    """A connection through the SOCKS server (RFC 1928), which resolves the name."""
    stream = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # As urllib3's own SOCKS connections have it.
    stream.sendall(b"\x05\x01\x00")
    if read(stream, 2) != b"\x05\x00":
        raise ConnectionError("the SOCKS server wants a login")
    name = host.encode("idna")
    stream.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + host_port.to_bytes(2, "big"))
    _, status, _, kind = read(stream, 4)
    if status != 0:
        raise ConnectionError(f"the SOCKS server refuses with status {status}")
    read(stream, {1: 4, 3: 0, 4: 16}[kind] + 2)
    return stream


def ask(job: dict, socks_port: int) -> None:
    class ThroughSocks(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return dial(socks_port, self.host, self.port)

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = ThroughSocks

    headers = {"Authorization": f"Bearer {job['token']}", "Content-Type": "application/json"}
    with Pool(job["host"], job["port"], retries=False, timeout=LIMIT_S) as pool:
        reply = pool.request("POST", job["path"], body=json.dumps(job["directive"]), headers=headers)
        event = json.loads(reply.data)["event"]
    if event["header"]["name"] == "ErrorResponse":
        raise ValueError(f"Home Assistant answers {event['payload']['type']}")


def main() -> int:
    job = json.load(sys.stdin)
    folder = Path(job["folder"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    port = free_port()
    tailscaled = start(job, folder, port)
    failure = None
    try:
        join(job, folder)
        ask(job, port)
    except (OSError, subprocess.SubprocessError, urllib3.exceptions.HTTPError, KeyError, ValueError) as error:
        failure = f"{type(error).__name__}: {error}"
    elapsed_ms = (time.time_ns() - job["begun_ns"]) / 1e6
    # What follows is not measured: the node leaves, so that the next run finds the tailnet as this one did.
    with contextlib.suppress(subprocess.SubprocessError):
        tailscale(job, folder, "logout")
    tailscaled.terminate()
    try:
        tailscaled.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        tailscaled.kill()
    shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"elapsed_ms": elapsed_ms, "failure": failure}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
