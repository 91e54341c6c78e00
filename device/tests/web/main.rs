//! The page, as whoever asks for it sees it.

mod limits;
mod rig;
mod well_formed;

use std::time::Duration;

use device::core::{Health, LineHealth, UpdateHealth};
use device::event::Event;
use device::fanout::Condition;
use device::integration::command::CommandSettings;
use device::integration::{IntegrationKind, IntegrationName, IntegrationSettings, Terms};
use device::update::News;
use rig::{LONGEST, Rig, good_health};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

const PAGES: [&str; 5] = ["/", "/visits", "/visits/1", "/quiet", "/health"];

#[tokio::test]
async fn every_page_is_well_formed_light_and_locked() {
    let rig = Rig::start().await;
    (0..30).for_each(|number| rig.visit(number * 3600, 1000));
    let fields = "day=Mon&from=22:00&to=07:00&who=alexa&bell=garden";
    assert_eq!(rig.post("/quiet", "/quiet", fields).await.status, 303);
    for path in PAGES.into_iter().chain(["/login"]) {
        let answer = rig.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        let text = answer.text();
        well_formed::check(&text);
        let assets = text.split(['"']).filter(|part| part.starts_with("/assets/"));
        let mut bytes = text.len();
        for asset in assets {
            let answer = rig.get(asset).await;
            assert_eq!(answer.status, 200, "{asset}");
            assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
            bytes += answer.body.len();
        }
        assert!(bytes < 60_000, "{path} has {bytes} bytes");
    }
}

