//! Quiet hours: which there are, and forms to make and remove them.

use std::collections::BTreeSet;
use std::sync::Arc;

use alexa::EndpointId;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use maud::{Markup, html};

use super::{Answer, Form, frame, token};
use crate::history::MOST_QUIET;
use crate::integration::IntegrationName;
use crate::quiet::{Days, Quiet, TimeOfDay};
use crate::record::ALEXA;
use crate::web::guard::Visa;
use crate::web::shown::name;
use crate::web::{App, reply};

pub(super) async fn show(State(app): State<Arc<App>>, Extension(visa): Extension<Visa>) -> Answer {
    page(&app, &visa, StatusCode::OK, None).await
}

pub(super) async fn add(
    State(app): State<Arc<App>>,
    Extension(visa): Extension<Visa>,
    Extension(form): Extension<Arc<Form>>,
) -> Answer {
    let quiet = match read(&form) {
        Ok(quiet) => quiet,
        Err(why) => return page(&app, &visa, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await,
    };
    if app.house.history.add_quiet(quiet).await? {
        return Ok(reply::see("/quiet"));
    }
    let why = "There are as many quiet hours as there can be. Remove some first.";
    page(&app, &visa, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await
}

pub(super) async fn remove(State(app): State<Arc<App>>, Extension(form): Extension<Arc<Form>>) -> Answer {
    // Those that have gone already are gone.
    if let Some(id) = form.one("id").and_then(|id| id.parse().ok()) {
        app.house.history.remove_quiet(id).await?;
    }
    Ok(reply::see("/quiet"))
}

/// The quiet hours of a form, or what is wrong with it.
fn read(form: &Form) -> Result<Quiet, &'static str> {
    let day = |name: &str| Days::WEEK.into_iter().find(|(known, _)| *known == name).map(|(_, day)| day);
    let days = Days::of(form.all("day").filter_map(day)).ok_or("Choose a day at least.")?;
    let time = |field| form.one(field).and_then(TimeOfDay::parse);
    let from = time("from").ok_or("Say when it begins, like 22:00.")?;
    let to = time("to").ok_or("Say when it ends, like 07:00.")?;
    let bells: Option<BTreeSet<EndpointId>> =
        form.all("bell").map(|bell| EndpointId::parse(bell).ok()).collect();
    let bells = bells.ok_or("There is no such bell any more.")?;
    let is_known = |who: &str| who == ALEXA || IntegrationName::parse(who).is_some();
    let who: BTreeSet<String> = form.all("who").map(str::to_owned).collect();
    if bells.len() > 100 || who.len() > 100 || !who.iter().all(|who| is_known(who)) {
        return Err("There is nobody of that name to be told.");
    }
    let some = |is_empty: bool| !is_empty;
    Ok(Quiet {
        days,
        from,
        to,
        bells: some(bells.is_empty()).then_some(bells),
        who: some(who.is_empty()).then_some(who),
    })
}

async fn page(app: &App, visa: &Visa, status: StatusCode, why: Option<&str>) -> Answer {
    let all = app.house.history.quiet().await?;
    let health = app.house.health.borrow().clone();
    let bells: Vec<(&str, &str)> =
        health.bells.iter().map(|bell| (bell.id.as_str(), bell.name.as_str())).collect();
    let integrations = health.integrations.iter().map(|condition| condition.name.as_str());
    let who: Vec<(&str, &str)> =
        [ALEXA].into_iter().chain(integrations).map(|who| (who, name(who))).collect();
    let is_full = all.len() >= MOST_QUIET as usize;
    let main = html! {
        h1 { "Quiet hours" }
        p { "Who rings then is in the history, but not everybody is told. "
            "They are kept by the clock on the wall here, " (clock(app)) "." }
        @if all.is_empty() { p .card { "There are none: everybody is told of every press." } }
        @else {
            ul .visits {
                @for (id, quiet) in &all { li .card .row { (one(visa, *id, quiet, &bells)) } }
            }
        }
        @if !is_full {
            form .card method="post" action="/quiet" aria-labelledby="add" {
                (token(visa))
                h2 #add { "Add quiet hours" }
                @if let Some(why) = why { p .bad role="alert" { (why) } }
                fieldset {
                    legend { "Days on which they begin" }
                    div .choices { @for (day, _) in Days::WEEK { (choice("day", day, day, true)) } }
                }
                div .times {
                    div .field { label for="from" { "From" } input #from type="time" name="from" value="22:00" required; }
                    div .field { label for="to" { "To" } input #to type="time" name="to" value="07:00" required; }
                }
                fieldset {
                    legend { "Who is not told (none chosen: nobody is told)" }
                    div .choices { @for (who, name) in who { (choice("who", who, name, false)) } }
                }
                @if bells.len() > 1 {
                    fieldset {
                        legend { "At which bells (none chosen: all)" }
                        div .choices { @for (id, name) in &bells { (choice("bell", id, name, false)) } }
                    }
                }
                button { "Add" }
            }
        } @else if let Some(why) = why { p .bad role="alert" { (why) } }
    };
    let page = frame(app, visa, "Quiet hours", Some("/quiet"), &main);
    Ok(reply::page(status, page))
}

fn choice(field: &str, value: &str, name: &str, is_chosen: bool) -> Markup {
    html! { label { input type="checkbox" name=(field) value=(value) checked[is_chosen]; (name) } }
}

fn one(visa: &Visa, id: i64, quiet: &Quiet, bells: &[(&str, &str)]) -> Markup {
    let names = |bell: &EndpointId| {
        let known = bells.iter().find(|(id, _)| *id == bell.as_str());
        known.map_or(bell.as_str(), |(_, name)| name).to_owned()
    };
    let who = quiet.who.as_ref().map(|who| who.iter().map(|who| name(who)).collect::<Vec<_>>().join(", "));
    let at = quiet.bells.as_ref().map(|bells| bells.iter().map(names).collect::<Vec<_>>().join(", "));
    let next_day = if quiet.from < quiet.to { "" } else { " on the next day" };
    let label = format!("Remove {}, {} to {}", quiet.days, quiet.from, quiet.to);
    html! {
        div {
            strong { (quiet.days) ", " (quiet.from) " to " (quiet.to) (next_day) }
            br;
            span .soft {
                (who.as_deref().unwrap_or("Nobody")) @if who.is_some() { " not told" } @else { " is told" }
                @if let Some(at) = at { ", at " (at) }
            }
        }
        form method="post" action="/quiet/remove" {
            (token(visa))
            input type="hidden" name="id" value=(id);
            button .quiet aria-label=(label) { "Remove" }
        }
    }
}

/// What the clock shows, or that it shows nothing.
fn clock(app: &App) -> Markup {
    let zone = app.house.zone.iana_name().unwrap_or("local time");
    let now = app.now().wall().and_then(|now| jiff::Timestamp::try_from(now).ok());
    html! {
        @match now {
            Some(now) => { "which shows " (now.to_zoned(app.house.zone.clone()).strftime("%H:%M").to_string()) " (" (zone) ")" },
            None => "which is not set yet, so that everybody is told",
        }
    }
}
