//! `galen claim draw`

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use claims::constants::SECONDS_PER_DAY;
use claims::state::{
    decode_zero_copy, Agreement, Authorization, Claim, DrawChain, History, Member, PendReason,
    PlanVersion, Pool,
};
use claims::{accounts, instruction};
use registry::state::Config;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::view::{pend_reason, Status};
use crate::chain::entity::{self, offset, Read};
use crate::chain::intent::Intent;
use crate::chain::others::{about, details_of, with_details, with_others};
use crate::chain::people;
use crate::chain::session::Session;
use crate::chain::text::some_key;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{table, Answer};
use crate::send::{Draft, DRAW_CLAIMS};

/// Flags of `galen claim draw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim draw --pool POOL
  galen claim draw --pool POOL ADDRESS

Anybody may, for the claims that wait for the draw: those of days that the insurer has revealed (`galen pool reveal-draws`),
and those of days that nobody has revealed in time, which count as not drawn. What is drawn waits for the insurer's review;
the rest is paid as if it had just been submitted. In the order of receipt, and a member's claims one after the other. Should
it be killed, run it again. The exit code is 1 where one of them was refused.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "POOL")]
    pool: Pubkey,
    /// Only these claims
    #[arg(value_name = "ADDRESS")]
    claims: Vec<Pubkey>,
}

/// What became of the claims that waited for the draw.
#[derive(Serialize)]
struct Report {
    /// Claims that waited.
    waiting: usize,
    /// Of them, those of days that are not revealed and can still be.
    unrevealed: usize,
    /// Those that were drawn: they wait for a look.
    drawn: usize,
    /// Those that were not.
    passed: usize,
    /// Those that were refused.
    failed: usize,
    claims: Vec<Row>,
}

/// One claim that could be drawn.
#[derive(Serialize)]
pub struct Row {
    /// The claim's account.
    pub claim: String,
    /// `drawn`, `passed`, `failed`.
    pub outcome: &'static str,
    /// What has become of the claim.
    pub status: Status,
    /// Why it waits, if it does.
    pub pend_reason: Option<&'static str>,
    /// Null where somebody else was quicker, or it was refused.
    pub signature: Option<String>,
    /// Why it was refused.
    pub error: Option<CliError>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `draw_not_awaited` where a claim that was named does not wait for it, `cluster_unreachable`, `undecided`.
/// What single claims are refused for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let waiting = waiting(args, &session)?;
    let mut report = Report {
        waiting: waiting.len(),
        unrevealed: 0,
        drawn: 0,
        passed: 0,
        failed: 0,
        claims: Vec::new(),
    };
    let mut crank = Crank::open(&session, args.pool, &waiting)?;
    let queue = crank.ready(waiting)?;
    report.unrevealed = report.waiting.saturating_sub(queue.len());
    if queue.is_empty() {
        return Answer::new(&report);
    }
    let intent = Intent::new("Draw claims")
        .with("pool", args.pool)
        .with("claims", queue.len());
    session.ledger.confirm(&intent)?;
    let bar = settings.notes.bar(queue.len() as u64, "Drawing claims");
    let drawn = crank.draw_all(queue, |count| bar.inc(count as u64));
    bar.finish_and_clear();
    for row in drawn? {
        report.count(row);
    }
    let success = report.failed == 0;
    Ok(Answer::new(&report)?.with_success(success))
}

/// The claims of the pool that wait for the draw, those first that came in first.
fn waiting(args: &Args, session: &Session) -> Result<Vec<(Pubkey, Claim)>> {
    let cluster = session.cluster();
    let mut claims = match args.claims.as_slice() {
        [] => entity::list::<Claim>(cluster, &[(offset::CLAIM_POOL, args.pool)])?,
        named => {
            let named: BTreeSet<&Pubkey> = named.iter().collect();
            let read = named
                .into_iter()
                .map(|address| Ok((*address, entity::get::<Claim>(cluster, address)?)));
            read.collect::<Result<Vec<_>>>()?
        }
    };
    if !args.claims.is_empty() {
        let wrong = claims
            .iter()
            .find(|(_, claim)| claim.pool != args.pool || claim.pend_reason != PendReason::Draw);
        if let Some((address, claim)) = wrong {
            let message = format!(
                "The claim {address} does not wait for a draw of this pool; it is {}.",
                Status::from(claim.status)
            );
            return Err(CliError::new("draw_not_awaited", message));
        }
    }
    claims.retain(|(_, claim)| claim.pend_reason == PendReason::Draw);
    claims.sort_by_key(|(_, claim)| claim.received_at);
    Ok(claims)
}