#[tokio::test]
async fn what_came_of_the_last_visit_is_seen_at_once() {
    let rig = Rig::start().await;
    assert!(rig.page("/").await.contains("Nobody has rung yet."));
    rig.visit(60, 5000);
    let page = rig.page("/").await;
    for part in [
        "✓ All is well.",
        "Front door, <time datetime=\"2026-12-01T09:14:30+01:00\">today, 09:14:30</time>",
        "alt=\"Front door, today, 09:14:30: picture 0.2 s before the press\"",
        "<span class=\"who\">Alexa</span><span class=\"good\">✓ done</span><span class=\"took\">42 ms</span>",
        "✕ failed</span><span class=\"took\">1.5 s</span>",
        "light ended with &lt;1&gt; &amp; &quot;nothing&quot;",
        "Ring Garden &lt;gate&gt;",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let picture = rig.get("/pictures/1").await;
    assert_eq!((picture.status, picture.body.len()), (200, 5000));
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
}

#[tokio::test]
async fn earlier_visitors_are_on_further_pages() {
    let rig = Rig::start().await;
    (0..45).for_each(|number| rig.visit((45 - number) * 86_400, 0));
    let (mut path, mut seen) = ("/visits".to_owned(), 0);
    loop {
        let page = rig.page(&path).await;
        seen += page.matches("<li class=\"card visit\">").count();
        let older = page.split("href=\"").find(|part| part.starts_with("/visits?before="));
        let Some(older) = older.and_then(|part| part.split('"').next()) else { break };
        older.clone_into(&mut path);
    }
    assert_eq!(seen, 45);
    let oldest = rig.page("/visits/1").await;
    assert!(oldest.contains("Saturday, 17 October, 10:15:30"), "{oldest}");
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let rig = Rig::start().await;
    for path in
        ["/visits/1", "/visits/x", "/pictures/1", "/pictures/../1", "/assets/style.css", "/nothing", "/ring"]
    {
        let status = rig.get(path).await.status;
        assert!(status == 404 || path == "/ring" && status == 405, "{path}: {status}");
    }
}

#[tokio::test]
async fn quiet_hours_are_made_and_removed_by_forms_alone() {
    let rig = Rig::start().await;
    let fields = "day=Mon&day=Fri&from=22:00&to=07:00&who=alexa";
    assert_eq!(rig.post("/quiet", "/quiet", fields).await.header("location"), Some("/quiet"));
    let page = rig.page("/quiet").await;
    assert!(page.contains("<strong>Mon, Fri, 22:00 to 07:00 on the next day</strong>"), "{page}");
    assert!(page.contains("Alexa not told"), "{page}");
    let all = rig.history.quiet().await.expect("an answer");
    assert_eq!(rig.post("/quiet", "/quiet/remove", &format!("id={}", all[0].0)).await.status, 303);
    assert_eq!(rig.history.quiet().await.expect("an answer").len(), 0);
    for (fields, why) in [
        ("from=22:00&to=07:00", "Choose a day at least."),
        ("day=Mon&from=22&to=07:00", "Say when it begins"),
        ("day=Mon&from=22:00&to=25:00", "Say when it ends"),
        ("day=Mon&from=22:00&to=23:00&who=Some%20body", "nobody of that name"),
    ] {
        let answer = rig.post("/quiet", "/quiet", fields).await;
        assert_eq!(answer.status, 422, "{fields}");
        well_formed::check(&answer.text());
        assert!(answer.text().contains(why), "{fields}");
    }
}

#[tokio::test]
async fn a_bell_can_be_tried_but_not_without_a_pause() {
    let mut rig = Rig::start().await;
    assert_eq!(rig.post("/", "/ring", "bell=garden").await.header("location"), Some("/"));
    let event = timeout(LONGEST, rig.events.recv()).await.expect("in time").expect("an event");
    assert!(matches!(event, Event::Trial(bell) if bell.as_str() == "garden"));
    assert_eq!(rig.post("/", "/ring", "bell=garden").await.status, 429);
    assert_eq!(rig.post("/", "/ring", "bell=front-door").await.status, 303);
    assert_eq!(rig.post("/", "/ring", "bell=cellar").await.status, 422);
}

#[tokio::test]
async fn whatever_is_wrong_is_said_to_people_and_to_machines() {
    let rig = Rig::start().await;
    let ok = rig.get("/healthz").await;
    assert_eq!((ok.status, ok.text().as_str()), (200, "ok\n"));
    let mut health = good_health();
    health.bells[0].line = LineHealth::Unwatched("it is in use".to_owned());
    health.bells[1].line = LineHealth::Stuck;
    health.alexa.linked = Some(0);
    health.is_clock_set = false;
    rig.health.send_replace(health);
    let line = rig.get("/healthz").await;
    assert_eq!(line.status, 503);
    let text = line.text();
    assert_eq!(text.matches('\n').count(), 1);
    for part in [
        "The clock is not set",
        "Front door: the button cannot be watched: it is in use.",
        "the button is stuck",
        "Nobody has linked the skill",
    ] {
        assert!(text.contains(part), "{part} in {text}");
        assert!(rig.page("/health").await.contains(part) && rig.page("/").await.contains(part), "{part}");
    }
}

#[tokio::test]
async fn integrations_look_whether_they_could_do_what_they_are_for() {
    let rig = Rig::start().await;
    let terms = Terms { bells: None, deadline: Duration::from_secs(5), tries: 1, wants_pictures: false };
    let kind = |program: &str| {
        IntegrationKind::Command(CommandSettings { program: program.into(), arguments: Vec::new() })
    };
    let all = [("good", "sh"), ("absent", "no-such-program")].map(|(name, program)| {
        let settings = IntegrationSettings { terms: terms.clone(), kind: kind(program) };
        (IntegrationName::parse(name).expect("a name"), settings)
    });
    let condition =
        |name: &IntegrationName| Condition { name: name.clone(), trouble: None, is_left_alone: false };
    let conditions = all.iter().map(|(name, _)| condition(name)).collect();
    rig.health.send_replace(Health { integrations: conditions, ..good_health() });
    rig.integrations.send_replace(all.into());
    let page = rig.post("/health", "/health", "").await.text();
    well_formed::check(&page);
    assert!(page.contains("✕</span> there is no program no-such-program"), "{page}");
    assert!(page.contains("<th scope=\"row\">good</th><td><span class=\"good\">✓</span>"), "{page}");
}

#[tokio::test]
async fn everything_is_counted_for_prometheus() {
    let rig = Rig::start().await;
    rig.visit(60, 5000);
    rig.visit(30, 0);
    rig.page("/").await;
    let text = rig.page("/metrics").await;
    for line in [
        "porch_build_info{version=\"0.1.0\"} 1",
        "porch_presses_total{bell=\"front-door\",trial=\"false\"} 2",
        "porch_outcomes_total{integration=\"alexa\",outcome=\"done\"} 2",
        "porch_outcomes_total{integration=\"porch-light\",outcome=\"failed\"} 2",
        "porch_outcome_seconds_bucket{integration=\"alexa\",le=\"0.025\"} 0",
        "porch_outcome_seconds_bucket{integration=\"alexa\",le=\"0.05\"} 2",
        "porch_outcome_seconds_bucket{integration=\"porch-light\",le=\"+Inf\"} 2",
        "porch_outcome_seconds_count{integration=\"alexa\"} 2",
        "porch_pictures_total 1",
        "porch_button_watched{bell=\"garden\"} 1",
        "porch_grants 2",
        "porch_grants_age_seconds 0",
        "porch_history_visits 2",
        "porch_history_pictures 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(text.contains("\nprocess_resident_memory_bytes "));
    // Each family is described once, before its samples.
    let mut described = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split(' ').next()) {
            assert!(!described.contains(&name), "{name}");
            described.push(name);
        } else if !line.starts_with('#') {
            let last = described.last().expect("a family");
            assert!(line.starts_with(last), "{line} after {last}");
        }
    }
}

