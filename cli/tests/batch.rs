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
        // The heading of a table is no pack; GS1 would allow it.
        ("Serial\nA\n", "bad_serial"),
        ("Serial,Other\nA1,2\n", "bad_serial"),
        ("\u{feff}serial_number\nA\n", "bad_serial"),
        ("SN;lot\nA;1\n", "bad_serial"),
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
fn a_serial_number_is_not_a_heading_only_because_it_begins_like_one() {
    let world = World::new();
    let (exit, batch) = built(&world, "SN1\nSerial1\nA,1\n");
    assert_eq!((exit, &batch["count"]), (0, &json!(3)));
    // A comma is allowed, and is looked at by who reads the notes.
    let output = world
        .galen()
        .args(["batch", "build", "serials.txt", "--gtin", GTIN])
        .args(["--leaves", "again.leaves"])
        .output()
        .expect("run");
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        notes.contains("1 of 3 serial numbers have a comma"),
        "{notes}"
    );
}

#[test]
fn a_serial_number_in_another_batch_of_the_product_is_refused() {
    let world = World::new();
    assert_eq!(built(&world, &list(20)).0, 0);
    std::fs::create_dir(world.path("others")).expect("a folder");
    let build = |gtin: &str, serials: &str, leaves: &str, against: &[&str]| {
        world.write("more.txt", serials);
        let mut args = vec!["batch", "build", "more.txt", "--gtin", gtin, "--leaves"];
        args.push(leaves);
        for path in against {
            args.extend(["--against", path]);
        }
        let (exit, answer) = world.run(&args);
        match exit {
            0 => "built".to_owned(),
            _ => error(&answer).0,
        }
    };
    let other_gtin = "09506000134352";
    assert_eq!(build(GTIN, "S20\n", "others/b.leaves", &[]), "built");
    assert_eq!(build(other_gtin, "S7\n", "others/c.leaves", &[]), "built");
    world.write("others/readme.txt", "no leaf file");
    for (serials, against, what) in [
        ("X\nS7\n", &["batch.leaves"][..], "serial_elsewhere"),
        ("X\nS20\n", &["others"], "serial_elsewhere"),
        ("X\nS20\n", &["batch.leaves", "others"], "serial_elsewhere"),
        ("X\nS7\n", &["nowhere.leaves"], "file_missing"),
        ("X\nS7\n", &["others/readme.txt"], "not_a_leaf_file"),
        // Of another product.
        ("X\nS7\n", &["others"], "built"),
    ] {
        let told = build(GTIN, serials, "new.leaves", against);
        assert_eq!(told, what, "{against:?}");
        let is_there = world.path("new.leaves").exists();
        assert_eq!(is_there, what == "built", "{against:?}");
    }
    assert!(!world.path("new.leaves.part").exists());
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
