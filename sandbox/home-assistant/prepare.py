"""Makes or renews the configuration folder of the sandbox's Home Assistant, before each of its starts.

    python sandbox/home-assistant/prepare.py --config DIR [--port 8123] [--users-of DIR]
        [--certificate FILE --key FILE [--clients FILE]]

configuration.yaml is written anew each time, so that a changed house or port is taken over; everything else in the
folder (users, tokens, states) stays. With a certificate it serves https; with --clients only to those who show a
certificate of that authority. With --users-of it takes the users and tokens of another one that was onboarded.
Exits with 64 on a wrong argument, 1 if the folder cannot be written.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

TEMPLATE = Path(__file__).with_name("configuration.yaml")
PORT = "@PORT@"

# The steps of onboarding that would ask about the place, statistics and integrations. Marked as done before the first
# start: the first of them sets up weather and speech services that ask the internet. The owner is left to onboard.py.
ONBOARDED = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}
# Where users, their passwords and tokens are, and that there is an owner.
USERS = ("auth", "auth_provider.homeassistant", "onboarding")


def prepare(folder: Path, port: int, tls: dict[str, Path], users_of: Path | None) -> None:
    """Writes the configuration into the folder, which is made if it is not there; raises OSError."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # It will hold password hashes and tokens.
    if users_of:
        for name in USERS:
            shutil.copy(users_of / ".storage" / name, storage / name)
    # JSON's strings are YAML's too.
    options = [str(port), *(f"{option}: {json.dumps(str(file))}" for option, file in tls.items())]
    text = TEMPLATE.read_text(encoding="utf-8").replace(PORT, "\n  ".join(options))
    (folder / "configuration.yaml").write_text(text, encoding="utf-8")
    onboarding = storage / "onboarding"
    if not onboarding.exists():
        onboarding.write_text(json.dumps(ONBOARDED, indent=1))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--config", type=Path, required=True, metavar="DIR", help="Home Assistant's configuration folder"
    )
    parser.add_argument("--port", type=int, default=8123, help="where it shall listen on 127.0.0.1 (8123)")
    parser.add_argument("--users-of", type=Path, metavar="DIR", help="the configuration folder to take the users from")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="what it shows, as PEM")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's private key, as PEM")
    parser.add_argument("--clients", type=Path, metavar="FILE", help="who must have signed its clients' certificates")
    arguments = parser.parse_args()
    if not 0 < arguments.port < 65536:
        parser.error(f"--port: found {arguments.port}, expected 1 to 65535")
    if bool(arguments.certificate) != bool(arguments.key) or (arguments.clients and not arguments.key):
        parser.error("--certificate, --key and --clients: found only some, expected the first two with each")
    files = {
        "ssl_certificate": arguments.certificate,
        "ssl_key": arguments.key,
        "ssl_peer_certificate": arguments.clients,
    }
    tls = {option: file for option, file in files.items() if file}
    try:
        prepare(arguments.config, arguments.port, tls, arguments.users_of)
    except OSError as error:
        print(f"home assistant: cannot write the configuration into {arguments.config}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
