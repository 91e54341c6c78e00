//! Whatever happens on the way, one skill comes of it.

use smapi::fake::{FakeSmapi, Refusal};
use smapi::{Client, Document, SkillId, SmapiError};

use crate::play::{Play, manifest, vendor};

/// What a caller does who wants one skill of this name, however often it has to begin anew.
async fn want(client: &Client) -> Result<SkillId, SmapiError> {
    let found = client.skills_named(&vendor(), "Front door").await?;
    let skill = match found.into_iter().next() {
        Some(found) => found.skill_id,
        None => client.create_skill(&vendor(), &Document::new(&manifest())).await?,
    };
    client.await_build(&skill, &mut |_| {}).await?;
    Ok(skill)
}

#[tokio::test]
async fn a_skill_whose_making_was_not_answered_is_found_again() {
    let play = Play::new().await;
    play.fake.answer_next(Refusal::LostAnswer);
    let error = play.client.create_skill(&vendor(), &Document::new(&manifest())).await.unwrap_err();
    assert!(error.may_be_done(), "{error}");
    let lost = play.fake.with(|smapi| smapi.skills().next().map(str::to_owned)).unwrap();
    assert_eq!(want(&play.client).await.unwrap().as_str(), lost);
}

/// splitmix64
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[tokio::test]
async fn a_caller_who_begins_anew_ends_with_one_skill() {
    for first in 0..60_u64 {
        let mut seed = first;
        let play = Play::new().await;
        for _ in 0..next(&mut seed) % 12 {
            let refusal = match next(&mut seed) % 8 {
                0 => Refusal::TooManyRequests,
                1 => Refusal::InternalError,
                2 => Refusal::Unavailable,
                3 => Refusal::LostAnswer,
                4 => Refusal::Unauthorized,
                5 => Refusal::Nonsense("<html>".into()),
                _ => Refusal::Truth,
            };
            play.fake.answer_next(refusal);
        }
        let mut tries = 0;
        let skill = loop {
            tries += 1;
            match want(&play.client).await {
                Ok(skill) => break skill,
                Err(error) => assert!(tries < 20, "seed {first}: {error}"),
            }
        };
        let skills = play.fake.with(|smapi| smapi.skills().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(skills, [skill.as_str()], "seed {first} after {tries} tries");
        assert!(play.fake.bodies().iter().all(|body| body["vendorId"] == FakeSmapi::VENDOR), "seed {first}");
    }
}
