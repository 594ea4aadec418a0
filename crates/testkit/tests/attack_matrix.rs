//! The attack matrix of each program. `cargo xtask test` prints the counts; with `--nocapture` this prints the reasons too, for
//! which an attack is accepted.

use galen_testkit::attack::{run, Report};
use galen_testkit::Program;

fn withstands(program: Program) {
    let report = run(program);
    print(program, &report);
    assert!(
        report.failures.is_empty(),
        "{} of {} cells of {} not withstood:\n{}",
        report.failures.len(),
        report.account_cells + report.data_cells,
        program.name(),
        report.failures.join("\n")
    );
}

fn print(program: Program, report: &Report) {
    let allowed: usize = report.allowed.values().sum();
    println!(
        "figure: the attack matrix of {}: {} attacks on accounts, {} on arguments: {} refused, {} without effect, \
         {} valid values done (after {} of them the books of pools were looked at), {allowed} accepted for a reason, {} not withstood",
        program.name(),
        report.account_cells,
        report.data_cells,
        report.refused,
        report.without_effect,
        report.done,
        report.balanced,
        report.failures.len()
    );
    for (reason, count) in &report.allowed {
        println!("  {count}: {reason}");
    }
}

#[test]
fn registry_withstands_the_matrix() {
    withstands(Program::Registry);
}

#[test]
fn claims_withstands_the_matrix() {
    withstands(Program::Claims);
}

#[test]
fn trials_withstands_the_matrix() {
    withstands(Program::Trials);
}

#[test]
fn provenance_withstands_the_matrix() {
    withstands(Program::Provenance);
}