/// What draws claims, with what they concern as it was read.
pub struct Crank<'a> {
    session: &'a Session<'a>,
    pool_address: Pubkey,
    pool: Pool,
    members: BTreeMap<Pubkey, Member>,
    papers: Vec<Authorization>,
    agreements: Read<Agreement>,
    versions: Read<PlanVersion>,
    chains: BTreeMap<u16, Option<DrawChain>>,
}

impl<'a> Crank<'a> {
    /// Reads what these claims of a pool concern.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn open(
        session: &'a Session<'a>,
        pool_address: Pubkey,
        claims: &[(Pubkey, Claim)],
    ) -> Result<Self> {
        let cluster = session.cluster();
        let addresses: BTreeSet<Pubkey> = claims.iter().map(|(_, claim)| claim.member).collect();
        let list: Vec<Pubkey> = addresses.iter().copied().collect();
        let accounts = list.iter().zip(cluster.accounts(&list)?);
        let members = accounts.filter_map(|(address, account)| {
            let account = account.filter(|account| account.owner == claims::ID)?;
            Some((*address, decode_zero_copy(&account.data).ok()?))
        });
        Ok(Self {
            session,
            pool_address,
            pool: entity::get(cluster, &pool_address)?,
            members: members.collect(),
            papers: people::authorizations(cluster, &addresses)?,
            agreements: Read::new(),
            versions: Read::new(),
            chains: BTreeMap::new(),
        })
    }

    /// Those of the claims that can be drawn.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn ready(&mut self, waiting: Vec<(Pubkey, Claim)>) -> Result<VecDeque<(Pubkey, Claim)>> {
        let mut queue = VecDeque::new();
        for (address, claim) in waiting {
            if self.can_be_drawn(&claim)? {
                queue.push_back((address, claim));
            }
        }
        Ok(queue)
    }

    /// Draws the claims in the order of the queue, a household's one after the other, and calls `done` with how many more have been.
    ///
    /// # Errors
    /// `cluster_unreachable`, `undecided`. What single claims are refused for stands in the answer.
    pub fn draw_all(
        &mut self,
        mut queue: VecDeque<(Pubkey, Claim)>,
        mut done: impl FnMut(usize),
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(queue.len());
        while !queue.is_empty() {
            let wave = self.next_wave(&mut queue);
            rows.extend(self.draw(&wave)?);
            done(wave.len());
        }
        Ok(rows)
    }

    /// Whether the link of the claim's day is known, or the time in which it could be revealed is over.
    fn can_be_drawn(&mut self, claim: &Claim) -> Result<bool> {
        let today = self.session.now.div_euclid(SECONDS_PER_DAY);
        if today > i64::from(claim.course.wait_until) {
            return Ok(true);
        }
        let year = u16::from_le_bytes(DrawChain::year_of(claim.received_at));
        let chain = match self.chains.entry(year) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let (address, _) = DrawChain::find_address(&self.pool_address, year);
                place.insert(entity::find(self.session.cluster(), &address)?)
            }
        };
        let received = i32::try_from(claim.received_at.div_euclid(SECONDS_PER_DAY));
        Ok(chain
            .as_ref()
            .zip(received.ok())
            .is_some_and(|(chain, day)| chain.link_of(day).is_some()))
    }

    /// The next claims that can be under way together: in the order of the queue, one of each member or family, because the
    /// order in which their claims are adjudicated decides what each is paid.
    fn next_wave(&self, queue: &mut VecDeque<(Pubkey, Claim)>) -> Vec<(Pubkey, Claim)> {
        let mut households = BTreeSet::new();
        let (wave, later): (Vec<_>, Vec<_>) = queue.drain(..).partition(|(_, claim)| {
            let member = self.members.get(&claim.member);
            let family = member.and_then(|member| some_key(member.family));
            households.insert(family.unwrap_or(claim.member))
        });
        *queue = later.into();
        wave
    }

    /// Draws the claims of a wave, and reads what became of them.
    fn draw(&mut self, wave: &[(Pubkey, Claim)]) -> Result<Vec<Row>> {
        let instructions: Vec<Result<Instruction>> = wave
            .iter()
            .map(|(address, claim)| self.instruction(*address, claim))
            .collect();
        let drafts: Vec<Draft> = instructions
            .iter()
            .filter_map(|instruction| instruction.as_ref().ok())
            .map(|instruction| Draft {
                instructions: vec![instruction.clone()],
                signers: Vec::new(),
                limit: None,
            })
            .collect();
        let mut fates = self
            .session
            .ledger
            .send_each(DRAW_CLAIMS, &drafts, |_| {})?
            .into_iter();
        let mut rows = Vec::with_capacity(wave.len());
        for ((address, before), built) in wave.iter().zip(instructions) {
            let fate = built.and_then(|_| fates.next().unwrap_or_else(|| Ok(String::new())));
            // What somebody else has drawn in the meantime is drawn, whatever this transaction was refused for.
            let after = entity::find::<Claim>(self.session.cluster(), address)?;
            rows.push(Row::of(*address, after.as_ref().unwrap_or(before), fate));
        }
        Ok(rows)
    }

    fn instruction(&mut self, address: Pubkey, claim: &Claim) -> Result<Instruction> {
        let cluster = self.session.cluster();
        let member = self.members.get(&claim.member).ok_or_else(|| {
            CliError::new(
                "member_unknown",
                format!("There is no member at {} on this cluster.", claim.member),
            )
        })?;
        let (agreement_address, _) = Agreement::find_address(&claim.pool, &claim.provider);
        let agreement = self.agreements.get(cluster, agreement_address)?;
        let version = self.versions.get(cluster, claim.plan_version)?;
        let year = u16::from_le_bytes(DrawChain::year_of(claim.received_at));
        let accounts = accounts::DrawClaim {
            config: Config::find_address().0,
            pool: claim.pool,
            agreement: agreement_address,
            plan_version: claim.plan_version,
            schedule: version.schedule,
            member: claim.member,
            history: History::find_address(&claim.member).0,
            claim: address,
            draws: DrawChain::find_address(&claim.pool, year).0,
            vault: self.pool.vault,
            payout: agreement.effective_payout(self.session.now),
            mint: self.pool.mint,
            token_program: self.pool.token_program,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let draw = crate::chain::instruction(claims::ID, &accounts, &instruction::DrawClaim {});
        let papers = about(claim, &self.papers);
        let details = details_of(version);
        let draw = with_others(draw, &claim.member, member, papers);
        Ok(with_details(draw, &claim.member, member, details))
    }
}

