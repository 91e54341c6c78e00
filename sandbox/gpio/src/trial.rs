//! Trials, and how the machine's owner gets to know how they went: the console is all there is.

/// How a trial went wrong.
pub(crate) type Wrong = Box<dyn std::error::Error>;

/// Tells how a trial went.
#[expect(clippy::print_stdout, reason = "the console is the way out of the machine")]
pub(crate) fn tell(name: &str, result: Result<(), Wrong>) {
    match result {
        Ok(()) => println!("trial {name}: ok"),
        Err(wrong) => println!("trial {name}: {wrong}"),
    }
}

/// Says that there are no more.
#[expect(clippy::print_stdout, reason = "the console is the way out of the machine")]
pub(crate) fn ended() {
    println!("trials ended");
}
