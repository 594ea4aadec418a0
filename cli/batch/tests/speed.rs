//! How fast, and in how much memory: at release size with `GALEN_SOAK=1 cargo test --release -p galen-batch --test speed
//! -- --nocapture`, small otherwise.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::time::Duration;

use galen_batch::{build, Leaves, Options};

const OPTIONS: Options = Options {
    gtin: *b"09524000059109",
    packs_in_case: 48,
    cases_in_pallet: 40,
    salted: true,
};

/// The largest size that this process has had, in bytes, as the kernel counts it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(
        line.trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<u64>()
            .ok()?
            * 1024,
    )
}

/// The time that this thread has had a processor, so that others on the machine do not count.
fn processor_time() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = times
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn serial(number: u64) -> String {
    let mut text = String::new();
    // Scattered, so that their order is not that of the list.
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    write!(text, "{scattered:016X}").expect("written");
    text
}

fn measure(count: u64) -> (Duration, Vec<Duration>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (list, path) = (folder.path().join("serials"), folder.path().join("leaves"));
    let mut writer = BufWriter::new(File::create(&list).expect("created"));
    for number in 0..count {
        writeln!(writer, "{}", serial(number)).expect("written");
    }
    drop(writer);
    let started = processor_time();
    let serials = BufReader::with_capacity(1 << 20, File::open(&list).expect("opened"));
    let built = build(
        serials,
        File::create(&path).expect("created"),
        OPTIONS,
        |_| (),
    )
    .expect("built");
    let building = processor_time().saturating_sub(started);
    assert_eq!(built.count, count);
    let proving = (0..200)
        .map(|round| {
            let started = processor_time();
            let mut leaves = Leaves::open(File::open(&path).expect("opened")).expect("opened");
            let proof = leaves
                .prove(&serial(round * (count / 200)))
                .expect("proved");
            assert!(proof.holds(&built.root));
            processor_time().saturating_sub(started)
        })
        .collect();
    (building, proving)
}

#[test]
fn a_million_packs_and_ten() {
    let at_release_size = std::env::var_os("GALEN_SOAK").is_some();
    let sizes: &[u64] = if at_release_size {
        &[1_000_000, 10_000_000]
    } else {
        &[20_000]
    };
    for count in sizes {
        let (building, mut proving) = measure(*count);
        proving.sort();
        let percentile = proving[proving.len() * 95 / 100];
        let memory = peak_memory();
        println!("{count} packs: built in {building:?}, proved in {percentile:?} (p95), peak memory {memory:?} bytes");
        if at_release_size && !cfg!(debug_assertions) {
            assert!(
                *count > 1_000_000 || building <= Duration::from_secs(2),
                "{building:?}"
            );
            assert!(memory.is_none_or(|bytes| bytes <= 1 << 30), "{memory:?}");
            assert!(percentile <= Duration::from_millis(50), "{percentile:?}");
        }
    }
}
