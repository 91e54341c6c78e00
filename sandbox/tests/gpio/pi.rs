//! An emulated Raspberry Pi 3, whose pins are moved from outside while it looks at them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sandbox::tools::pi_kernel;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::program::{Build, build};
use crate::{console, initramfs, sandbox};

/// It starts in 20 s where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(180);
/// The registers that make the pins 0 to 31 high and low (BCM2837 ARM Peripherals, chapter 6). In this emulation they
/// move pins that are inputs, too.
const MAKE_HIGH: u32 = 0x3f20_001c;
const MAKE_LOW: u32 = 0x3f20_0028;
/// iomem: rppal reaches the registers through /dev/mem. fiq_fsm: the USB driver's own interrupts are not emulated.
const KERNEL_ARGUMENTS: &str =
    "console=ttyAMA0,115200 quiet rdinit=/init iomem=relaxed panic=-1 dwc_otg.fiq_fsm_enable=0";
const SOCKET: &str = "qtest";

#[tokio::test]
async fn a_pi_s_registers_show_presses() {
    let (sandbox, progress) = sandbox();
    let kernel = pi_kernel(&sandbox.settings, &progress).await.unwrap();
    let wanted = Build {
        target: "aarch64-unknown-linux-gnu",
        feature: "registers",
        linker: Some("aarch64-linux-gnu-gcc"),
    };
    let program = build(&sandbox, &progress, &wanted).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("initramfs"), initramfs::with(&program)).unwrap();
    let mut machine = Command::new("qemu-system-aarch64")
        .args(["-machine", "raspi3b", "-display", "none", "-monitor", "none", "-no-reboot"])
        .args(["-serial", "stdio", "-append", KERNEL_ARGUMENTS, "-initrd", "initramfs"])
        .args(["-qtest", &format!("unix:{SOCKET},server=on,wait=off"), "-qtest-log", "none"])
        .args(["-accel", "tcg"])
        .args(["-kernel".as_ref(), kernel.image.as_os_str()])
        .args(["-dtb".as_ref(), kernel.device_tree.as_os_str()])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let console = timeout(PATIENCE, serve(&mut machine, folder.path())).await.unwrap();
    console::check(&console, &["a press of GPIO27 is seen", "a press of GPIO17 is seen"]);
}

/// Moves the pins as the machine asks for it, until its trials have ended; gives all that it said.
async fn serve(machine: &mut Child, folder: &Path) -> String {
    let mut lines = BufReader::new(machine.stdout.take().unwrap()).lines();
    let (mut console, mut pins) = (String::new(), None);
    while let Some(line) = lines.next_line().await.unwrap() {
        console += &format!("{line}\n");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["move", gpio, level] => {
                if pins.is_none() {
                    pins = Some(UnixStream::connect(folder.join(SOCKET)).await.unwrap());
                }
                let register = if *level == "high" { MAKE_HIGH } else { MAKE_LOW };
                let pin = 1_u32 << gpio.parse::<u32>().unwrap();
                let command = format!("writel {register:#x} {pin:#x}\n");
                pins.as_mut().unwrap().write_all(command.as_bytes()).await.unwrap();
            }
            _ if line.trim() == console::END => break,
            _ => {}
        }
    }
    console
}
