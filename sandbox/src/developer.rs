//! The developer's account at the fake Amazon, in which the dev stack's skills are made.

use secrecy::SecretString;

use crate::amazon_driver::{AmazonDriver, SecurityProfile};
use crate::error::Result;
use crate::layout::Layout;
use crate::secrets;

/// The developer, as a customer of Amazon.
const ACCOUNT: &str = "developer";
/// The developer, as a vendor of skills.
const VENDOR: &str = "M1SANDBOX";
/// The security profile that makes skills.
const PROFILE: &str = "amzn1.application-oa2-client.developer";
/// The Skill Management API is there for all regions.
const REGION: &str = "NA";

/// What it takes to make skills: what a person gets once, from the developer console and a browser.
#[derive(Clone, Debug)]
pub struct Developer {
    /// "My ID" in the console's settings.
    pub vendor_id: String,
    /// The security profile's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What the developer allowed it.
    pub refresh_token: SecretString,
}

impl Developer {
    /// The security profile, with which customers link skills too.
    #[must_use]
    pub fn profile(&self) -> SecurityProfile {
        SecurityProfile { client_id: self.client_id.clone(), client_secret: self.client_secret.clone() }
    }

    /// Has the developer known to the running fake, with the secrets of the last time if it still takes them.
    ///
    /// # Errors
    /// When the fake does not answer, or a secret cannot be written.
    pub async fn known(layout: &Layout) -> Result<Self> {
        let amazon = AmazonDriver::new()?;
        let client_secret = secrets::made_once(layout, "developer-client")?;
        let profile = SecurityProfile { client_id: PROFILE.into(), client_secret };
        amazon.know_customer(ACCOUNT, REGION).await?;
        amazon.know_vendor(VENDOR, ACCOUNT).await?;
        amazon.know_security_profile(&profile).await?;
        let file = layout.secret("developer-refresh-token");
        let refresh_token = match secrets::kept(&file) {
            Some(kept) if amazon.takes(&kept, &profile).await? => kept,
            Some(_) | None => {
                let refresh_token = amazon.allow_skills(ACCOUNT, &profile).await?;
                secrets::keep(&file, &refresh_token)?;
                refresh_token
            }
        };
        let SecurityProfile { client_id, client_secret } = profile;
        Ok(Self { vendor_id: VENDOR.into(), client_id, client_secret, refresh_token })
    }
}
