//! `galen pool commit-draws`, `reveal-draws` and `draws`: the chain of secrets by which a pool's claims are drawn for review.

use std::fmt;

use claims::constants::SECONDS_PER_DAY;
use claims::instructions::{CommitDrawsArgs, RevealDrawsArgs};
use claims::state::{DrawChain, Pool};
use claims::{accounts, instruction};
use galen_documents::Day;
use galen_rules::Date;
use registry::state::Permission;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::{Change, Outcome};
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::day;
use crate::chain::session::Session;
use crate::chain::text::{facts, hex};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::DrawSecret;

/// Flags of `galen pool commit-draws`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool commit-draws POOL
  galen pool commit-draws POOL --year 2027

Once for each calendar year, before its days: the secret is made at random and stays in the local store, from which nobody
can make it again once it is lost. It is there before anything is sent; take it along with `galen store export` all the same.
Signed by an operator of the insurer with the permission manage-pool. Running it again is fine.")]
pub struct Commit {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// The calendar year [default: that of the first day]
    #[arg(long, value_name = "YEAR")]
    year: Option<u16>,
    /// First day whose claims are drawn, later than today [default: tomorrow, or the first of January of a later year]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
}

/// Flags of `galen pool reveal-draws`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool reveal-draws POOL
  galen pool reveal-draws POOL --to 2027-03-31

Once a day is over, its link says which of its claims are drawn; of later days it says nothing. Whoever has the secret can do
it, every day as a rule: `galen claim draw` pays the others then. A day that is not revealed by the plan's reveal_days draws
nothing. Running it again is fine.")]
pub struct Reveal {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// The last day to be revealed [default: yesterday, by the cluster's clock]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
}

/// Flags of `galen pool draws`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool draws POOL
  galen pool draws POOL --year 2027 --output json")]
pub struct Show {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// The calendar year [default: the present one, and those beside it]
    #[arg(long, value_name = "YEAR")]
    year: Option<u16>,
}

/// Commits the year's secret.
///
/// # Errors
/// `not_found`, `draws_differ`, `draw_secret_missing`, and the program's refusals: `draw_days_invalid`.
pub fn commit(args: &Commit, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let today = today(session.now)?;
    let first = first_day(args, today)?;
    let year = args.year.unwrap_or(first.year());
    let (address, _) = DrawChain::find_address(&args.pool, year);
    let last = last_day(year)?;
    if let Some(there) = entity::find::<DrawChain>(session.cluster(), &address)? {
        secret_of(&session, &args.pool, &there)?;
        if args.from.is_some_and(|from| from.days() != there.from) {
            let message = format!(
                "The draws of {year} are committed already, from {} on; a year has one chain.",
                day(there.from)?.0
            );
            return Err(CliError::new("draws_differ", message));
        }
        return Answer::new(&Change::unchanged(View::of(address, &there)?));
    }
    let accounts = accounts::CommitDraws {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::ManagePool)?,
        insurer: pool.insurer,
        pool: args.pool,
        draws: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Commit the draws of a year")
        .with("pool", args.pool)
        .with("first day", first)
        .with("last day", last);
    session.ledger.confirm(&intent)?;
    // On disk before the first byte leaves: a chain without its secret could never be revealed.
    let secret = session
        .ledger
        .store
        .draw_secret(&args.pool.to_string(), year)?;
    let commitment = secret.link(first.days().saturating_sub(1), last.days());
    let data = instruction::CommitDraws {
        args: CommitDrawsArgs {
            year,
            from: first.days(),
            commitment,
        },
    };
    let commit = crate::chain::instruction(claims::ID, &accounts, &data);
    let receipt = session.send(intent.title(), &[commit], &[])?;
    let chain: DrawChain = entity::get(session.cluster(), &address)?;
    Answer::new(&Change::created(View::of(address, &chain)?, receipt))
}

/// Reveals the days that are over.
///
/// # Errors
/// `no_draws`, `draw_secret_missing`, `draws_differ`, and the program's refusals: `draw_too_early`.
pub fn reveal(args: &Reveal, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let yesterday = today(session.now)?.saturating_sub(1);
    let to = args.to.map_or(yesterday, Date::days);
    let year = day(to)?.0.year();
    // Around New Year, what is left of the year before is revealed too.
    let years = [year.saturating_sub(1), year];
    let chains = chains(session.cluster(), &args.pool, &years)?;
    if chains.is_empty() {
        let message = format!(
            "The pool {} has no draws of {year}. `galen pool commit-draws` commits those of the days to come.",
            args.pool
        );
        return Err(CliError::new("no_draws", message));
    }
    let mut instructions = Vec::new();
    let mut intent = Intent::new("Reveal draws").with("pool", args.pool);
    for (address, chain) in &chains {
        let last = to.min(chain.to);
        if chain.revealed_to >= last {
            continue;
        }
        let secret = secret_of(&session, &args.pool, chain)?;
        intent = intent.with(&format!("of {} up to", chain.year), day(last)?.0);
        instructions.push(reveal_day(*address, last, secret.link(last, chain.to)));
    }
    if instructions.is_empty() {
        return Answer::new(&Change::unchanged(List::of(&chains)?));
    }
    let receipt = session.execute(&intent, &instructions, &[])?;
    let chains = self::chains(session.cluster(), &args.pool, &years)?;
    Answer::new(&Change::by(
        Outcome::Changed,
        List::of(&chains)?,
        vec![receipt],
    ))
}

