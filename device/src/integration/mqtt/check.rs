//! Whether a broker lets the doorbell in, asked beside the connection of a daemon that runs.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::MqttSettings;
use super::packet::{Client, News};
use super::session::Session;
use super::transport::Dialler;
use crate::clock::Monotonic;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// Connects, and says goodbye at once.
pub(super) async fn look(settings: &MqttSettings) -> Result<(), String> {
    let mut stream = Dialler::new(&settings.broker)?.dial().await?;
    // With the daemon's own id, the broker would end the daemon's connection.
    let id = format!("porch-check-{}", std::process::id());
    let client = Client { id, will: None, login: settings.login.as_ref() };
    let mut session = Session::begin(&client, Monotonic::now())?;
    let mut read = [0; 1024];
    loop {
        stream.write_all_buf(&mut session.out).await.map_err(|error| error.to_string())?;
        stream.flush().await.map_err(|error| error.to_string())?;
        let count = stream.read(&mut read).await.map_err(|error| error.to_string())?;
        if count == 0 {
            return Err("it has ended the connection".to_owned());
        }
        for news in session.receive(&read[..count], Monotonic::now()) {
            match news {
                News::Welcome => {
                    session.close(Monotonic::now());
                    let goodbye = async {
                        stream.write_all_buf(&mut session.out).await?;
                        // The broker ends the connection when it has read that.
                        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
                    };
                    // It has let the doorbell in, and that was the question.
                    let _ = timeout(GOODBYE, goodbye).await;
                    return Ok(());
                }
                News::Over(why) => return Err(why),
                News::Acknowledged(..) | News::Message(..) => {}
            }
        }
    }
}
