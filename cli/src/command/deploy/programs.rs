//! `galen deploy [PROGRAM...]`

use std::fmt;

use serde::Serialize;

use super::target::{confirm, identities, sol, Target};
use super::Shared;
use crate::cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::loader::artifact::{Artifact, BuildRecord, TestRecord};
use crate::loader::deployer::{Action, Deployer, Outcome};
use crate::loader::identity::{Identity, Origin};
use crate::loader::journal::Journal;
use crate::loader::LoaderError;
use crate::output::{table, Answer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    url: String,
    genesis: String,
    programs: Vec<Deployed>,
    /// Lamports, of all transactions of this run.
    fees: u64,
    transactions: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deployed {
    program: String,
    program_id: String,
    action: Action,
    /// Of the built file.
    sha256: String,
    /// Of what was read back.
    deployed_sha256: String,
    /// Length of the built file.
    bytes: usize,
    /// Up to which length the program can grow without being extended.
    capacity: usize,
    /// Of the last change.
    slot: u64,
    authority: Option<String>,
    /// Lamports that the program's accounts hold, which come back when it is closed.
    rent: u64,
    /// By how much that has changed.
    rent_added: u64,
    rent_returned: u64,
    /// Lamports.
    fees: u64,
    transactions: u64,
    /// Whether these bytes have passed the attack matrix.
    tested: bool,
    /// How they were built, if the build record knows them.
    way: Option<String>,
}

/// A program that is to be deployed.
struct Planned {
    identity: Identity,
    artifact: Artifact,
    tested: bool,
    way: Option<String>,
}

/// Runs the command.
pub fn run(
    named: &[String],
    untested: bool,
    shared: &Shared,
    settings: &Settings,
) -> Result<Answer> {
    let planned = plan(named, untested, shared)?;
    let target = Target::reach(shared, settings)?;
    warn(&planned, settings);

    let journal = Journal::open(&settings.home, &target.cluster.genesis)?;
    let deployer = Deployer {
        wallet: target.wallet(settings),
        authority: target.authority.as_ref(),
        genesis: &target.cluster.genesis,
        journal: &journal,
        notes: settings.notes,
    };
    ask(&planned, &deployer, settings)?;

    let mut report = Report {
        url: settings.url.clone(),
        genesis: target.cluster.genesis.clone(),
        programs: Vec::new(),
        fees: 0,
        transactions: 0,
    };
    for program in planned {
        let outcome = deployer.run(&program.artifact, &program.identity)?;
        report.fees = report.fees.saturating_add(outcome.tally.fees);
        report.transactions = report
            .transactions
            .saturating_add(outcome.tally.transactions);
        let deployed = deployed(program, &outcome);
        settings
            .notes
            .detail(format_args!("{}: {}", deployed.program, deployed.done()));
        report.programs.push(deployed);
    }
    Answer::new(&report)
}

/// Reads all that is needed before the cluster is asked for anything, and refuses what was not tested.
fn plan(named: &[String], untested: bool, shared: &Shared) -> Result<Vec<Planned>> {
    let tests = TestRecord::read(&shared.program_dir)?;
    let builds = BuildRecord::read(&shared.program_dir)?;
    identities(&shared.program_dir, named)?
        .into_iter()
        .map(|(name, identity)| {
            let artifact = Artifact::read(&shared.program_dir, &name)?;
            let tested = tests.knows(&artifact);
            if !tested && !untested {
                return Err(LoaderError::Untested {
                    program: name,
                    sha256: artifact.sha256,
                }
                .into());
            }
            let way = builds.of(&artifact).map(|build| build.way.clone());
            Ok(Planned {
                identity,
                artifact,
                tested,
                way,
            })
        })
        .collect()
}

fn warn(planned: &[Planned], settings: &Settings) {
    for Planned {
        artifact,
        identity,
        tested,
        ..
    } in planned
    {
        if !tested && cluster::is_on_this_machine(&settings.url) {
            settings.notes.say(format_args!(
                "note: {} has not passed the attack matrix as these bytes; `cargo xtask test` runs it.",
                artifact.name
            ));
        } else if !tested {
            settings.notes.say(format_args!(
                "WARNING: {} with SHA-256 {} HAS NOT PASSED THE ATTACK MATRIX as these bytes. Nothing of value may be entrusted to it.",
                artifact.name, artifact.sha256
            ));
        }
        if identity.origin == Origin::Development {
            settings.notes.say(format_args!("note: {} goes to its development address; `cargo xtask keys` makes addresses of your own.", artifact.name));
        }
    }
}

/// Shows what will happen and asks. Where nothing will, nobody is asked.
fn ask(planned: &[Planned], deployer: &Deployer, settings: &Settings) -> Result<()> {
    let mut actions = Vec::new();
    for Planned {
        artifact, identity, ..
    } in planned
    {
        let verb = match deployer.foresee(artifact, identity)? {
            Action::Unchanged => continue,
            Action::Deployed => "create",
            Action::Upgraded => "upgrade",
        };
        actions.push(format!("{verb} {} ({})", artifact.name, identity.id));
    }
    if actions.is_empty() {
        return Ok(());
    }
    let (payer, authority) = (deployer.wallet.payer.pubkey(), deployer.authority.pubkey());
    confirm(
        &format!(
            "At {}: {}; upgrade authority {authority}, paid by {payer}?",
            settings.url,
            actions.join(", ")
        ),
        settings,
    )
}

fn deployed(program: Planned, outcome: &Outcome) -> Deployed {
    let (before, after) = outcome.lamports;
    let deployment = outcome.after.deployment.as_ref();
    Deployed {
        program: program.artifact.name,
        program_id: program.identity.id.to_string(),
        action: outcome.action,
        sha256: program.artifact.sha256,
        deployed_sha256: outcome.deployed_sha256.clone(),
        bytes: program.artifact.bytes.len(),
        capacity: deployment.map_or(0, |it| it.code.len()),
        slot: deployment.map_or(0, |it| it.slot),
        authority: deployment
            .and_then(|it| it.authority)
            .map(|key| key.to_string()),
        rent: after,
        rent_added: after.saturating_sub(before),
        rent_returned: before.saturating_sub(after),
        fees: outcome.tally.fees,
        transactions: outcome.tally.transactions,
        tested: program.tested,
        way: program.way,
    }
}

impl Deployed {
    fn done(&self) -> String {
        match self.action {
            Action::Deployed => format!("deployed in slot {}", self.slot),
            Action::Upgraded => format!("upgraded in slot {}", self.slot),
            Action::Unchanged => format!("unchanged since slot {}", self.slot),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut summary = table(
            &[
                "Program",
                "Address",
                "Result",
                "Bytes",
                "Rent held",
                "Fees",
                "Transactions",
            ],
            &[3, 4, 5, 6],
        );
        for it in &self.programs {
            summary.add_row([
                it.program.clone(),
                it.program_id.clone(),
                it.done(),
                it.bytes.to_string(),
                sol(it.rent),
                sol(it.fees),
                it.transactions.to_string(),
            ]);
        }
        writeln!(f, "{summary}")?;
        for it in &self.programs {
            writeln!(f, "{}", it.program)?;
            writeln!(
                f,
                "  built      {}{}",
                it.sha256,
                it.way
                    .as_ref()
                    .map_or_else(String::new, |way| format!(" ({way})"))
            )?;
            writeln!(f, "  deployed   {}", it.deployed_sha256)?;
            writeln!(
                f,
                "  tested     {}",
                if it.tested {
                    "yes, as these bytes"
                } else {
                    "NO"
                }
            )?;
            writeln!(
                f,
                "  authority  {}",
                it.authority.as_deref().unwrap_or("none: final")
            )?;
        }
        Ok(())
    }
}