/// Shows the chains.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn show(args: &Show, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let years = match args.year {
        Some(year) => vec![year],
        None => {
            let year = day(today(cluster.unix_time()?)?)?.0.year();
            vec![year.saturating_sub(1), year, year.saturating_add(1)]
        }
    };
    Answer::new(&List::of(&chains(&cluster, &args.pool, &years)?)?)
}

/// The day of a Unix time, in days since 1970-01-01.
fn today(now: i64) -> Result<i32> {
    i32::try_from(now.div_euclid(SECONDS_PER_DAY)).map_err(|_| {
        CliError::new(
            "cluster_odd",
            "The cluster's clock is outside the calendar.",
        )
    })
}

fn first_day(args: &Commit, today: i32) -> Result<Date> {
    if let Some(from) = args.from {
        return Ok(from);
    }
    let tomorrow = day(today.saturating_add(1))?.0;
    match args.year {
        Some(year) if year > tomorrow.year() => {
            Date::from_ymd(year, 1, 1).ok_or_else(|| no_such_year(year))
        }
        _ => Ok(tomorrow),
    }
}

fn last_day(year: u16) -> Result<Date> {
    Date::from_ymd(year, 12, 31).ok_or_else(|| no_such_year(year))
}

fn no_such_year(year: u16) -> CliError {
    CliError::new(
        "draw_days_invalid",
        format!("{year} is no year of the calendar."),
    )
}

/// The chains of a pool in these years, as far as there are any.
fn chains(cluster: &Cluster, pool: &Pubkey, years: &[u16]) -> Result<Vec<(Pubkey, DrawChain)>> {
    let mut chains = Vec::new();
    for year in years {
        let (address, _) = DrawChain::find_address(pool, *year);
        if let Some(chain) = entity::find::<DrawChain>(cluster, &address)? {
            chains.push((address, chain));
        }
    }
    Ok(chains)
}

/// The secret from which a chain was made.
///
/// # Errors
/// `draw_secret_missing`, `draws_differ` where this store has another one.
fn secret_of(session: &Session, pool: &Pubkey, chain: &DrawChain) -> Result<DrawSecret> {
    let store = &session.ledger.store;
    let secret = store
        .known_draw_secret(&pool.to_string(), chain.year)?
        .ok_or_else(|| {
            let message = format!(
                "This store lacks the secret of the draws of {}; import the store that committed them with `galen store import`. Claims of days that nobody can reveal count as not drawn once the plan's reveal_days are over.",
                chain.year
            );
            CliError::new("draw_secret_missing", message)
        })?;
    if secret.link(chain.from.saturating_sub(1), chain.to) != chain.commitment {
        let message = format!(
            "The draws of {} were committed with another secret than this store has; use the store that committed them.",
            chain.year
        );
        return Err(CliError::new("draws_differ", message));
    }
    Ok(secret)
}

fn reveal_day(draws: Pubkey, day: i32, link: [u8; 32]) -> Instruction {
    crate::chain::instruction(
        claims::ID,
        &accounts::RevealDraws {
            draws,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        },
        &instruction::RevealDraws {
            args: RevealDrawsArgs { day, link },
        },
    )
}

/// A chain. Links that are not revealed are in the store alone.
#[derive(Serialize)]
pub struct View {
    /// The account.
    address: String,
    /// The pool whose claims are drawn.
    pool: String,
    /// The calendar year.
    year: u16,
    /// First day whose claims are drawn.
    from: Day,
    /// The last one.
    to: Day,
    /// What was committed, in hexadecimal digits.
    commitment: String,
    /// The last day that is revealed; null where none is.
    revealed_to: Option<Day>,
    /// Its link, in hexadecimal digits.
    link: Option<String>,
}

impl View {
    fn of(address: Pubkey, chain: &DrawChain) -> Result<Self> {
        let is_revealed = chain.revealed_to >= chain.from;
        Ok(Self {
            address: address.to_string(),
            pool: chain.pool.to_string(),
            year: chain.year,
            from: day(chain.from)?,
            to: day(chain.to)?,
            commitment: hex(&chain.commitment),
            revealed_to: is_revealed.then(|| day(chain.revealed_to)).transpose()?,
            link: is_revealed.then(|| hex(&chain.link)),
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let revealed = self.revealed_to.map_or_else(
            || "nothing yet".to_owned(),
            |day| format!("up to {}", day.0),
        );
        facts(
            f,
            &[
                ("Draws", format!("{} ({})", self.address, self.year)),
                ("Pool", self.pool.clone()),
                ("Days", format!("{} to {}", self.from.0, self.to.0)),
                ("Commitment", self.commitment.clone()),
                ("Revealed", revealed),
            ],
        )
    }
}

/// As JSON, an array of chains.
#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<View>);

impl List {
    fn of(chains: &[(Pubkey, DrawChain)]) -> Result<Self> {
        let views = chains
            .iter()
            .map(|(address, chain)| View::of(*address, chain));
        views.collect::<Result<_>>().map(Self)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No draws are committed.");
        }
        let views: Vec<String> = self.0.iter().map(View::to_string).collect();
        f.write_str(&views.join("\n\n"))
    }
}
