//! What the workflows at GitHub may do, and that what they run is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn workflow(name: &str) -> Value {
    let path = root().join(".github/workflows").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Those that get a role.
const WITH_A_ROLE: [&str; 2] = ["preview.yml", "deploy.yml"];

fn names(yaml: &Value) -> Vec<&str> {
    yaml.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

fn texts(yaml: &Value) -> BTreeMap<String, String> {
    let entries = yaml.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn text(yaml: &Value) -> String {
    yaml.as_str().map_or_else(|| yaml.to_string(), str::to_owned)
}

/// Every step of every job, with the job's name.
fn steps(workflow: &Value) -> Vec<(&str, &Value)> {
    let jobs = workflow["jobs"].as_object().expect("jobs").iter();
    jobs.flat_map(|(name, job)| {
        let steps = job["steps"].as_array().expect("steps").iter();
        steps.map(|step| (name.as_str(), step))
    })
    .collect()
}

/// All texts in it, however deep.
fn every_text(yaml: &Value) -> Vec<&str> {
    let elements = yaml.as_array().into_iter().flatten();
    let values = yaml.as_object().into_iter().flatten().map(|(_, value)| value);
    yaml.as_str().into_iter().chain(elements.chain(values).flat_map(every_text)).collect()
}

#[test]
fn every_job_may_do_what_is_written_here_and_nothing_else() {
    let wanted = [
        ("preview.yml", "preview", &[("contents", "read"), ("id-token", "write")][..]),
        ("preview.yml", "comment", &[("contents", "read"), ("pull-requests", "write")]),
        ("deploy.yml", "artifacts", &[("contents", "read")]),
        ("deploy.yml", "deploy", &[("contents", "read"), ("id-token", "write")]),
    ];
    for file in WITH_A_ROLE {
        let workflow = workflow(file);
        assert_eq!(workflow["permissions"].as_object().map(serde_json::Map::len), Some(0), "{file}");
        let jobs = wanted.iter().filter(|(of, ..)| *of == file);
        let told: BTreeSet<&str> = jobs.clone().map(|(_, job, _)| *job).collect();
        assert_eq!(names(&workflow["jobs"]).into_iter().collect::<BTreeSet<_>>(), told, "{file}");
        for (_, job, permissions) in jobs {
            let permissions = permissions.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            let job = &workflow["jobs"][*job];
            assert_eq!(texts(&job["permissions"]), permissions.collect(), "{file}");
            assert!(job["timeout-minutes"].as_i64().is_some_and(|minutes| minutes <= 60), "{file}");
        }
    }
    assert_eq!(
        texts(&workflow("ci.yml")["permissions"]),
        BTreeMap::from([("contents".into(), "read".into())])
    );
}

#[test]
fn a_fork_s_code_gets_neither_a_role_nor_a_secret() {
    let preview = workflow("preview.yml");
    assert_eq!(
        names(&preview["on"]),
        ["pull_request"],
        "which gives forks nothing, unlike pull_request_target"
    );
    let only_own = "github.event.pull_request.head.repo.full_name == github.repository";
    assert!(text(&preview["jobs"]["preview"]["if"]).contains(only_own));
    assert_eq!(text(&preview["jobs"]["comment"]["needs"]), "preview");
    assert!(text(&preview["jobs"]["comment"]["if"]).contains("needs.preview.result != 'skipped'"));
    let deploy = workflow("deploy.yml");
    assert_eq!(names(&deploy["on"]), ["push", "workflow_dispatch"]);
    assert_eq!(text(&deploy["on"]["push"]["branches"][0]), "main");
    assert!(text(&deploy["jobs"]["deploy"]["if"]).contains("github.ref == 'refs/heads/main'"));
}

#[test]
fn what_may_write_to_the_pull_request_runs_nothing_of_it() {
    let preview = workflow("preview.yml");
    let comment: Vec<&Value> =
        steps(&preview).into_iter().filter(|(job, _)| *job == "comment").map(|(_, step)| step).collect();
    assert_eq!(text(&comment[0]["with"]["ref"]), "${{ github.event.pull_request.base.sha }}");
    let runs: Vec<String> =
        comment.iter().filter(|step| !step["run"].is_null()).map(|step| text(&step["run"])).collect();
    assert_eq!(runs, [".ci/comment preview.md"]);
}

#[test]
fn a_deploy_waits_for_the_environment_s_approval() {
    let deploy = workflow("deploy.yml");
    // The default of porch:previews.environment, which the role's trust names.
    assert_eq!(text(&deploy["jobs"]["deploy"]["environment"]), "production");
    assert!(deploy["jobs"]["artifacts"]["environment"].is_null());
    assert_eq!(
        deploy["concurrency"]["cancel-in-progress"].as_bool(),
        Some(false),
        "an `up` is never cut off"
    );
}

#[test]
fn secrets_reach_only_the_step_that_runs_pulumi() {
    let known = ["PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"];
    for file in WITH_A_ROLE {
        let workflow = workflow(file);
        let all = every_text(&workflow).iter().filter(|text| text.contains("secrets.")).count();
        let mut in_steps = 0;
        for (job, step) in steps(&workflow) {
            for (name, value) in texts(&step["env"]) {
                if value.contains("secrets.") {
                    in_steps += 1;
                    assert_eq!(value, format!("${{{{ secrets.{name} }}}}"));
                    assert!(known.contains(&name.as_str()), "{name}");
                    let run = text(&step["run"]);
                    let is_pulumi = run.starts_with("pulumi up ") || run.starts_with("cargo xtask preview ");
                    assert!(is_pulumi, "{file}: {job}: {run}");
                }
                assert!(!value.contains("github.token") || job == "comment", "{file}: {job}");
            }
        }
        assert_eq!((all, in_steps), (2, 2), "{file}");
    }
}

#[test]
fn what_others_wrote_is_pinned_and_nothing_becomes_part_of_a_script() {
    for file in WITH_A_ROLE {
        let workflow = workflow(file);
        for (job, step) in steps(&workflow) {
            if let Some(uses) = step["uses"].as_str() {
                let (_, commit) = uses.split_once('@').expect("a version");
                let is_hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(is_hash, "{file}: {job}: {uses}");
                if uses.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"].as_bool(), Some(false), "{file}: {job}");
                }
            }
            assert!(!text(&step["run"]).contains("${{"), "{file}: {job}");
        }
    }
}

#[test]
fn what_the_workflows_run_is_there() {
    let mut ran = 0;
    for file in WITH_A_ROLE {
        let workflow = workflow(file);
        for (_, step) in steps(&workflow) {
            let Some(run) = step["run"].as_str() else { continue };
            let words: Vec<&str> = run.split_whitespace().take_while(|word| *word != ">").collect();
            match words[..] {
                ["cargo", "xtask", ref args @ ..] => {
                    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
                    let help = command.args(args).arg("--help").output().expect("xtask starts");
                    assert!(help.status.success(), "{run}: {}", String::from_utf8_lossy(&help.stderr));
                    ran += 1;
                }
                [program, ..] if program.starts_with(".ci/") => {
                    let metadata = fs::metadata(root().join(program)).expect(program);
                    assert_ne!(metadata.permissions().mode() & 0o111, 0, "{program}");
                    ran += 1;
                }
                _ => {}
            }
        }
    }
    assert_eq!(ran, 6);
}

/// A `gh` that writes down what it is asked, and answers a list with `comments`.
fn fake_gh(folder: &Path, comments: &str) {
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{0}/asked'\ncase \"$*\" in *--paginate*) echo \"$MARKER\" > '{0}/marker'; printf '{comments}';; esac\n",
        folder.display()
    );
    let path = folder.join("gh");
    fs::write(&path, script).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

fn comment(folder: &Path, body: &str) -> (bool, String) {
    let file: PathBuf = folder.join("preview.md");
    fs::write(&file, body).expect("a file");
    let output = Command::new(root().join(".ci/comment"))
        .arg(&file)
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("REPOSITORY", "octo-org/porch")
        .env("PULL_REQUEST", "7")
        .output()
        .expect("bash");
    let asked = fs::read_to_string(folder.join("asked")).unwrap_or_default();
    (output.status.success(), asked)
}

#[test]
fn the_comment_of_a_pull_request_is_written_anew() {
    let body = format!("{}\n## Title\n", sandbox::preview::MARKER);
    let cases = [
        ("41\\n42\\n", "--method PATCH repos/octo-org/porch/issues/comments/41 "),
        ("", "--method POST repos/octo-org/porch/issues/7/comments "),
    ];
    for (comments, wanted) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        fake_gh(folder.path(), comments);
        let (is_well, asked) = comment(folder.path(), &body);
        assert!(is_well && asked.lines().count() == 2, "{asked}");
        assert!(asked.contains(wanted) && asked.contains("--field body=@"), "{asked}");
        let marker = fs::read_to_string(folder.path().join("marker")).expect("a marker");
        assert_eq!(marker.trim(), sandbox::preview::MARKER);
    }
}

#[test]
fn a_comment_that_could_not_be_found_again_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    fake_gh(folder.path(), "");
    assert_eq!(comment(folder.path(), "## Title\n"), (false, String::new()));
}
