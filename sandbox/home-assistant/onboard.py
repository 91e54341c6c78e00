"""Waits until the sandbox's Home Assistant is ready, and sees to it that there is an owner and a token.

    python sandbox/home-assistant/onboard.py --out FILE [--url URL] [--pid PID] [--timeout SECONDS] [--ca FILE]

Run with the Python of Home Assistant's own environment, beside a Home Assistant that is starting or runs. FILE gets
one JSON object, readable by its owner alone: url, version, username, password, token (a long-lived one, of the owner).
The first time a password is made and kept in FILE before it is used, so that a run that was cut off can be run again;
later FILE is read, and only what is missing or no longer valid is made anew.

Exit codes: 0 ready; 1 not ready, with the reason and the way out on stderr; 64 wrong arguments.
"""

import argparse
import asyncio
import json
import os
import secrets
import ssl
import sys
import time
from pathlib import Path

import aiohttp

USERNAME = "owner"
TOKEN_NAME = "porch sandbox"
TOKEN_DAYS = 3650

# Seconds.
ASK_EVERY = 0.1
ONE_REQUEST = 10


class NotReady(Exception):
    """Home Assistant cannot be used; the text says why and what to do."""


class HomeAssistant:
    """As much of Home Assistant's HTTP and WebSocket interface as onboarding needs."""

    def __init__(self, session: aiohttp.ClientSession, url: str, pid: int | None, deadline: float):
        self.session = session
        self.url = url
        self.client_id = f"{url}/"  # OAuth's name of this client: Home Assistant's own address needs no registration.
        self.pid = pid
        self.deadline = deadline

    async def owner_exists(self) -> bool:
        """Once it answers at all. A 404 means that onboarding is complete, then it is not offered any more."""
        while True:
            try:
                async with self.session.get(f"{self.url}/api/onboarding") as response:
                    if response.status == 404:
                        await self._is_home_assistant()
                        return True
                    response.raise_for_status()
                    return any(step["step"] == "user" and step["done"] for step in await response.json())
            except aiohttp.ClientConnectionError as error:
                await self._patience(f"does not answer at {self.url} ({error})")

    async def _is_home_assistant(self) -> None:
        async with self.session.get(f"{self.url}/auth/providers") as response:
            if response.status != 200 or response.content_type != "application/json":
                raise NotReady(f"is not what answers at {self.url}; stop what does, or choose another port")

    async def make_owner(self, password: str) -> str:
        """Creates the owner; an access token of theirs, valid for half an hour."""
        owner = {
            "client_id": self.client_id,
            "name": "Owner",
            "username": USERNAME,
            "password": password,
            "language": "en",
        }
        async with self.session.post(f"{self.url}/api/onboarding/users", json=owner) as response:
            response.raise_for_status()
            return await self._access_token((await response.json())["auth_code"])

    async def log_in(self, password: str) -> str:
        """Logs the owner in, as its login page does; an access token. Raises NotReady if the password is wrong."""
        flow = {
            "client_id": self.client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": self.client_id,
        }
        async with self.session.post(f"{self.url}/auth/login_flow", json=flow) as response:
            response.raise_for_status()
            step = f"{self.url}/auth/login_flow/{(await response.json())['flow_id']}"
        answer = {"client_id": self.client_id, "username": USERNAME, "password": password}
        async with self.session.post(step, json=answer) as response:
            response.raise_for_status()
            result = await response.json()
        if result["type"] != "create_entry":
            raise NotReady(
                "has an owner whose password is not the one kept here, so its configuration folder is from another "
                "set-up; remove it and start again"
            )
        return await self._access_token(result["result"])

    async def make_token(self, access_token: str) -> str:
        """A long-lived token; only the WebSocket interface gives those."""
        async with self.session.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json(timeout=ONE_REQUEST)
            await socket.send_json({"type": "auth", "access_token": access_token})
            await socket.receive_json(timeout=ONE_REQUEST)
            # A name is given once only; after a token was lost its successor needs another.
            name = f"{TOKEN_NAME} {secrets.token_hex(4)}"
            wish = {"id": 1, "type": "auth/long_lived_access_token", "client_name": name, "lifespan": TOKEN_DAYS}
            await socket.send_json(wish)
            answer = await socket.receive_json(timeout=ONE_REQUEST)
        if not answer.get("success"):
            raise NotReady(f"gives no long-lived token: {answer.get('error', {}).get('message')}")
        return answer["result"]

    async def accepts(self, token: str) -> bool:
        """Whether the token is valid."""
        async with self.session.get(f"{self.url}/api/", headers={"Authorization": f"Bearer {token}"}) as response:
            return response.status == 200

    async def version_when_running(self, token: str) -> str:
        """Home Assistant's version, once all of it runs."""
        while True:
            try:
                headers = {"Authorization": f"Bearer {token}"}
                async with self.session.get(f"{self.url}/api/config", headers=headers) as response:
                    response.raise_for_status()
                    config = await response.json()
                if config["state"] == "RUNNING":
                    return config["version"]
                await self._patience(f"is still {config['state']}")
            except aiohttp.ClientConnectionError as error:
                await self._patience(f"does not answer at {self.url} any more ({error})")

    async def _access_token(self, code: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "client_id": self.client_id}
        async with self.session.post(f"{self.url}/auth/token", data=form) as response:
            response.raise_for_status()
            return (await response.json())["access_token"]

    async def _patience(self, state: str) -> None:
        """Waits a little, or raises NotReady with the state if there is no time or no process left."""
        if self.pid is not None and not is_alive(self.pid):
            raise NotReady(f"ended while starting (process {self.pid}); the end of its log says why")
        if time.monotonic() > self.deadline:
            raise NotReady(f"{state}, and the time for its start is over; its log may say why")
        await asyncio.sleep(ASK_EVERY)


