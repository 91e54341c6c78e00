//! Account linking.

use smapi::{Document, Linked};

use crate::play::{Play, linking, manifest, no_skill};

#[tokio::test]
async fn accounts_are_linked_as_they_were_set_and_the_secret_is_never_told() {
    let (play, skill) = Play::with_skill().await;
    let client = &play.client;
    assert_eq!(client.account_linking(&skill).await.unwrap(), None);
    client.set_account_linking(&skill, &linking()).await.unwrap();
    let linked = client.account_linking(&skill).await.unwrap().unwrap();
    assert!(linking().is(&linked), "{linked:?}");
    let secret = play.fake.with(|smapi| smapi.linking_secret(skill.as_str()).map(str::to_owned));
    assert_eq!(secret.as_deref(), Some("planted-linking-secret"));
    let changed = smapi::AccountLinking { scopes: Vec::new(), ..linking() };
    assert!(!changed.is(&linked));
    client.set_account_linking(&skill, &changed).await.unwrap();
    assert!(changed.is(&client.account_linking(&skill).await.unwrap().unwrap()));

    client.delete_account_linking(&skill).await.unwrap();
    client.delete_account_linking(&skill).await.unwrap();
    assert_eq!(client.account_linking(&skill).await.unwrap(), None);
    assert_eq!(client.account_linking(&no_skill()).await.unwrap(), None);
}

#[tokio::test]
async fn a_build_may_take_the_linking_away_which_is_seen() {
    for resets in [false, true] {
        let (play, skill) = Play::with_skill().await;
        play.fake.with(|smapi| smapi.behaviour.builds_reset_linking = resets);
        play.client.set_account_linking(&skill, &linking()).await.unwrap();
        play.client.update_manifest(&skill, &Document::new(&manifest()), None).await.unwrap();
        play.built(&skill).await;
        let linked: Option<Linked> = play.client.account_linking(&skill).await.unwrap();
        assert_eq!(linked.is_none(), resets);
    }
}

#[tokio::test]
async fn a_url_that_amazon_does_not_take_is_refused_with_its_words() {
    let (play, skill) = Play::with_skill().await;
    let open =
        smapi::AccountLinking { authorization_url: "http://link.example.com/".parse().unwrap(), ..linking() };
    let error = play.client.set_account_linking(&skill, &open).await.unwrap_err().to_string();
    assert!(error.contains("$.accountLinkingRequest.authorizationUrl is not text that begins with https://"));
    assert!(!error.contains("planted"), "{error}");
}
