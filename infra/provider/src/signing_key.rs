//! `porch:build:SigningKey`: the pair of keys that a stack's packages are signed with, made once and kept in its state.

use ring::rand::SystemRandom;
use secrecy::ExposeSecret;

use crate::inputs::{Reader, Wrong};
use crate::property::{Properties, Property};
use crate::resource::{Resource, ResourceError};
use crate::task::Task;

const PUBLIC_KEY: &str = "publicKey";
const PRIVATE_KEY: &str = "privateKey";

/// Makes pairs of keys.
#[derive(Debug)]
pub(crate) struct SigningKey;

/// Why there is no pair.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningKeyError {
    #[error("making a key: {0}")]
    NoKey(#[from] package::NoKey),
    #[error("a key that was just made cannot be read: {0}")]
    Odd(#[from] package::WrongKey),
}

#[tonic::async_trait]
impl Resource for SigningKey {
    fn replaces(&self) -> &'static [&'static str] {
        &[]
    }

    fn outputs(&self) -> &'static [&'static str] {
        &[PUBLIC_KEY, PRIVATE_KEY]
    }

    async fn check(&self, given: Properties, _: &Task) -> Result<(Properties, Vec<Wrong>), ResourceError> {
        let wrong = Reader::new(&given, &[]).end().err().unwrap_or_default();
        Ok((given, wrong))
    }

    async fn make(&self, _: Properties, _: &Task) -> Result<Properties, ResourceError> {
        Ok(make()?)
    }

    /// It is nowhere but in the state.
    async fn exists(&self, _: &Properties) -> Result<bool, ResourceError> {
        Ok(true)
    }

    async fn delete(&self, _: &Properties, _: &Task) -> Result<(), ResourceError> {
        Ok(())
    }
}

fn make() -> Result<Properties, SigningKeyError> {
    let private = package::SigningKey::generate(&SystemRandom::new())?;
    let public = package::SigningKey::parse(&private)?.public_key();
    let private = Property::Text(private.expose_secret().to_owned());
    Ok(Properties::from([
        (PUBLIC_KEY.to_owned(), Property::Text(public.to_string())),
        (PRIVATE_KEY.to_owned(), private.hidden_if(true)),
    ]))
}
