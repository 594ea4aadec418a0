//! Leaf files: built, proved from, damaged.

use std::io::Cursor;

use galen_batch::{build, BatchError, Built, Leaves, Options};
use galen_rules::merkle::{Level, Subtree};

const OPTIONS: Options = Options {
    gtin: *b"09524000059109",
    packs_in_case: 48,
    cases_in_pallet: 5,
    salted: true,
};

fn list(count: u64) -> String {
    (0..count)
        .map(|number| format!("S{:x}\n", number * 7_919))
        .collect()
}

fn built(serials: &str, options: Options) -> Result<(Built, Vec<u8>), BatchError> {
    let mut file = Vec::new();
    build(serials.as_bytes(), &mut file, options, |_| ()).map(|built| (built, file))
}

fn code(result: Result<(Built, Vec<u8>), BatchError>) -> (&'static str, String) {
    let error = result.map(|(built, _)| built).expect_err("refused");
    (error.code(), error.to_string())
}

#[test]
fn every_pack_is_proved_against_the_root_and_no_other() {
    for (count, packs_in_case, cases_in_pallet) in [
        (1, 1, 1),
        (5, 2, 2),
        (700, 48, 5),
        (2_500, 7, 3),
        (3_000, 1, 1),
        (1_024, 1_024, 1),
    ] {
        let options = Options {
            packs_in_case,
            cases_in_pallet,
            ..OPTIONS
        };
        let (built, file) = built(&list(count), options).expect("built");
        let (other, _) = self::built(&list(count), options).expect("built");
        assert_ne!(built.root, other.root, "salts make every root another");
        assert_eq!((built.count, built.file_length), (count, file.len() as u64));
        let mut leaves = Leaves::open(Cursor::new(&file)).expect("opened");
        assert_eq!(
            (leaves.root(), leaves.count(), leaves.layout()),
            (built.root, count, built.layout)
        );
        for number in (0..count).step_by(usize::try_from(count / 60 + 1).expect("small")) {
            let proof = leaves
                .prove(&format!("S{:x}", number * 7_919))
                .expect("proved");
            assert!(proof.holds(&built.root), "{number}");
            assert!(!proof.holds(&other.root));
            let case = number / u64::from(packs_in_case);
            assert_eq!(
                proof.index_at(Level::Pallet),
                case / u64::from(cases_in_pallet)
            );
            let mut wrong = proof.clone();
            wrong.serial.push('x');
            assert!(!wrong.holds(&built.root));
            let mut wrong = proof.clone();
            wrong.salt[0] ^= 1;
            assert!(!wrong.holds(&built.root));
            let mut wrong = proof;
            wrong.index ^= 1;
            assert!(!wrong.holds(&built.root) || wrong.siblings.is_empty());
        }
        for unknown in ["", "S", "s0", "S0 ", "a serial number that is too long"] {
            assert_eq!(
                leaves.prove(unknown).expect_err("refused").code(),
                "unknown_serial"
            );
        }
        assert_eq!(leaves.check().expect("whole"), built.file_hash);
    }
}

#[test]
fn without_salts_the_root_is_that_of_the_list() {
    let options = Options {
        salted: false,
        ..OPTIONS
    };
    let (one, file) = built(&list(500), options).expect("built");
    let (two, same) = built(&list(500).replace('\n', "\r\n"), options).expect("built");
    assert_eq!((one, &file), (two, &same));
    let (marked, _) = built(&format!("\u{feff}{}", list(500).trim_end()), options).expect("built");
    assert_eq!(marked, one);
    let swapped = list(500).replacen("S0\nS1eef\n", "S1eef\nS0\n", 1);
    assert_ne!(swapped, list(500));
    assert_ne!(built(&swapped, options).expect("built").0.root, one.root);
}

