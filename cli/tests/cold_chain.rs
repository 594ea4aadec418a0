//! `galen cold-chain`: its JSON is a public interface.

mod common;

use common::{error, World};
use serde_json::{json, Value};

fn mkt(world: &World, readings: &str) -> (i32, Value) {
    world.write("readings.csv", readings);
    world.run(&["cold-chain", "mkt", "readings.csv"])
}

#[test]
fn worked_examples() {
    let world = World::new();
    for (readings, expected) in [
        (
            "hours,celsius\n18,5\n6,14\n",
            json!({"mkt_celsius": 8.285, "hours": 24.0, "min_celsius": 5.0, "max_celsius": 14.0}),
        ),
        (
            "hours,celsius\n20,5\n4,12\n",
            json!({"mkt_celsius": 6.65, "hours": 24.0, "min_celsius": 5.0, "max_celsius": 12.0}),
        ),
        (
            "hours,celsius\n720,25\n",
            json!({"mkt_celsius": 25.0, "hours": 720.0, "min_celsius": 25.0, "max_celsius": 25.0}),
        ),
        (
            "hours,celsius\n0.333333,-2.5\n0.333333,-2.5\n0.333334,-2.5\n",
            json!({"mkt_celsius": -2.5, "hours": 1.0, "min_celsius": -2.5, "max_celsius": -2.5}),
        ),
    ] {
        assert_eq!(mkt(&world, readings), (0, expected), "{readings}");
    }
}

#[test]
fn a_bad_line_is_named() {
    let world = World::new();
    let (exit, answer) = mkt(&world, "hours,celsius\n1,5\n1,warm\n");
    assert_eq!(exit, 1);
    assert_eq!(
        error(&answer),
        ("not_a_number".to_owned(), "line 3, celsius".to_owned())
    );
}

#[test]
fn the_check_decides_and_its_exit_code_says_so() {
    let world = World::new();
    world.write("warm.csv", "hours,celsius\n18,5\n6,14\n");
    world.write("fine.csv", "hours,celsius\n20,5\n4,12\n");
    let (exit, answer) = world.run(&["cold-chain", "check", "warm.csv", "--profile", "cold"]);
    assert_eq!(
        (exit, &answer["verdict"], &answer["reason"]),
        (1, &json!("quarantine"), &json!("mean_too_high"))
    );
    let (exit, answer) = world.run(&["cold-chain", "check", "fine.csv", "--profile", "cold"]);
    assert_eq!(
        (exit, answer),
        (
            0,
            json!({"verdict": "allowed_excursion", "reason": null, "highest_mkt_celsius": 6.65, "min_celsius": 5.0,
                   "max_celsius": 12.0, "excursion_minutes": 240})
        )
    );
}