def is_alive(pid: int) -> bool:
    """Whether a process with that id exists, and is more than a dead one not yet waited for."""
    try:
        # The state is the first field after the command, which is in parentheses.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def read_access(file: Path) -> dict:
    """What an earlier run has written, {} if none has."""
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise NotReady(f"was set up before, but {file} is no JSON ({error}); remove it and the folder") from error


def write_access(file: Path, access: dict) -> None:
    """Replaces the file whole; from its first moment nobody but its owner can read it."""
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    with open(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
        json.dump(access, out, indent=1)
        out.write("\n")
    partial.replace(file)


async def make_ready(home: HomeAssistant, file: Path) -> dict:
    """Owner, token, running; what is known so far is in the file at every moment."""
    access = {**read_access(file), "url": home.url, "username": USERNAME}
    if not await home.owner_exists():
        access = {**access, "password": access.get("password") or secrets.token_urlsafe(24), "token": None}
        write_access(file, access)
        access_token = await home.make_owner(access["password"])
        access["token"] = await home.make_token(access_token)
    elif not access.get("token") or not await home.accepts(access["token"]):
        if not access.get("password"):
            raise NotReady(
                f"has an owner, but {file} does not hold their password; "
                "remove its configuration folder and start again"
            )
        access["token"] = await home.make_token(await home.log_in(access["password"]))
    write_access(file, access)
    access["version"] = await home.version_when_running(access["token"])
    write_access(file, access)
    return access


async def run(arguments: argparse.Namespace) -> dict:
    """Makes Home Assistant ready within the time limit; raises NotReady."""
    trust = ssl.create_default_context(cafile=arguments.ca) if arguments.ca else None
    connector = aiohttp.TCPConnector(ssl=trust) if trust else None
    limit = aiohttp.ClientTimeout(total=ONE_REQUEST)
    async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
        deadline = time.monotonic() + arguments.timeout
        home = HomeAssistant(session, arguments.url.rstrip("/"), arguments.pid, deadline)
        try:
            return await make_ready(home, arguments.out)
        except (aiohttp.ClientError, TimeoutError, KeyError, TypeError) as error:
            raise NotReady(f"answered in a way that was not expected: {type(error).__name__} {error}") from error


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the access goes (JSON, 0600)")
    parser.add_argument("--url", default="http://127.0.0.1:8123", help="Home Assistant's address (%(default)s)")
    parser.add_argument("--pid", type=int, help="its process: when that ends, waiting ends too")
    parser.add_argument("--timeout", type=float, default=90, metavar="SECONDS", help="for its start (%(default)s)")
    parser.add_argument("--ca", metavar="FILE", help="certificates to trust, for an https address")
    arguments = parser.parse_args()
    try:
        access = asyncio.run(run(arguments))
    except (NotReady, OSError) as error:
        print(f"home assistant {error}", file=sys.stderr)
        return 1
    print(f"home assistant {access['version']} is ready at {access['url']}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
