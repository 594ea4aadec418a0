//! The attack matrix: every instruction of a program, with every account replaced in every way that an attacker
//! might try, and every byte of its arguments bent. Driven by the IDL, run against the compiled programs.
//!
//! Each cell must be refused by an error (never by a crash) and must not change a byte of any account, or must be
//! one that [`allowed`] lists with the reason why acceptance is right. A new instruction enters by one fixture.

mod accounts;
pub mod allowed;
mod data;
pub mod fixtures;
pub mod idl;

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use solana_instruction::Instruction;

use crate::books;
use crate::outcome::Outcome;
use crate::world::{Program, World};

/// A world in which an instruction works, and the instruction.
pub struct Fixture {
    /// The state before.
    pub world: World,
    /// Comes before it in the transaction (a signature to verify).
    pub before: Vec<Instruction>,
    /// What is attacked; its accounts are in the IDL's order.
    pub instruction: Instruction,
}

impl Fixture {
    /// `instruction`, which works in `world`.
    pub fn new(world: World, instruction: Instruction) -> Self {
        Self {
            world,
            before: Vec::new(),
            instruction,
        }
    }

    /// `instruction`, which works in `world` after `before` in the same transaction.
    pub fn after(world: World, before: Vec<Instruction>, instruction: Instruction) -> Self {
        Self {
            world,
            before,
            instruction,
        }
    }
}

/// A change of the state before an attack.
pub type Preparation = Box<dyn Fn(&mut World)>;

/// One attack on an instruction.
pub struct Cell {
    /// The account or argument that is attacked.
    pub target: String,
    /// How.
    pub attack: String,
    /// Changes the state before the attack.
    pub prepare: Option<Preparation>,
    /// The instruction that is sent.
    pub instruction: Instruction,
    /// What counts as withstanding it.
    pub verdict: Verdict,
}

impl Cell {
    /// What is attacked and how, of the fixture `name`.
    fn place(&self, name: &str) -> String {
        format!("{name}.{}: {}", self.target, self.attack)
    }
}

/// What counts as withstanding an attack. A crash never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It must be refused.
    Refused,
    /// It must be refused, or do exactly what the instruction does without it.
    RefusedOrWithoutEffect,
    /// The value may be a valid one: it must be refused, or done.
    RefusedOrDone,
}

/// What became of a program's cells.
#[derive(Debug, Default)]
pub struct Report {
    /// Attacks on accounts.
    pub account_cells: usize,
    /// Attacks on arguments.
    pub data_cells: usize,
    /// Refused by name, nothing changed.
    pub refused: usize,
    /// Done without the attack having any effect.
    pub without_effect: usize,
    /// Valid values, done.
    pub done: usize,
    /// Of those, after how many the books of the claims program's pools were looked at, and balanced.
    pub balanced: usize,
    /// Accepted for a reason, by reason.
    pub allowed: BTreeMap<&'static str, usize>,
    /// What was not withstood.
    pub failures: Vec<String>,
}

/// Runs the matrix of `program`.
pub fn run(program: Program) -> Report {
    let idl = idl::Idl::read(program);
    let mut report = Report::default();
    for instruction in &idl.instructions {
        for name in fixtures::variants(program, &instruction.name) {
            match fixtures::fixture(program, &name) {
                Some(fixture) => attack(program, &idl, instruction, &name, fixture, &mut report),
                None => report.failures.push(format!(
                    "{name}: no fixture; write one in crates/testkit/src/attack/fixtures"
                )),
            }
        }
    }
    report
}

fn attack(
    program: Program,
    idl: &idl::Idl,
    definition: &idl::Instruction,
    name: &str,
    mut fixture: Fixture,
    report: &mut Report,
) {
    // Someone else with lamports, for all cells.
    fixture.world.actor("stranger");
    let pristine = fixture.world.snapshot();
    let mut instructions = fixture.before.clone();
    instructions.push(fixture.instruction.clone());
    let mut control = fixture.world.clone();
    let outcome = control.send_unsigned(&instructions);
    if !outcome.succeeded() {
        let failure = format!("{name}: the fixture itself is refused: {outcome}");
        report.failures.push(failure);
        return;
    }
    // A pool with archived claims, or with money of a bond that nobody has counted, balances neither before nor after.
    let has_books = [&fixture.world, &control]
        .into_iter()
        .all(|world| books::check(world).is_ok_and(|pools| pools > 0));
    let control = control.snapshot();
    let accounts = accounts::cells(program, definition, &fixture);
    let data = data::cells(idl, definition, &fixture.instruction);
    report.account_cells += accounts.len();
    report.data_cells += data.len();
    for cell in accounts.into_iter().chain(data) {
        let prepared = cell.prepare.as_ref().map(|prepare| {
            prepare(&mut fixture.world);
            fixture.world.snapshot()
        });
        if let Some(last) = instructions.last_mut() {
            *last = cell.instruction.clone();
        }
        let outcome = fixture.world.send_unsigned(&instructions);
        let after = fixture.world.snapshot();
        let differences = if outcome.succeeded() {
            control.differences(&after)
        } else {
            prepared.as_ref().unwrap_or(&pristine).differences(&after)
        };
        let done = report.done;
        judge(program, name, &cell, &outcome, &differences, report);
        if has_books && report.done > done {
            match books::check(&fixture.world) {
                Ok(_) => report.balanced += 1,
                Err(what) => {
                    let place = cell.place(name);
                    let failure = format!("{place}: done, and the books do not balance: {what}");
                    report.failures.push(failure);
                }
            }
        }
        if outcome.succeeded() || prepared.is_some() || !differences.is_empty() {
            for address in pristine.differences(&after) {
                pristine.restore(&mut fixture.world, &address);
            }
        }
    }
}

/// Counts one cell. `differences`: what a refusal changed, or in what an acceptance differs from the instruction without
/// the attack.
fn judge(
    program: Program,
    name: &str,
    cell: &Cell,
    outcome: &Outcome,
    differences: &[Pubkey],
    report: &mut Report,
) {
    let place = cell.place(name);
    let failures = &mut report.failures;
    if outcome.crashed() {
        failures.push(format!("{place}: crashed: {outcome}"));
    } else if !outcome.succeeded() {
        if differences.is_empty() {
            report.refused += 1;
        } else {
            failures.push(format!("{place}: refused, but accounts changed"));
        }
    } else if cell.verdict == Verdict::RefusedOrDone {
        report.done += 1;
    } else if cell.verdict == Verdict::RefusedOrWithoutEffect && differences.is_empty() {
        report.without_effect += 1;
    } else if let Some(reason) = allowed::reason(program, name, &cell.target, &cell.attack) {
        *report.allowed.entry(reason).or_default() += 1;
    } else {
        failures.push(format!("{place}: accepted"));
    }
}
