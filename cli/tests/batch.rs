//! `galen batch`: built, proved, verified, checked.

mod common;

use common::{error, World};
use serde_json::{json, Value};

const GTIN: &str = "09524000059109";

fn built(world: &World, serials: &str) -> (i32, Value) {
    world.write("serials.txt", serials);
    world.run(&[
        "batch",
        "build",
        "serials.txt",
        "--gtin",
        GTIN,
        "--packs-per-case",
        "3",
        "--cases-per-pallet",
        "2",
        "--leaves",
        "batch.leaves",
    ])
}

fn list(count: u32) -> String {
    (0..count).map(|number| format!("S{number}\n")).collect()
}

#[test]
fn a_pack_is_proved_and_a_forged_proof_is_not() {
    let world = World::new();
    let (exit, batch) = built(&world, &list(20));
    assert_eq!(exit, 0);
    assert_eq!((&batch["count"], &batch["depth"]), (&json!(20), &json!(5)));
    assert_eq!(
        batch["layout"],
        json!({"case_bits": 2, "pallet_bits": 1, "batch_bits": 2})
    );
    let root = batch["root"].as_str().expect("a root");
    let (exit, checked) = world.run(&["batch", "check", "batch.leaves"]);
    assert_eq!(
        (exit, &checked["root"], &checked["sha256"]),
        (0, &batch["root"], &batch["leaf_file"]["sha256"])
    );

    let (exit, proof) = world.run(&["batch", "prove", "batch.leaves", "--serial", "S7"]);
    assert_eq!(
        (exit, &proof["pallet"], &proof["case"], &proof["index"]),
        (0, &json!(1), &json!(2), &json!(9))
    );
    let verify = |proof: &Value, root: &str| {
        world.json("proof.json", proof);
        world.run(&["batch", "verify", "proof.json", "--root", root])
    };
    assert_eq!(
        verify(&proof, root),
        (0, json!({"valid": true, "gtin": GTIN, "serial": "S7"}))
    );
    assert_eq!(verify(&proof, &"0".repeat(64)).0, 1);
    let with = |field: &str, value: Value| {
        let mut forged = proof.clone();
        forged[field] = value;
        forged
    };
    for forged in [
        with("serial", json!("S8")),
        with("gtin", json!("09524000059116")),
    ] {
        let (exit, answer) = verify(&forged, root);
        assert_eq!((exit, &answer["valid"]), (1, &json!(false)));
    }
    for (forged, at) in [
        (with("case", json!(3)), "case"),
        (with("salt", json!("00")), "salt"),
        (with("siblings", json!(["x"])), "siblings[0]"),
    ] {
        let (exit, answer) = verify(&forged, root);
        assert_eq!(
            (exit, error(&answer)),
            (1, ("bad_proof".to_owned(), at.to_owned()))
        );
    }
    let (exit, answer) = verify(&with("extra", json!(1)), root);
    assert_eq!((exit, error(&answer).0.as_str()), (1, "unknown_field"));
    let (exit, answer) = world.run(&["batch", "prove", "batch.leaves", "--serial", "s7"]);
    assert_eq!((exit, error(&answer).0.as_str()), (1, "unknown_serial"));
}

#[test]
fn a_bad_list_leaves_nothing_behind() {
    let world = World::new();
    for (serials, code) in [
        ("A\nB\nA\n", "repeated_serial"),
        ("A\n\n", "bad_serial"),
        ("", "no_serials"),
    ] {
        let (exit, answer) = built(&world, serials);
        assert_eq!((exit, error(&answer).0.as_str()), (1, code));
        let left: Vec<_> = std::fs::read_dir(world.folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| name.to_string_lossy().contains("leaves"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert_eq!(built(&world, "A\n").0, 0);
    let (exit, answer) = built(&world, "A\n");
    assert_eq!((exit, error(&answer).0.as_str()), (1, "file_exists"));
    let (exit, answer) = world.run(&[
        "batch",
        "build",
        "serials.txt",
        "--gtin",
        "123",
        "--leaves",
        "x",
    ]);
    assert_eq!((exit, error(&answer).0.as_str()), (1, "bad_gtin"));
}

#[test]
fn a_leaf_file_that_was_cut_reordered_or_swapped_proves_nothing() {
    let world = World::new();
    let (exit, batch) = built(&world, &list(20));
    assert_eq!(exit, 0);
    let good = std::fs::read(world.path("batch.leaves")).expect("the leaf file");
    let record = |number: usize| 64 + number * 36..64 + (number + 1) * 36;
    let mut reordered = good.clone();
    reordered[record(3)].copy_from_slice(&good[record(4)]);
    reordered[record(4)].copy_from_slice(&good[record(3)]);
    let mut salted = good.clone();
    salted[record(7)][0] ^= 1;
    for (name, bytes, code) in [
        ("cut.leaves", &good[..good.len() / 2], "leaf_file_damaged"),
        ("headless.leaves", &good[36..], "not_a_leaf_file"),
        ("empty.leaves", &[][..], "not_a_leaf_file"),
        ("reordered.leaves", &reordered[..], "leaf_file_damaged"),
        ("salted.leaves", &salted[..], "leaf_file_damaged"),
    ] {
        std::fs::write(world.path(name), bytes).expect("written");
        let prove = ["batch", "prove", name, "--serial", "S7"];
        for command in [&prove[..], &["batch", "check", name]] {
            let (exit, answer) = world.run(command);
            assert_eq!((exit, error(&answer).0.as_str()), (1, code), "{command:?}");
        }
    }
    // A proof from another batch of the same packs: the salts differ, and so does the root.
    world.write("serials.txt", &list(20));
    let again = [
        "batch",
        "build",
        "serials.txt",
        "--gtin",
        GTIN,
        "--packs-per-case",
        "3",
        "--cases-per-pallet",
        "2",
        "--leaves",
        "other.leaves",
    ];
    assert_eq!(world.run(&again).0, 0);
    let (_, proof) = world.run(&["batch", "prove", "other.leaves", "--serial", "S7"]);
    world.json("proof.json", &proof);
    let root = batch["root"].as_str().expect("a root");
    let (exit, answer) = world.run(&["batch", "verify", "proof.json", "--root", root]);
    assert_eq!((exit, &answer["valid"]), (1, &json!(false)));
}
