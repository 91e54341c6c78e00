//! The file system of an emulated machine: one program, which is its process 1, and a console for it.

/// An archive that the kernel unpacks when it starts (Documentation/driver-api/early-userspace/buffer-format.rst).
pub(crate) fn with(init: &[u8]) -> Vec<u8> {
    let mut archive = Archive::default();
    archive.add("dev", FOLDER | 0o755, (0, 0), b"");
    archive.add("dev/console", CHARACTER_DEVICE | 0o600, (5, 1), b"");
    archive.add("init", FILE | 0o755, (0, 0), init);
    archive.add("TRAILER!!!", 0, (0, 0), b"");
    archive.bytes
}

const FOLDER: u32 = 0o040_000;
const CHARACTER_DEVICE: u32 = 0o020_000;
const FILE: u32 = 0o100_000;

#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

impl Archive {
    /// Adds an entry in the "new ASCII format": a header of numbers, the name, the content.
    fn add(&mut self, name: &str, mode: u32, (major, minor): (u32, u32), content: &[u8]) {
        self.entries += 1;
        let (name_size, size) =
            (u32::try_from(name.len() + 1).unwrap(), u32::try_from(content.len()).unwrap());
        let (inode, links) = (self.entries, 1);
        self.bytes.extend(b"070701");
        for number in [inode, mode, 0, 0, links, 0, size, 0, 0, major, minor, name_size, 0] {
            self.bytes.extend(format!("{number:08X}").bytes());
        }
        self.bytes.extend(name.bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend(content);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}
