//! The commands as a person runs them, on the real parts. `cargo xtask test` runs this.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Runs `cargo xtask ARGS` with `input` and gives how it ended, its stdout and its stderr.
fn xtask(args: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut child = command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("xtask starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("xtask reads it or waits");
    parts(child.wait_with_output().expect("xtask ends"))
}

fn parts(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Like [`xtask`], for a command that must end with 0; gives its stdout and its stderr.
fn succeeds(args: &[&str], input: &str) -> (String, String) {
    let (code, stdout, stderr) = xtask(args, input);
    assert_eq!(code, 0, "{args:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

/// What a person gets who types `script` after `eval "$(cargo xtask env)"`, in the project's folder.
fn in_a_shell(script: &str) -> (i32, String, String) {
    let script = format!("eval \"$('{}' env)\" && {script}", env!("CARGO_BIN_EXE_xtask"));
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let output = Command::new("sh").args(["-c", &script]).current_dir(project).output();
    parts(output.expect("a shell"))
}

fn discovery() -> String {
    let header =
        json!({"namespace": "Alexa.Discovery", "name": "Discover", "payloadVersion": "3", "messageId": "1"});
    let scope = json!({"type": "BearerToken", "token": "@HOME_ASSISTANT_TOKEN@"});
    json!({"directive": {"header": header, "payload": {"scope": scope}}}).to_string()
}

/// The lines of a table whose second column, after a name in the first, is `state`.
fn rows(table: &str, state: &str) -> usize {
    table.lines().filter(|line| line.split_whitespace().any(|word| word == state)).count()
}

/// Presses Ctrl-C on `cargo xtask up` as soon as it says `line`, and gives its exit code and what it said last.
fn up_interrupted_at(line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut up =
        command.arg("up").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("xtask starts");
    let told = BufReader::new(up.stderr.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    let mut last = String::new();
    for told in told {
        if told.contains(line) {
            let pid = up.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
        }
        last = told;
    }
    (up.wait().expect("xtask ends").code().unwrap_or(-1), last)
}

/// How many parts `up` leaves running, a camera and a broker among them.
const PARTS: usize = 10;

#[test]
fn a_person_brings_it_up_uses_it_ends_it_and_finds_it_as_it_was() {
    for _ in 0..2 {
        let (shown, _) = succeeds(&["up"], "");
        assert!(shown.contains("discovers 6 devices: "), "{shown}");
        assert!(shown.contains("Home Assistant says that light.lamp was off and is on."), "{shown}");

        assert!(shown.contains("accepts it for sandbox: 202"), "{shown}");

        let (table, _) = succeeds(&["status"], "");
        assert_eq!(rows(&table, "running"), PARTS, "{table}");
        assert!(table.contains("bridgeFunctionArn"), "{table}");

        for state in [&["--cold"][..], &[], &["--frozen", "1"]] {
            let (reply, told) = succeeds(&[&["invoke", "bridge", "-"], state].concat(), &discovery());
            let reply: Value = serde_json::from_str(&reply).expect("the reply alone is on stdout");
            assert_eq!(reply["event"]["header"]["name"], "Discover.Response");
            assert_eq!(told.contains(", cold:"), state == ["--cold"], "{told}");
            assert!(told.contains("  reply "), "{told}");
        }
        let (table, _) = succeeds(&["doctor"], "");
        assert_eq!((rows(&table, "FAILED"), rows(&table, "skipped")), (0, 1), "all but https pass: {table}");

        for command in ["preview --expect-no-changes", "refresh --yes --expect-no-changes", "stack output"] {
            let (code, stdout, stderr) = in_a_shell(&format!("pulumi {command}"));
            assert_eq!(code, 0, "{command}\n{stdout}\n{stderr}");
        }

        // By now the press of `up` is longer ago than the daemon's lockout.
        let (rung, _) = succeeds(&["press"], "");
        for told in [
            "accepts it for sandbox: 202",
            "ms  hue: Entrance flashed",
            "ms  camera: a picture, 1280x720",
            "ms  mqtt: 127.0.0.1 has the press",
            "ms  mqtt: 127.0.0.1 has the picture",
            "in Home Assistant event.doorbell_front_door is 20",
            "kB, is at http://127.0.0.1:9423/pictures/",
        ] {
            assert!(rung.contains(told), "{told} in {rung}");
        }
        let (code, _, told) = xtask(&["press", "back-door"], "");
        assert!(code == 1 && told.contains("back-door") && told.contains("cargo xtask up"), "{told}");

        let (ended, _) = succeeds(&["down"], "");
        assert_eq!(rows(&ended, "ended"), PARTS, "{ended}");
        let (code, table, _) = xtask(&["status"], "");
        assert_eq!((code, rows(&table, "stopped")), (1, PARTS), "{table}");
        let (code, table, _) = xtask(&["doctor"], "");
        assert_eq!((code, rows(&table, "FAILED")), (1, 1), "{table}");
        assert!(table.contains("What to do about function:") && table.contains("cargo xtask up"), "{table}");

        // Interrupted while the parts start and while Pulumi is at work; the next round goes on from there.
        for line in ["done  AWS emulator", "pulumi up"] {
            let (code, told) = up_interrupted_at(line);
            assert_eq!(code, 130, "{told}");
            assert!(told.contains("interrupted; "), "{told}");
        }
    }
    succeeds(&["down"], "");
}

/// A file of this checkout, which is as it was before when this ends, however it does.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn of(path: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        Self { text: fs::read_to_string(&path).expect("a source"), path }
    }

    /// Has it say `other` where it says `text`, and as before everywhere else.
    fn say(&self, text: &str, other: &str) {
        assert!(self.text.contains(text), "{text} is not in {}", self.path.display());
        fs::write(&self.path, self.text.replace(text, other)).expect("the source is written");
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        fs::write(&self.path, &self.text).expect("the source is written");
    }
}

/// `cargo xtask dev`, under way.
struct Dev {
    child: Child,
    told: Receiver<String>,
}

impl Dev {
    /// Longer than the first build takes on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(20 * 60);

    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("dev").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("xtask starts");
        let (sender, told) = channel();
        pass_on(child.stdout.take().expect("a pipe"), sender.clone());
        pass_on(child.stderr.take().expect("a pipe"), sender);
        Self { child, told }
    }

    /// What it tells until a line has `word` in it.
    fn tells(&self, word: &str) -> String {
        let (end, mut all) = (Instant::now() + Self::PATIENCE, String::new());
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.told.recv_timeout(left).unwrap_or_else(|_| panic!("no {word} in\n{all}"));
            all = all + &line + "\n";
            if line.contains(word) {
                return all;
            }
        }
    }

    /// Presses Ctrl-C, and gives how it ended and how soon.
    fn interrupt(&mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
        (self.child.wait().expect("xtask ends").code(), began.elapsed())
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // After a test that failed it still runs, and would deploy for ever.
        if let Ok(None) = self.child.try_wait() {
            self.interrupt();
        }
    }
}

fn pass_on(stream: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

#[test]
fn what_is_written_is_deployed_and_what_does_not_compile_is_told() {
    let says = "link the skill again";
    let nobody = json!({"directive": {
        "header": {"namespace": "Alexa", "name": "ReportState", "payloadVersion": "3", "messageId": "1"},
        "payload": {},
    }});
    let answers = || succeeds(&["invoke", "bridge", "-"], &nobody.to_string()).0;
    succeeds(&["up"], "");
    let source = Source::of("functions/bridge/src/failure.rs");
    let mut dev = Dev::start();
    dev.tells("Deployed in");
    assert!(answers().contains(says));

    source.say(says, "do this: link the skill once more");
    let told = dev.tells("Deployed in");
    assert!(told.contains("functions/bridge/src/failure.rs"), "{told}");
    assert!(answers().contains("do this: link the skill once more"));

    source.say("    NoToken,", "    NoToken");
    let told = dev.tells("pulumi up failed");
    assert!(told.contains("error: expected") && told.contains("bridge/src/failure.rs:"), "{told}");
    assert!(answers().contains("do this: link the skill once more"), "what was deployed answers");

    source.say(says, "and now this");
    dev.tells("Deployed in");
    assert!(answers().contains("and now this"));

    // Given up in the middle of a build, and taken up again.
    source.say(says, "and never this");
    dev.tells("building bridge");
    let (code, took) = dev.interrupt();
    assert!(code == Some(0) && took < Duration::from_secs(10), "{code:?} after {took:?}");
    drop(source);
    let mut dev = Dev::start();
    dev.tells("Deployed in");
    assert!(answers().contains(says));
    let (code, took) = dev.interrupt();
    assert!(code == Some(0) && took < Duration::from_secs(2), "{code:?} after {took:?}");
    succeeds(&["down"], "");
}

#[test]
fn a_wrong_command_or_setting_is_told_with_what_was_expected() {
    let (code, _, told) = xtask(&["invoke", "doorbel", "-"], "");
    assert!(code == 64 && told.contains("doorbel") && told.contains("bridge"), "{told}");
    let (code, _, told) = xtask(&["invoke", "bridge", "/nonexistent.json"], "");
    assert!(code == 66 && told.contains("cannot read /nonexistent.json"), "{told}");
    let (code, _, told) = xtask(&["doctor", "--token", "/nonexistent"], "");
    assert!(code == 66 && told.contains("cannot read the token"), "{told}");
    let wrong = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("status").env("PORCH_CACHE", "here").output();
    let (code, _, told) = parts(wrong.expect("xtask starts"));
    assert!(code == 64 && told.contains("PORCH_CACHE") && told.contains("an absolute path"), "{told}");
}
