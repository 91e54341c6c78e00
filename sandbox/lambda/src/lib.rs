//! Runs deployed Lambda functions on this machine, as Lambda would: the image the function names, pulled by
//! digest, in a root file system of its own, under AWS's runtime interface emulator, frozen between invocations.
//!
//! An invocation travels [`api`] -> [`functions`] (which environment answers) -> [`environment`] (the process
//! tree) and back. What a function is comes from the AWS emulator ([`emulator`], [`function`]); what it runs
//! comes from [`image`]. What it logs goes to the emulator's CloudWatch ([`cloudwatch`]).
//!
//! Two things differ from AWS on purpose: the function's environment has `AWS_ENDPOINT_URL` naming the emulator,
//! and its trust store has the sandbox's own certificate authority. Three differ because the emulator can do no
//! better: a function's initialisation counts towards its timeout, memory is not limited, and an answer is taken
//! for a function's error by its shape (`environment::answer` says how).

pub mod api;
pub mod cloudwatch;
pub mod credentials;
pub mod emulator;
pub mod environment;
pub mod failure;
pub mod function;
pub mod functions;
pub mod image;
pub mod settings;
