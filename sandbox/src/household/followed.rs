//! What a press sets going at the house, as far as it can be seen from outside: in the daemon's log, in Home Assistant, on
//! the page.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::settings::{CAMERA, MQTT, names};
use crate::bell::{Did, Pressed};
use crate::error::{Error, Result};
use crate::house::House;
use crate::http;
use crate::layout::Layout;
use crate::parts::doorbell;

/// The bell's entity in Home Assistant.
const ENTITY: &str = "event.doorbell_front_door";

/// How long it may take until a press is seen.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take until Home Assistant is there: it connects to a broker that was away every ten seconds.
const RECONNECTED: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// What was seen.
#[derive(Clone, Debug)]
pub struct Followed {
    /// What each integration did, in the order in which they were through.
    pub did: Vec<Did>,
    /// The entity in Home Assistant and when it says that somebody rang, if it was told.
    pub home_assistant: Option<(&'static str, String)>,
    /// Where the picture is that was stored, and its bytes, if one was taken.
    pub picture: Option<(String, usize)>,
}

/// The house before a press.
#[derive(Clone, Debug)]
pub struct Before {
    /// Where the picture of the last visitor is, if there is one.
    picture: Option<String>,
}

impl Before {
    /// Waits until Home Assistant listens to the doorbell, if the daemon tells it, and looks at what there is.
    ///
    /// # Errors
    /// When Home Assistant does not come to listen.
    pub async fn look(layout: &Layout, house: &House<'_>) -> Result<Self> {
        if doorbell::settings(layout).is_ok_and(|settings| names(&settings).contains(&MQTT)) {
            listens(house).await?;
        }
        Ok(Self { picture: latest_picture().await })
    }
}

/// Follows `pressed`, which came after `before`, to everything that the daemon tells beside Alexa.
///
/// # Errors
/// When something is not told at all. That it failed is in [`Followed::did`].
pub async fn follow(
    layout: &Layout,
    house: &House<'_>,
    pressed: &Pressed,
    before: &Before,
) -> Result<Followed> {
    let mut told = names(&doorbell::settings(layout)?);
    if [CAMERA, MQTT].iter().all(|name| told.contains(name)) {
        // Of the press, and then of the picture.
        told.push(MQTT);
    }
    let did = pressed.integrations(&told).await?;
    let has = |name: &str| did.iter().any(|did| did.who == name && did.is_done);
    let home_assistant = if has(MQTT) { Some((ENTITY, rang(house, pressed).await?)) } else { None };
    let picture = if has(CAMERA) { Some(stored(before).await?) } else { None };
    Ok(Followed { did, home_assistant, picture })
}

/// Waits until Home Assistant has found the doorbell, and knows that it is there.
async fn listens(house: &House<'_>) -> Result<()> {
    let until = Instant::now() + RECONNECTED;
    loop {
        // There is no such entity before it was found the first time.
        let entity = house.entity(ENTITY).await;
        if entity.as_ref().is_ok_and(|entity| entity["state"] != "unavailable") {
            return Ok(());
        }
        if Instant::now() > until {
            let found = entity.map_or_else(|error| error.to_string(), |entity| entity["state"].to_string());
            return Err(Error::Answer(format!(
                "Home Assistant does not find the doorbell: {ENTITY} is {found}"
            )));
        }
        sleep(PAUSE).await;
    }
}

/// When Home Assistant says that somebody rang, once that is this press.
async fn rang(house: &House<'_>, pressed: &Pressed) -> Result<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let entity = house.entity(ENTITY).await?;
        if entity["attributes"]["time"] == pressed.time() {
            return Ok(entity["state"].as_str().unwrap_or_default().to_owned());
        }
        if Instant::now() > until {
            return Err(Error::Answer(format!(
                "Home Assistant has not heard of the press: {ENTITY} is {entity}"
            )));
        }
        sleep(PAUSE).await;
    }
}

/// Where the picture of the last visitor is, if the daemon runs and has one.
async fn latest_picture() -> Option<String> {
    let page = get("/").await.ok()?;
    let page = String::from_utf8_lossy(&page);
    page.split('"').find(|part| part.starts_with("/pictures/")).map(ToOwned::to_owned)
}

/// The picture that came after `before`, once it can be seen on the page.
async fn stored(before: &Before) -> Result<(String, usize)> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(path) = latest_picture().await.filter(|path| Some(path) != before.picture.as_ref()) {
            let jpeg = get(&path).await?;
            return Ok((format!("{}{path}", doorbell::URL), jpeg.len()));
        }
        if Instant::now() > until {
            return Err(Error::Answer(format!("{} shows no picture of the press", doorbell::URL)));
        }
        sleep(PAUSE).await;
    }
}

async fn get(path: &str) -> Result<Vec<u8>> {
    let failed =
        |error: reqwest::Error| Error::Answer(format!("{}{path}: {}", doorbell::URL, http::reason(&error)));
    let request = http::client(None, PATIENCE)?.get(format!("{}{path}", doorbell::URL));
    let response = request.send().await.map_err(failed)?;
    Ok(response.error_for_status().map_err(failed)?.bytes().await.map_err(failed)?.to_vec())
}
