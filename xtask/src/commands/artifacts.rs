//! `cargo xtask artifacts`: what a stack deploys, in files that everybody can check.

use std::path::PathBuf;

use porch_provider::Architecture;
use sandbox::artifacts::{self, FUNCTIONS, Wanted};
use sandbox::interrupt::unless_interrupted;
use sandbox::progress::Progress;
use sandbox::{Result, Sandbox};

use super::print;

/// What is built, and where it is written.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Artifacts {
    /// Folder that the files are written into
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    output: PathBuf,
    /// Functions whose images are built; none builds no image
    #[arg(long, value_name = "FUNCTION,...", value_delimiter = ',', default_value = "bridge,doorbell")]
    functions: Vec<Function>,
    /// What the images are for: x86_64 or arm64
    #[arg(long, default_value = "arm64", value_parser = |text: &str| text.parse::<Architecture>())]
    architecture: Architecture,
    /// What the daemon's packages are for, as Debian says it; none builds no package
    #[arg(long, value_name = "ARCHITECTURE,...", value_delimiter = ',', default_value = "arm64")]
    packages: Vec<Package>,
}

/// One of the functions, or none of them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Function {
    Bridge,
    Doorbell,
    None,
}

/// One of Debian's architectures, or none of them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Package {
    Arm64,
    Armhf,
    Amd64,
    None,
}

const AFTER_HELP: &str = "\
Each image is an archive of an OCI image layout, each package a .deb, and beside each is what it is made of (CycloneDX). The
same commit gives the same files: `sha256sum --check SHA256SUMS` compares yours with somebody else's. A package built on
a machine whose Rust is another one, or an image whose compiler is, differs.";

impl Artifacts {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let packages: Vec<package::Architecture> =
            self.packages.iter().filter_map(|package| package.architecture()).collect();
        let functions: Vec<artifacts::Function> =
            self.functions.iter().filter_map(|function| function.known()).collect();
        let wanted = Wanted { functions: &functions, architecture: self.architecture, packages: &packages };
        let progress = Progress::on_stderr();
        let files = unless_interrupted(sandbox.write_artifacts(&wanted, &self.output, &progress)).await?;
        print(
            files.iter().map(|file| format!("{}\n", self.output.join(file).display())).collect::<String>(),
        )?;
        Ok(0)
    }
}

impl Function {
    fn known(self) -> Option<artifacts::Function> {
        let name = clap::ValueEnum::to_possible_value(&self)?;
        FUNCTIONS.into_iter().find(|function| function.name == name.get_name())
    }
}

impl Package {
    fn architecture(self) -> Option<package::Architecture> {
        match self {
            Self::Arm64 => Some(package::Architecture::Arm64),
            Self::Armhf => Some(package::Architecture::Armhf),
            Self::Amd64 => Some(package::Architecture::Amd64),
            Self::None => None,
        }
    }
}
