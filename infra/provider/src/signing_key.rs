//! `porch:build:SigningKey`: the pair of keys that a stack's packages are signed with, made once and kept in its state.

use ring::rand::SystemRandom;
use secrecy::ExposeSecret;

use crate::inputs::{Reader, Wrong};
use crate::property::{Properties, Property};
use crate::resource::{Existing, Resource, ResourceError, name};
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

    async fn create(&self, urn: &str, inputs: Properties, _: &Task) -> Result<Existing, ResourceError> {
        Ok(Existing { id: name(urn).to_owned(), inputs, state: make()? })
    }

    /// It has no inputs that could change.
    async fn update(&self, old: Existing, _: Properties, _: &Task) -> Result<Properties, ResourceError> {
        Ok(old.state)
    }

    /// It is nowhere but in the state.
    async fn read(&self, known: Existing, _: &Task) -> Result<Option<Existing>, ResourceError> {
        Ok(Some(known))
    }

    async fn delete(&self, _: Existing, _: &Task) -> Result<(), ResourceError> {
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
