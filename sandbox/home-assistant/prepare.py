"""Makes or renews the configuration folder of the sandbox's Home Assistant, before each of its starts.

    python sandbox/home-assistant/prepare.py --config DIR [--port 8123]

configuration.yaml is written anew each time, so that a changed house or port is taken over; everything else in the
folder (users, tokens, states) stays. Exits with 64 on a wrong argument, 1 if the folder cannot be written.
"""

import argparse
import json
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


def prepare(folder: Path, port: int) -> None:
    """Writes the configuration into the folder, which is made if it is not there; raises OSError."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # It will hold password hashes and tokens.
    text = TEMPLATE.read_text(encoding="utf-8").replace(PORT, str(port))
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
    arguments = parser.parse_args()
    if not 0 < arguments.port < 65536:
        parser.error(f"--port: found {arguments.port}, expected 1 to 65535")
    try:
        prepare(arguments.config, arguments.port)
    except OSError as error:
        print(f"home assistant: cannot write the configuration into {arguments.config}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