impl Row {
    fn of(address: Pubkey, after: &Claim, fate: Result<String>) -> Self {
        let outcome = match after.pend_reason {
            PendReason::Draw => "failed",
            // In place of the insurer's review, where the plan says so.
            PendReason::Sampled | PendReason::Confirmation => "drawn",
            _ => "passed",
        };
        let (signature, error) = match fate {
            Ok(signature) => (Some(signature), None),
            Err(error) => (None, Some(error).filter(|_| outcome == "failed")),
        };
        Self {
            claim: address.to_string(),
            outcome,
            status: after.status.into(),
            pend_reason: pend_reason(after.pend_reason),
            signature,
            error,
        }
    }
}

impl Report {
    fn count(&mut self, row: Row) {
        let counted = match row.outcome {
            "drawn" => &mut self.drawn,
            "passed" => &mut self.passed,
            _ => &mut self.failed,
        };
        *counted = counted.saturating_add(1);
        self.claims.push(row);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.waiting == 0 {
            return f.write_str("No claim waits for the draw; nothing was sent.");
        }
        write!(
            f,
            "Of {} claims that waited: {} drawn, {} not drawn, {} refused; of {} the day is not revealed yet.",
            self.waiting, self.drawn, self.passed, self.failed, self.unrevealed
        )?;
        if self.claims.is_empty() {
            return Ok(());
        }
        let mut rows = table(&["Claim", "Outcome", "Status", "Waits for"], &[]);
        for row in &self.claims {
            let why = match (&row.error, row.pend_reason) {
                (Some(error), _) => error.message.clone(),
                (None, reason) => reason.unwrap_or_default().replace('_', " "),
            };
            rows.add_row([
                row.claim.clone(),
                row.outcome.to_owned(),
                row.status.to_string(),
                why,
            ]);
        }
        write!(f, "\n{rows}")
    }
}
