//! Houses in Europe and in the Far East: their skills' functions, their customers and their events are there, and a stack keeps
//! what cannot be made again until it is told to let it go.

use alexa::Region;
use sandbox::amazon_driver::AmazonDriver;
use sandbox::bell;
use sandbox::lambda::Lambda;
use sandbox::parts::doorbell::{BELL, KIND};
use sandbox::parts::lambda_runner::{ABROAD, part_abroad};
use sandbox::pulumi::StackConfig;

use crate::door;
use crate::own_skills::skill;
use crate::rig::{Deployed, Ended, Rig, fails, rig};
use crate::skills::client;

/// What holds something that cannot be made again, as the engine names it.
const KEPT: [(&str, &str); 2] =
    [("porch:doorbell.protectTable", "doorbellTable"), ("porch:alexa.protectSkills", "doorbellSkill")];

/// Lambda in `region`.
async fn lambda_in(region: Region, rig: &'static Rig) -> (Lambda, Ended) {
    let layout = &rig.sandbox.layout;
    let part = part_abroad(&rig.sandbox.settings, layout, &rig.tools, &rig.certificates(), region);
    part.unwrap().ensure(layout, &rig.progress).await.unwrap();
    (Lambda::abroad().unwrap(), Ended::at_last(rig, ABROAD))
}

/// A doorbell as a stack in `region` has it that says nothing about what is to be kept.
fn config(rig: &Rig, region: Region) -> StackConfig {
    let config = door::config(rig).with("aws:region", region.aws());
    KEPT.iter().fold(config, |config, (setting, _)| config.without(setting))
}

/// Somebody rings, and the customer's own region of Alexa is told.
async fn rings(rig: &Rig, region: Region, door: &Deployed) {
    rig.sandbox.link_doorbell(&door.stack, &door.lambda, &rig.running.developer).await.unwrap();
    rig.sandbox.start_doorbell(&door.stack, &rig.tools, &rig.progress).await.unwrap();
    let amazon = AmazonDriver::new().unwrap();
    let pressed = bell::press(&rig.sandbox.layout, BELL, &amazon).await.unwrap();
    assert_eq!(pressed.event["region"], region.code());
    KIND.end(&rig.sandbox.layout).unwrap();
}

async fn lives_in(region: Region, name: &str) {
    let rig = rig().await;
    let (lambda, _ended) = lambda_in(region, rig).await;
    let Deployed { stack, .. } = rig.deploy(name, &config(rig, region)).await;
    let door = Deployed { stack, lambda };
    let (skill, (amazon, _)) = (skill(&door.stack).await, client(rig));
    let (document, _) = amazon.manifest(&skill).await.unwrap().unwrap();
    assert_eq!(document.endpoints().unwrap().default.region(), region.aws());
    rings(rig, region, &door).await;

    // Nothing goes while something is to be kept, and each of that is named.
    let before = rig.inventory_in(region, name).await;
    assert!(before.contains(&format!("dynamodb table porch-{name}-doorbell")), "{before:?}");
    let refused = fails(door.stack.pulumi(["destroy", "--yes"])).await;
    for (_, resource) in KEPT {
        assert!(refused.contains(resource), "{resource} is not in\n{refused}");
    }
    assert!(refused.contains("protected"), "{refused}");
    assert_eq!(rig.inventory_in(region, name).await, before);
    rings(rig, region, &door).await;

    let may_go = KEPT.iter().fold(config(rig, region), |config, (setting, _)| config.with(setting, "false"));
    door.change(&may_go).await;
    door.destroy().await;
    assert_eq!(rig.inventory_in(region, name).await, [""; 0], "something is left");
    assert!(amazon.manifest(&skill).await.unwrap().is_none(), "the skill is left");
}

#[tokio::test]
async fn a_house_in_europe_rings_there_and_keeps_its_grants_until_told_otherwise() {
    lives_in(Region::Europe, "europe").await;
}

#[tokio::test]
async fn a_house_in_the_far_east_rings_there_and_keeps_its_grants_until_told_otherwise() {
    lives_in(Region::FarEast, "far-east").await;
}
