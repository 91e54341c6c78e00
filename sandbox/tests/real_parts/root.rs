//! A machine that is thrown away: this one's Debian, with everything that is changed in it kept aside.
//!
//! It has its own processes and mounts, and the network of the sandbox. dpkg, apt, curl and openssl there are real. What
//! cannot run there is systemd, for which `sandbox/pi/systemctl.py` stands in.

use std::path::PathBuf;
use std::process::Stdio;

use sandbox::run::{Output, Run};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// Mounts the machine in a namespace of its own and tells which process is in there. It ends, and with it everything that
/// was started there, when its standard input does.
const MOUNT: &str = r#"
set -e
read -r pid rest </proc/self/stat
cd "$0"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount -t tmpfs tmpfs root/run
# It would forbid packages to start anything.
rm -f root/usr/sbin/policy-rc.d
echo "$pid"
exec cat
"#;

/// The machine, which is gone when this is dropped.
pub(crate) struct Root {
    pid: String,
    _holder: Child,
    folder: TempDir,
}

impl Root {
    /// A machine with `systemctl`, the text of a program, in the place of systemd's.
    pub(crate) async fn start(systemctl: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut holder = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "sh", "-c", MOUNT])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut pid).await.unwrap();
        if pid.is_empty() {
            let mut said = String::new();
            holder.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
            panic!("no machine can be made here, which takes root and overlayfs: {said}");
        }
        let root = Self { pid: pid.trim().to_owned(), _holder: holder, folder };
        root.write("/usr/bin/systemctl", systemctl).await;
        root.sh("chmod 755 /usr/bin/systemctl").await;
        root
    }

    /// A program to be run there.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Run {
        let root: PathBuf = self.folder.path().join("root");
        Run::new(program, "nsenter")
            .args(["--target", &self.pid, "--mount", "--pid", "chroot"])
            .args([root])
            .args([program])
            .args(args)
            .stdin(b"")
    }

    /// How a program ends there, and what it says.
    pub(crate) async fn finish(&self, program: &str, args: &[&str]) -> Output {
        self.run(program, args).finish().await.unwrap()
    }

    /// What a line for the shell prints there; it must end well.
    pub(crate) async fn sh(&self, line: &str) -> String {
        let output = self.finish("sh", &["-c", line]).await;
        assert!(output.status.success(), "{line}: {}{}", output.stdout, output.stderr);
        output.stdout
    }

    /// Writes a file there.
    pub(crate) async fn write(&self, path: &str, text: &str) {
        let write = self.run("sh", &["-c", "cat > \"$0\"", path]).stdin(text.as_bytes());
        write.output().await.unwrap();
    }
}
