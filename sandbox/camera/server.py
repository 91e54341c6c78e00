"""A camera that films the time: an RTSP server on 127.0.0.1 with digest authentication.

It serves rtsp://127.0.0.1:PORT/door, 1280x720 in H.264, 25 frames a second, a keyframe every two seconds. What is to be
seen is a number: how many twenty-fifths of a second the machine's monotonic clock had counted when the frame was drawn,
its lowest 20 bits. It is drawn as a strip of blocks, which `crates/camera/src/fake/number.rs` describes and reads.

The password is read from the file PASSWORD_FILE, because every process on the machine can read arguments.
"""

import pathlib
import sys
import time

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    sys.exit(f"{error}: run sandbox/debian/install.sh")

WIDTH, HEIGHT, FRAMES_PER_SECOND = 1280, 720, 25
BLOCKS, BITS = 24, 20
BLACK, WHITE, GREY = bytes([16]), bytes([235]), bytes([128])
USER = "porch"
STREAM = (
    "( appsrc name=frames is-live=true format=time do-timestamp=true"
    # A frame that cannot be coded at once is left out: what is late would not show the time.
    " leaky-type=downstream max-buffers=1 max-bytes=0 max-time=0"
    f" caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={FRAMES_PER_SECOND}/1"
    f" ! x264enc tune=zerolatency speed-preset=superfast bitrate=4000 key-int-max={2 * FRAMES_PER_SECOND}"
    " ! video/x-h264,profile=high ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def blocks(number):
    """Whether each block of the strip is white."""
    bits = [number >> bit & 1 == 1 for bit in reversed(range(BITS))]
    parity = sum(bits) % 2 == 1
    return [True, False, *bits, parity, not parity]


def luma_row(number):
    """One row of the strip."""
    white = blocks(number)
    edges = [-(-block * WIDTH // BLOCKS) for block in range(BLOCKS + 1)]
    return b"".join((WHITE if white[block] else BLACK) * (edges[block + 1] - edges[block]) for block in range(BLOCKS))


def below_the_strip():
    """Luma of the rest: what has to be coded, as in front of a house."""
    rows = HEIGHT - HEIGHT // 8
    return b"".join(bytes(60 + (column // 8 ^ row // 8) % 100 for column in range(WIDTH)) for row in range(rows))


class Film:
    """Pushes frames into one pipeline, as time passes."""

    def __init__(self, source, rest, chroma):
        self.source, self.rest, self.chroma = source, rest, chroma
        self.last = None

    def draw(self):
        """Pushes the frame of this moment, once; ends with the pipeline."""
        number = time.monotonic_ns() * FRAMES_PER_SECOND // 1_000_000_000
        if number == self.last:
            return GLib.SOURCE_CONTINUE
        self.last = number
        strip = luma_row(number % (1 << BITS)) * (HEIGHT // 8)
        shift = number % 64 * WIDTH
        frame = Gst.Buffer.new_wrapped(strip + self.rest[shift:] + self.rest[:shift] + self.chroma)
        pushed = self.source.emit("push-buffer", frame)
        return GLib.SOURCE_CONTINUE if pushed == Gst.FlowReturn.OK else GLib.SOURCE_REMOVE


def factory():
    """The stream, which all viewers share."""
    rest, chroma = below_the_strip(), GREY * (WIDTH * HEIGHT // 2)
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(STREAM)
    made.set_shared(True)

    def configure(_factory, media):
        film = Film(media.get_element().get_by_name("frames"), rest, chroma)
        # Looked at ten times for each frame, so that a frame is drawn when its time begins.
        GLib.timeout_add(1000 // FRAMES_PER_SECOND // 10, film.draw)

    made.connect("media-configure", configure)
    return made


def admit_only(server, made, password):
    """Lets nobody else look."""
    permissions = GstRtspServer.RTSPPermissions()
    for permission in (
        GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS,
        GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
    ):
        permissions.add_permission_for_role(USER, permission, True)
    made.set_permissions(permissions)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, USER)
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(USER, password, token)
    server.set_auth(auth)


def main(port, password_file):
    """Serves until it is ended."""
    Gst.init(None)
    if Gst.ElementFactory.find("x264enc") is None:
        sys.exit("GStreamer has no x264enc: run sandbox/debian/install.sh")
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    made = factory()
    admit_only(server, made, pathlib.Path(password_file).read_text(encoding="utf-8").strip())
    server.get_mount_points().add_factory("/door", made)
    if server.attach(None) == 0:
        sys.exit(f"port {port} of 127.0.0.1 cannot be listened on")
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
