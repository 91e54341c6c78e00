//! A month of the daemon, from the edges of its buttons to the file of its history: nothing of it grows.
//!
//! What has effects is played as far as time would have to pass for it: Amazon, the table and the integrations answer by
//! a plan, and the history is the real one, in a real folder.

mod house;
mod seen;
mod settings;
mod weather;

use peak_alloc::PeakAlloc;

use house::House;

/// Counts what this program has of memory, but for what SQLite has.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The least bounds that the settings allow are 16 MB; in a month twice as much is taken in.
const MEGABYTES: u32 = 16;
const VISITS: u32 = 300;

/// How much more memory there may be three weeks later. A single press that is not forgotten by itself takes some hundred
/// bytes, and there are 500 meanwhile.
const MORE: usize = 4096;

#[tokio::test]
async fn a_month_of_visitors_trials_and_outages_leaves_neither_memory_nor_files_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = House::new(folder.path(), VISITS, MEGABYTES);
    let mut memory = Vec::new();
    for _week in 0..4 {
        for _day in 0..7 {
            house.live_for_a_day().await;
            let files = files(folder.path());
            let bytes: u64 = files.iter().sum();
            assert!(files.len() <= 2 && bytes <= u64::from(MEGABYTES) * 1024 * 1024, "{files:?}");
        }
        memory.push(MEMORY.current_usage());
    }
    println!("bytes after each week: {memory:?}; {:?}", house.seen);
    assert!(memory[3] <= memory[0] + MORE, "bytes after each week: {memory:?}");
    let state = house.history.state().borrow().clone();
    assert_eq!((state.visits, state.trouble), (u64::from(VISITS), None));
    house.seen.check();
}

/// The size of each file in a folder.
fn files(folder: &std::path::Path) -> Vec<u64> {
    let files = std::fs::read_dir(folder).expect("a folder");
    files.map(|file| file.and_then(|file| file.metadata()).expect("a file").len()).collect()
}
