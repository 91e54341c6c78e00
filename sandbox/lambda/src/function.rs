//! A function's configuration, as Lambda's `GetFunction` answers it, and only what running it needs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::image::{ImageReference, WrongReference};

/// Everything that decides how a function runs: when any of it changes, its environment is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionConfiguration {
    /// Name, as in the path of an invocation.
    pub name: String,
    /// The function's ARN.
    pub arn: String,
    /// `$LATEST`: the only version this runner knows.
    pub version: String,
    /// ARN of the role whose credentials the function gets.
    pub role: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Memory in MB; told to the function, not enforced.
    pub memory_mb: u32,
    /// Size of `/tmp` in MB.
    pub storage_mb: u32,
    /// The processor it is built for.
    pub architecture: Architecture,
    /// The image, by digest.
    pub image: ImageReference,
    /// What the function uses instead of the image's own entry point, arguments and folder.
    pub overrides: ImageOverrides,
    /// The function's own environment variables.
    pub variables: Variables,
    /// Name of its log group.
    pub log_group: String,
    /// When it was made or changed: one that was deleted and made again is another function, however alike.
    pub last_modified: String,
}

/// A processor architecture, as Lambda names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Architecture {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// This machine's, when Lambda has it.
    pub fn host() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// As an image's configuration names it.
    pub fn in_image(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

/// Environment variables whose values may be secret: `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Variables(pub BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// Lambda's `ImageConfig`; an empty part leaves the image's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageOverrides {
    /// Instead of the image's ENTRYPOINT.
    pub entry_point: Vec<String>,
    /// Instead of the image's CMD.
    pub command: Vec<String>,
    /// Instead of the image's WORKDIR.
    pub working_directory: String,
}

/// Why a function cannot be run from what `GetFunction` said.
#[derive(Debug, thiserror::Error)]
pub enum WrongConfiguration {
    /// Not the JSON that Lambda's API documents.
    #[error("GetFunction's answer is not understood: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A zip function.
    #[error("function {0} is not built from an image; only functions with PackageType Image run here")]
    NotAnImage(String),
    /// An image named by tag, or not in ECR's form.
    #[error("function {name}: {source}")]
    Image {
        /// The function.
        name: String,
        /// What is wrong with the name of its image.
        source: WrongReference,
    },
}

impl FunctionConfiguration {
    /// Reads `GetFunction`'s answer.
    pub fn read(answer: &[u8]) -> Result<Self, WrongConfiguration> {
        let GetFunction { configuration: found, code } = serde_json::from_slice(answer)?;
        let name = found.function_name;
        // On AWS the resolved name has the digest even when the function was made from a tag.
        let Some(uri) = code.resolved_image_uri.or(code.image_uri) else {
            return Err(WrongConfiguration::NotAnImage(name));
        };
        let image = uri.parse().map_err(|source| WrongConfiguration::Image { name: name.clone(), source })?;
        let default_group = || format!("/aws/lambda/{name}");
        Ok(Self {
            log_group: found.logging_config.and_then(|config| config.log_group).unwrap_or_else(default_group),
            last_modified: found.last_modified,
            arn: found.function_arn,
            version: found.version,
            role: found.role,
            timeout: Duration::from_secs(found.timeout),
            memory_mb: found.memory_size,
            storage_mb: found.ephemeral_storage.map_or(512, |storage| storage.size),
            architecture: found.architectures.first().copied().unwrap_or(Architecture::X86_64),
            image,
            overrides: found
                .image_config_response
                .and_then(|response| response.image_config)
                .unwrap_or_default(),
            variables: found.environment.and_then(|environment| environment.variables).unwrap_or_default(),
            name,
        })
    }

    /// The region of the function's ARN, `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetFunction {
    configuration: Configuration,
    code: Code,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    function_name: String,
    function_arn: String,
    version: String,
    role: String,
    timeout: u64,
    memory_size: u32,
    last_modified: String,
    #[serde(default)]
    architectures: Vec<Architecture>,
    ephemeral_storage: Option<EphemeralStorage>,
    environment: Option<Environment>,
    image_config_response: Option<ImageConfigResponse>,
    logging_config: Option<LoggingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Code {
    image_uri: Option<String>,
    resolved_image_uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EphemeralStorage {
    size: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: Option<Variables>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImageConfigResponse {
    image_config: Option<ImageOverrides>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingConfig {
    log_group: Option<String>,
}
