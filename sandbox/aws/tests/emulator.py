"""The AWS emulator on a free port of this machine, for as long as the tests of one module run."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

EMULATOR = Path(__file__).parent.parent / "emulator.py"
START_WITHIN = 30
STOP_WITHIN = 15


class Emulator:
    """A running ministack; `environment` is what the stand-in needs to find it. Raises RuntimeError with the end of
    its log if it does not start."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.folder = Path(tempfile.mkdtemp(prefix="standin-emulator-"))
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        own = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "STATE_DIR": str(self.folder),
            "TMPDIR": str(self.folder),
        }
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, EMULATOR], env={**os.environ, **own}, stdout=log, stderr=log
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_WITHIN
        while self.process.poll() is None and time.monotonic() < until:
            try:
                self.request("GET", "/_ministack/health")
                return
            except OSError:
                time.sleep(0.05)
        log = (self.folder / "log").read_text()
        self.stop()
        raise RuntimeError(f"the emulator did not start within {START_WITHIN} s:\n{log[-2000:]}")

    def stop(self) -> None:
        """Ends the emulator and forgets all it had."""
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> dict[str, str]:
        """One request; the headers of the answer. Raises OSError for anything but success."""
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return {name.lower(): value for name, value in response.headers.items()}

    def push_image(self, repository: str, tag: str) -> str:
        """Pushes an image of one small layer, different for each tag; its digest."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                **self._push_blob(repository, b'{"architecture":"amd64","os":"linux"}'),
            },
            "layers": [
                {
                    "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    **self._push_blob(repository, tag.encode()),
                }
            ],
        }
        path = f"/v2/{repository}/manifests/{tag}"
        body = json.dumps(manifest).encode()
        return self.request("PUT", path, body, **{"Content-Type": manifest["mediaType"]})["docker-content-digest"]

    def _push_blob(self, repository: str, content: bytes) -> dict:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = self.request("POST", f"/v2/{repository}/blobs/uploads/", b"")
        place = re.sub(r"^https?://[^/]+", "", begun["location"])
        separator = "&" if "?" in place else "?"
        self.request(
            "PUT", f"{place}{separator}digest={digest}", content, **{"Content-Type": "application/octet-stream"}
        )
        return {"digest": digest, "size": len(content)}
