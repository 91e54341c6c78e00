#!/usr/bin/python3
"""A stand-in for systemctl in a root where no systemd runs: as much as a package, its script and an update ask of it.

It knows one unit, porch-doorbell, and treats it as systemd would for what is tried here: its user, its credentials, its
folders, and Type=notify, so that a restart ends when the daemon is ready or has failed. It is stricter in one
thing: what it does not know is refused. What it was asked is in its log. Restart=, the watchdog and all that the unit
forbids are not tried here.
"""

import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

UNIT = "porch-doorbell"
STATE = pathlib.Path("/run/stand-in")
LOG = pathlib.Path("/var/log/systemctl.log")
JOURNAL = pathlib.Path("/var/log/porch-doorbell.log")
CREDENTIALS = pathlib.Path("/run/credentials/porch-doorbell.service")
RUNTIME = pathlib.Path("/run/porch-doorbell")
HISTORY = pathlib.Path("/var/lib/porch-doorbell")
READY_S = 15
STOP_S = 10


def unit_settings():
    """The unit's settings, which may be there more than once."""
    text = pathlib.Path("/usr/lib/systemd/system/porch-doorbell.service").read_text()
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#")]
    settings = {}
    for name, value in pairs:
        settings.setdefault(name, []).append(value)
    return settings


def running():
    """The daemon's process, if it runs."""
    try:
        pid = int((STATE / "pid").read_text())
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else pid


def stop():
    """Ends the daemon."""
    pid = running()
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while running() == pid and time.monotonic() < end:
        time.sleep(0.05)
    if running() == pid:
        os.kill(pid, signal.SIGKILL)


def start():
    """Starts the daemon, and waits until it is ready; gives the exit code."""
    settings = unit_settings()
    if not all(pathlib.Path(path).exists() for path in settings.get("ConditionPathExists", [])):
        return 0
    user = pwd.getpwnam(settings["User"][0])
    groups = [grp.getgrnam(name).gr_gid for name in settings["SupplementaryGroups"][0].split()]
    shutil.rmtree(CREDENTIALS, ignore_errors=True)
    for folder in (CREDENTIALS, RUNTIME, HISTORY):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.chown(folder, user.pw_uid, user.pw_gid)
    for name, path in (value.split(":", 1) for value in settings["LoadCredential"]):
        if pathlib.Path(path).exists():
            copy = CREDENTIALS / name
            shutil.copyfile(path, copy)
            copy.chmod(0o400)
            os.chown(copy, user.pw_uid, user.pw_gid)
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(f"\0porch-stand-in-{os.getpid()}")
    notices.settimeout(0.1)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "CREDENTIALS_DIRECTORY": str(CREDENTIALS),
        "RUNTIME_DIRECTORY": str(RUNTIME),
        "STATE_DIRECTORY": str(HISTORY),
        "NOTIFY_SOCKET": f"@porch-stand-in-{os.getpid()}",
    }
    with JOURNAL.open("ab") as journal:
        daemon = subprocess.Popen(
            settings["ExecStart"][0].split(),
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=journal,
            env=environment,
            cwd="/",
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=groups,
            start_new_session=True,
        )
    (STATE / "pid").write_text(str(daemon.pid))
    end = time.monotonic() + READY_S
    while time.monotonic() < end and daemon.poll() is None:
        try:
            if notices.recv(4096).startswith(b"READY=1"):
                return 0
        except TimeoutError:
            continue
    stop()
    print(f"Job for {UNIT}.service failed.", file=sys.stderr)
    return 1


def main(arguments):
    """Does what is asked."""
    # What a person's shell or a script has set does not reach a real service.
    os.umask(0o022)
    with LOG.open("a") as log:
        log.write(" ".join(arguments) + "\n")
    STATE.mkdir(exist_ok=True)
    words = [word.removesuffix(".service") for word in arguments if not word.startswith("-")]
    match words:
        case ["daemon-reload"]:
            return 0
        case ["enable" | "reset-failed", name] if name == UNIT:
            return 0
        case ["is-active", name] if name == UNIT:
            return 0 if running() else 3
        case ["stop", name] if name == UNIT:
            stop()
            return 0
        case ["start" | "restart", name] if name == UNIT:
            stop()
            return start()
    print(f"the stand-in for systemctl does not know: {arguments}", file=sys.stderr)
    return 1


sys.exit(main(sys.argv[1:]))