#[test]
fn bad_lists_are_refused_by_line() {
    assert_eq!(code(built("", OPTIONS)).0, "no_serials");
    for (serials, line) in [
        ("A\n\nB\n", 2),
        ("A\nB C\n", 2),
        ("123456789012345678901\n", 1),
        ("A\nB\nC\u{e9}\n", 3),
        ("\n", 1),
    ] {
        let (code, message) = code(built(serials, OPTIONS));
        assert_eq!(code, "bad_serial");
        assert!(message.starts_with(&format!("Line {line}: ")), "{message}");
    }
    let (code_, message) = code(built("A\nB\nC\nB\n", OPTIONS));
    assert_eq!(code_, "repeated_serial");
    assert!(message.contains("B stands on lines 2 and 4"), "{message}");
    // Case matters: these are two.
    assert!(built("a\nA\n", OPTIONS).is_ok());
    assert_eq!(
        code(built(
            "A\n",
            Options {
                gtin: *b"09524000059108",
                ..OPTIONS
            }
        ))
        .0,
        "bad_gtin"
    );
    for (packs_in_case, cases_in_pallet) in [(0, 1), (1, 0), (u32::MAX, u32::MAX)] {
        assert_eq!(
            code(built(
                "A\n",
                Options {
                    packs_in_case,
                    cases_in_pallet,
                    ..OPTIONS
                }
            ))
            .0,
            "bad_layout"
        );
    }
}

#[test]
fn damage_is_found() {
    // Cases of 48 in 64, pallets of 5 in 8: more than one node is kept.
    let (built, file) = built(&list(900), OPTIONS).expect("built");
    let open = |file: &[u8]| Leaves::open(Cursor::new(file.to_vec()));
    let refused = |file: &[u8]| match open(file) {
        Err(error) => Some(error.code()),
        Ok(mut leaves) => leaves.check().err().map(|error| error.code()),
    };
    assert_eq!(refused(&file), None);
    assert_eq!(refused(b""), Some("not_a_leaf_file"));
    assert_eq!(refused(&[0; 500]), Some("not_a_leaf_file"));
    for length in [200, file.len() - 1, file.len() / 2] {
        assert_eq!(
            refused(&file[..length]),
            Some("leaf_file_damaged"),
            "{length}"
        );
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(refused(&longer).is_some());
    // Any byte.
    for at in (0..file.len())
        .step_by(499)
        .chain(file.len() - 50..file.len())
    {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(refused(&changed).is_some(), "{at}");
    }
    // Two packs exchanged.
    let mut reordered = file.clone();
    let record = |number: usize| 64 + number * 36..64 + (number + 1) * 36;
    reordered[record(10)].copy_from_slice(&file[record(11)]);
    reordered[record(11)].copy_from_slice(&file[record(10)]);
    assert_eq!(refused(&reordered), Some("leaf_file_damaged"));
    // A proof from a changed file is refused before it is given out.
    let mut changed = file.clone();
    changed[record(5)][0] ^= 1;
    let proof = open(&changed).expect("opened").prove("S0");
    assert_eq!(proof.expect_err("refused").code(), "leaf_file_damaged");
    assert!(open(&file)
        .expect("opened")
        .prove("S0")
        .expect("proved")
        .holds(&built.root));
}

#[test]
fn what_is_in_a_place() {
    for (count, packs_in_case, cases_in_pallet) in
        [(1, 1, 1), (5, 2, 2), (700, 48, 5), (2_500, 7, 3)]
    {
        let options = Options {
            packs_in_case,
            cases_in_pallet,
            ..OPTIONS
        };
        let (_, file) = built(&list(count), options).expect("built");
        let mut leaves = Leaves::open(Cursor::new(&file)).expect("opened");
        for level in Level::ALL {
            let mut all = Vec::new();
            for index in 0..leaves.layout().places(level) {
                let of = Subtree { level, index };
                let packs = leaves.packs_in(of).expect("read");
                assert_eq!(packs.len() as u64, leaves.count_in(of));
                let height = leaves.layout().height(level);
                assert!(packs.iter().all(|(pack, _)| pack >> height == index));
                all.extend(packs);
            }
            let serials: Vec<_> = all
                .iter()
                .map(|(_, serial)| format!("{serial}\n"))
                .collect();
            assert_eq!(serials.concat(), list(count), "{level:?}");
            for (index, serial) in all.iter().step_by(97) {
                assert_eq!(leaves.place_of(serial).expect("read"), Some(*index));
            }
        }
        assert_eq!(leaves.place_of("no such serial").expect("read"), None);
        let beyond = Subtree {
            level: Level::Case,
            index: leaves.layout().places(Level::Case),
        };
        assert_eq!(leaves.count_in(beyond), 0);
    }
}
