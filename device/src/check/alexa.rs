//! The way to Alexa: the stack in AWS, who has linked the skill, and where he is told.

use alexa::Region;
use alexa::grant::Grant;
use http_client::told;

use super::Finding;
use crate::announce::Refreshed;
use crate::cloud::Cloud;
use crate::event::Renewal;
use crate::settings::Settings;

/// Looks at it hop by hop, as far as it leads.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let cloud = match Cloud::new(settings) {
        Ok(cloud) => cloud,
        Err(error) => {
            let remedy = "see that the package ca-certificates is installed";
            return vec![Finding::of("tls", Err(told(&error)), remedy)];
        }
    };
    let grants = match cloud.grants().await {
        Ok(grants) => grants,
        Err(why) => {
            let remedy = "see that this machine is on the internet, that region and parameters under [aws] are those of \
                          the stack, and that its keys are the newest: `pulumi stack output` shows them";
            return vec![Finding::of("aws", Err(why), remedy)];
        }
    };
    let mut findings = vec![Finding::of("aws", Ok(format!("{} is there", settings.aws.parameters)), "")];
    let open: Vec<Grant> = grants.into_iter().filter(|grant| grant.ended.is_none()).collect();
    let regions = Region::ALL.map(|region| open.iter().any(|grant| grant.region == region).then_some(region));
    findings.push(grants_of(&cloud, open).await);
    for region in regions.into_iter().flatten() {
        let found = cloud.reach(region).await.map(|()| "it answers".to_owned());
        let remedy =
            "see that this machine may call api.amazonalexa.com, and its like in other regions, by https";
        findings.push(Finding::of(&format!("gateway {}", region.code()), found, remedy));
    }
    findings
}

/// Whether those who have linked the skill can be told.
async fn grants_of(cloud: &Cloud, open: Vec<Grant>) -> Finding {
    let count = open.len();
    if count == 0 {
        let remedy = "enable the skill in the Alexa app, and link it";
        return Finding::of("grants", Err("nobody has linked the skill".to_owned()), remedy);
    }
    for grant in open {
        let (Refreshed::Failed(why) | Refreshed::Over(why)) = cloud.refreshed(grant, Renewal::IfDue).await
        else {
            continue;
        };
        let remedy = "if it stays so, disable the skill in the Alexa app and enable it again";
        return Finding::of("grants", Err(why), remedy);
    }
    let users = if count == 1 { "1 user is told".to_owned() } else { format!("{count} users are told") };
    Finding::of("grants", Ok(users), "")
}