#[tokio::test]
async fn a_newer_package_is_shown_on_every_page_and_nothing_is_wrong_with_it() {
    let rig = Rig::start().await;
    assert!(!rig.page("/health").await.contains("Package"), "nothing is known of it");
    assert!(!rig.page("/metrics").await.contains("porch_update_available"));
    let version = |text: &str| text.to_owned().try_into().expect("a version");
    let (old, new) = (version("0.1.0+20260301081530.1a"), version("0.1.0+20260302081530.1a"));
    let mut news = News { installed: old, published: new };
    let show = |news: &News, trouble: Option<&str>| {
        let update = UpdateHealth { news: Some(news.clone()), trouble: trouble.map(str::to_owned) };
        rig.health.send_replace(Health { update, ..good_health() });
    };
    show(&news, Some("there is no network"));
    for path in PAGES.into_iter().filter(|path| *path != "/visits/1") {
        let page = rig.page(path).await;
        well_formed::check(&page);
        assert!(page.contains("Version 0.1.0+20260302081530.1a is available."), "{path}: {page}");
    }
    let page = rig.page("/health").await;
    assert!(page.contains("<code>sudo porch-doorbell update</code>"), "{page}");
    assert!(page.contains("It cannot be seen what is published: there is no network"), "{page}");
    assert_eq!(rig.page("/healthz").await, "ok\n");
    assert!(rig.page("/metrics").await.contains("\nporch_update_available 1\n"));
    news.installed = news.published.clone();
    show(&news, None);
    let page = rig.page("/health").await;
    assert!(page.contains("✓ the newest</span> 0.1.0+20260302081530.1a"), "{page}");
    assert!(!page.contains("is available"), "{page}");
    assert!(rig.page("/metrics").await.contains("\nporch_update_available 0\n"));
}

#[tokio::test]
async fn a_visit_is_told_to_whoever_has_the_page_open() {
    let rig = Rig::start().await;
    let mut stream = rig.connect().await;
    let request = format!("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", rig.address);
    stream.write_all(request.as_bytes()).await.expect("it listens");
    let mut lines = BufReader::new(stream).lines();
    let mut until = async |wanted: &str| {
        let found = timeout(LONGEST, async {
            loop {
                let line = lines.next_line().await.expect("text").expect("it goes on");
                if line.to_ascii_lowercase().starts_with(wanted) {
                    return line;
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("no {wanted}"))
    };
    assert_eq!(until("content-type").await, "content-type: text/event-stream");
    until("retry: ").await;
    rig.visit(0, 0);
    until("data: changed").await;
    assert!(rig.page("/").await.contains("today, 09:15:30"));
    rig.health.send_replace(Health { is_clock_set: false, ..good_health() });
    until("data: changed").await;
}
