//! `galen pool crank`: what anybody may do about a pool's claims once its time has come, all of it at once.
//!
//! What is due is read from the ledger with the program's own methods, so a run that was killed, or one beside another, finds what is
//! left. What is refused is looked at once more: where it is not due any more, somebody else was quicker.

mod docket;
mod report;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use claims::state::{Agreement, Claim, Course, Treaty};
use solana_pubkey::Pubkey;

use self::docket::{Docket, Due, Duty};
use self::report::{Outcome, Report};
use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::command::claim::draw;
use crate::command::claim::settle::Till;
use crate::command::claim::settle_together::PER_TRANSACTION;
use crate::command::treaty::cede::Cession;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, write_report, Answer};
use crate::send::{Draft, Errand, Fates, CRANK_POOL};

/// Flags of `galen pool crank`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool crank --pool POOL --dry-run
  galen pool crank --pool POOL --yes --report crank.csv
  galen pool crank --pool POOL --only escalate,lapse
  galen pool crank --pool POOL --only archive --yes

Finds on the ledger everything about the pool's claims whose time has come and that anybody may do, and does it: notes claims that the
insurer did not decide in time (escalate), ends appeals that nobody decided in time (lapse), frees claims from packs to which the
member's consent is over (release), has claims drawn whose day is revealed or whose time for it is over (draw), counts claims under the
pool's treaties and draws what is recoverable from their layers (cede), and pays what there is money for by then, late ones with
interest (settle). Archiving takes the lines of old claims off the ledger, and is done where it is named
only (archive). A claim that was to be confirmed and was not is with the insurer from the next day on; nothing has to be sent for it.

It can be run as often as one likes, by several at once, and again after it was killed. What cannot be paid yet, because the pool pays
no more that day or the provider's account takes no money, waits and is no failure. The exit code is 0 where nothing is due, and 1
where something was refused. `galen duplicates close` is a crank of its own.")]
pub struct Args {
    /// The pool
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// Only these duties [default: all but archive]
    #[arg(long, value_name = "DUTIES", value_delimiter = ',')]
    only: Vec<Duty>,
    /// Say what is due, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what became of each to this file; CSV, or JSON where its name ends in .json
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Refusals that only say that it is not time yet, or not in anybody's hands here.
const WAITING: [&str; 11] = [
    "agreement_not_active",
    "award_too_young",
    "awards_paused",
    "claim_still_flagged",
    "nothing_to_settle",
    "outflow_limit_reached",
    "payout_asks_for_memo",
    "payout_closed",
    "payout_frozen",
    "payout_invalid",
    "pool_underfunded",
];

/// Runs the command.
///
/// # Errors
/// `not_found`, `confirmation_needed`, `cancelled`, `cluster_unreachable`, `undecided`, `report_unwritable`. What single duties are
/// refused for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let duties: BTreeSet<Duty> = match args.only.as_slice() {
        [] => Duty::USUAL.into_iter().collect(),
        named => named.iter().copied().collect(),
    };
    let mut run = Run {
        session: &session,
        pool: args.pool,
        duties,
        report: Report::new(args.pool, args.dry_run),
        odd_treaties: BTreeSet::new(),
    };
    run.go(args.dry_run)?;
    let report = run.report;
    if let Some(path) = &args.report {
        write_report(path, &report, &report.csv())?;
    }
    Ok(Answer::new(&report)?.with_success(report.failed == 0))
}

/// A run over a pool.
struct Run<'a> {
    session: &'a Session<'a>,
    pool: Pubkey,
    duties: BTreeSet<Duty>,
    report: Report,
    /// Treaties that cannot be worked out, each told once.
    odd_treaties: BTreeSet<Pubkey>,
}

/// Claims that can be drawn, and what draws them.
type Draws<'a> = (draw::Crank<'a>, VecDeque<(Pubkey, Claim)>);

/// A treaty in force, and what it has to count.
type TreatyDue = (Pubkey, Treaty, Cession);

impl<'a> Run<'a> {
    fn go(&mut self, dry_run: bool) -> Result<()> {
        let docket = Docket::read(self.session, self.pool)?;
        self.report.confirmations_ended = docket.confirmations_ended();
        let draws = self.draws(&docket)?;
        let mut due = docket.due(&self.duties);
        due.extend(draws.1.iter().map(|(address, claim)| Due {
            duty: Duty::Draw,
            claim: *address,
            before: claim,
        }));
        due.sort_by_key(|due| due.duty);
        let treaties = self.cessions(&docket)?;
        self.report.due(&due, treaties.len());
        if due.is_empty() && treaties.is_empty() {
            return Ok(());
        }
        if dry_run {
            for due in &due {
                let amount = docket.amount(due);
                self.report
                    .count(due.duty, due.claim, Outcome::Planned, amount, Ok(None));
            }
            for (treaty, ..) in &treaties {
                self.report
                    .count(Duty::Cede, *treaty, Outcome::Planned, None, Ok(None));
            }
            return Ok(());
        }
        self.confirm(&docket, &due)?;
        for duty in [Duty::Escalate, Duty::Lapse, Duty::Release] {
            self.act(&docket, duty, &due)?;
        }
        let any_drawn = !draws.1.is_empty();
        self.draw(draws)?;
        // What was not drawn may have been awarded, and counts under a treaty and waits for money now.
        let (docket, treaties) = match any_drawn {
            true => {
                let docket = Docket::read(self.session, self.pool)?;
                let treaties = self.cessions(&docket)?;
                (docket, treaties)
            }
            false => (docket, treaties),
        };
        for treaty in &treaties {
            self.cede(treaty)?;
        }
        // What layers paid may be what awards wait for.
        let docket = match treaties.is_empty() {
            true => docket,
            false => Docket::read(self.session, self.pool)?,
        };
        let due = docket.due(&self.duties);
        self.settle(&docket, &due)?;
        self.act(&docket, Duty::Archive, &due)
    }

    fn confirm(&self, docket: &Docket, due: &[Due]) -> Result<()> {
        let mut intent =
            Intent::new("Do what is due about a pool's claims").with("pool", self.pool);
        for (duty, count) in self.report.counts() {
            intent = intent.with(duty.name(), count);
        }
        let paid = due.iter().filter_map(|due| docket.amount(due));
        let paid = paid.fold(0, u64::saturating_add);
        if paid > 0 {
            intent = intent.with("to be paid", money(paid));
        }
        self.session.ledger.confirm(&intent)
    }

    /// The claims that can be drawn; none where nobody asked for it.
    fn draws(&mut self, docket: &Docket) -> Result<Draws<'a>> {
        let waiting = match self.duties.contains(&Duty::Draw) {
            true => docket.waiting_for_draw(),
            false => Vec::new(),
        };
        let count = waiting.len();
        let mut crank = draw::Crank::open(self.session, self.pool, &waiting)?;
        let queue = crank.ready(waiting)?;
        self.report.unrevealed = count.saturating_sub(queue.len());
        Ok((crank, queue))
    }

    fn draw(&mut self, (mut crank, queue): Draws<'_>) -> Result<()> {
        let notes = self.session.ledger.settings.notes;
        let bar = notes.bar(queue.len() as u64, Duty::Draw.name());
        let rows = crank.draw_all(queue, |count| bar.inc(count as u64));
        bar.finish_and_clear();
        for row in rows? {
            let claim: Pubkey = row.claim.parse().unwrap_or_default();
            let fate = match row.error {
                Some(error) => Err(error),
                None => Ok(row.signature),
            };
            let outcome = match (&fate, row.outcome) {
                (Err(error), _) => refused(error),
                (Ok(None), _) => Outcome::Already,
                (Ok(Some(_)), _) => Outcome::Done,
            };
            self.report.count(Duty::Draw, claim, outcome, None, fate);
        }
        Ok(())
    }

    /// The treaties in force that have something to count, to pay or to get back, by number; none where nobody asked for it. One that
    /// cannot be worked out keeps nothing else from being done.
    fn cessions(&mut self, docket: &Docket) -> Result<Vec<TreatyDue>> {
        if !self.duties.contains(&Duty::Cede) {
            return Ok(Vec::new());
        }
        let cluster = self.session.cluster();
        let mut treaties = entity::list::<Treaty>(cluster, &[(offset::TREATY_POOL, self.pool)])?;
        treaties.retain(|(_, treaty)| treaty.vault != Pubkey::default());
        treaties.sort_by_key(|(_, treaty)| treaty.number);
        let mut found = Vec::new();
        for (address, treaty) in treaties {
            let Docket {
                pool, claims, now, ..
            } = docket;
            match Cession::find(cluster, address, &treaty, pool, claims, *now) {
                Ok(cession) if cession.instructions.is_empty() => {}
                Ok(cession) => found.push((address, treaty, cession)),
                Err(error) if self.odd_treaties.insert(address) => {
                    self.report
                        .count(Duty::Cede, address, refused(&error), None, Err(error))
                }
                Err(_) => {}
            }
        }
        Ok(found)
    }

    /// Whether the treaty still has something to count, to pay or to get back.
    fn has_cessions(&self, address: Pubkey, treaty: &Treaty) -> Result<bool> {
        let Docket {
            pool, claims, now, ..
        } = Docket::read(self.session, self.pool)?;
        let cluster = self.session.cluster();
        let cession = Cession::find(cluster, address, treaty, &pool, &claims, now)?;
        Ok(!cession.instructions.is_empty())
    }

    /// Counts claims under a treaty, a transaction after the other: what one counts is the layer's for the next.
    fn cede(&mut self, (address, before, cession): &TreatyDue) -> Result<()> {
        let mut fate = Ok(None);
        for instruction in &cession.instructions {
            let cede = std::slice::from_ref(instruction);
            match self.session.send("Count claims under a treaty", cede, &[]) {
                Ok(receipt) => fate = Ok(Some(receipt.signature)),
                Err(error) => {
                    fate = Err(error);
                    break;
                }
            }
            self.report.landed(fate.iter().flatten());
        }
        let after: Treaty = entity::get(self.session.cluster(), address)?;
        let drawn = after.drawn.saturating_sub(before.drawn);
        let (outcome, fate) = match fate {
            Ok(signature) => (Outcome::Done, Ok(signature)),
            Err(_) if !self.has_cessions(*address, &after)? => (Outcome::Already, Ok(None)),
            Err(error) => (refused(&error), Err(error)),
        };
        let amount = Some(drawn).filter(|drawn| *drawn > 0);
        self.report
            .count(Duty::Cede, *address, outcome, amount, fate);
        Ok(())
    }

    /// Does what takes one instruction for a claim.
    fn act(&mut self, docket: &Docket, duty: Duty, due: &[Due]) -> Result<()> {
        let key = self.session.key();
        let mut acts = Vec::new();
        for due in due.iter().filter(|due| due.duty == duty) {
            if let Some(instruction) = docket.instruction(due, &key) {
                acts.push((due.claim, instruction));
            }
        }
        let errands: Vec<Errand> = acts
            .iter()
            .map(|(_, instruction)| Errand {
                instructions: vec![instruction.clone()],
                signer: None,
            })
            .collect();
        let fates = self.send(duty, &errands)?;
        let again = match fates.iter().any(Result::is_err) {
            true => Some(Docket::read(self.session, self.pool)?),
            false => None,
        };
        let still: BTreeSet<Pubkey> = again.as_ref().map_or_else(BTreeSet::new, |docket| {
            let due = docket.due(&BTreeSet::from([duty]));
            due.into_iter().map(|due| due.claim).collect()
        });
        for ((claim, _), fate) in acts.into_iter().zip(fates) {
            let (outcome, fate) = match fate {
                Ok(signature) => (Outcome::Done, Ok(Some(signature))),
                Err(_) if !still.contains(&claim) => (Outcome::Already, Ok(None)),
                Err(error) => (refused(&error), Err(error)),
            };
            self.report.count(duty, claim, outcome, None, fate);
        }
        Ok(())
    }

    fn send(&mut self, duty: Duty, errands: &[Errand]) -> Result<Fates> {
        let ledger = &self.session.ledger;
        let bar = ledger.settings.notes.bar(errands.len() as u64, duty.name());
        let fates = ledger.send_packed(CRANK_POOL, errands, |count| bar.inc(count as u64));
        bar.finish_and_clear();
        let fates = fates?;
        self.report.landed(fates.iter().flatten());
        Ok(fates)
    }

    /// Pays: many of a provider's in a transfer, and those by themselves that were passed over.
    fn settle(&mut self, docket: &Docket, due: &[Due]) -> Result<()> {
        let mut providers: BTreeMap<Pubkey, Vec<&Due>> = BTreeMap::new();
        for due in due.iter().filter(|due| due.duty == Duty::Settle) {
            let claims = providers.entry(due.before.provider).or_default();
            claims.push(due);
        }
        if providers.is_empty() {
            return Ok(());
        }
        let mut fates: BTreeMap<Pubkey, Result<String>> = BTreeMap::new();
        let mut tills = BTreeMap::new();
        let mut drafts = Vec::new();
        let mut together = Vec::new();
        for (provider, claims) in &providers {
            let till = self.till(docket, provider)?;
            // What is only owed its interest is in no transfer of many.
            let (_, whole): (Vec<&Due>, Vec<&Due>) = claims
                .iter()
                .copied()
                .partition(|due| due.before.course.has(Course::INTEREST_OWED));
            for some in whole.chunks(PER_TRANSACTION) {
                let addresses: Vec<Pubkey> = some.iter().map(|due| due.claim).collect();
                drafts.push(Draft {
                    instructions: vec![till.settle_together(addresses.iter().copied())],
                    signers: Vec::new(),
                    limit: None,
                });
                together.push(addresses);
            }
            tills.insert(*provider, till);
        }
        let ledger = &self.session.ledger;
        let sent = ledger.send_each(CRANK_POOL, &drafts, |_| {})?;
        self.report.landed(sent.iter().flatten());
        for (addresses, fate) in together.into_iter().zip(sent) {
            for address in addresses {
                fates.insert(address, fate.clone());
            }
        }
        let after = Docket::read(self.session, self.pool)?;
        let left = after.due(&BTreeSet::from([Duty::Settle]));
        let left: BTreeSet<Pubkey> = left.into_iter().map(|due| due.claim).collect();
        let mut alone = Vec::new();
        for due in providers.values().flatten() {
            if let Some(till) = tills
                .get(&due.before.provider)
                .filter(|_| left.contains(&due.claim))
            {
                alone.push((due.claim, till.settle(due.claim)));
            }
        }
        let errands: Vec<Errand> = alone
            .iter()
            .map(|(_, instruction)| Errand {
                instructions: vec![instruction.clone()],
                signer: None,
            })
            .collect();
        let sent = self.send(Duty::Settle, &errands)?;
        for ((claim, _), fate) in alone.iter().zip(sent) {
            fates.insert(*claim, fate);
        }
        let after = match alone.is_empty() {
            true => after,
            false => Docket::read(self.session, self.pool)?,
        };
        for due in providers.values().flatten() {
            let fate = fates.remove(&due.claim);
            self.tell_payment(due, after.claim(&due.claim), fate);
        }
        Ok(())
    }

    fn till<'d>(&self, docket: &'d Docket, provider: &Pubkey) -> Result<Till<'d>> {
        let (agreement_address, _) = Agreement::find_address(&self.pool, provider);
        let agreement: Agreement = entity::get(self.session.cluster(), &agreement_address)?;
        Ok(Till {
            pool_address: self.pool,
            pool: &docket.pool,
            agreement_address,
            payout: agreement.effective_payout(self.session.now),
        })
    }

    /// What became of a payment: what the claim says now counts, whoever brought it about.
    fn tell_payment(&mut self, due: &Due, after: Option<&Claim>, fate: Option<Result<String>>) {
        let paid = |claim: &Claim| claim.award_paid().saturating_add(claim.interest_paid());
        let amount = after.map_or(0, |after| paid(after).saturating_sub(paid(due.before)));
        let has_turned = after
            .is_some_and(|after| after.course.awaiting_since != due.before.course.awaiting_since);
        let has_moved = amount > 0 || has_turned || after.is_none();
        let (outcome, fate) = match fate {
            Some(Ok(signature)) if has_moved => (Outcome::Done, Ok(Some(signature))),
            _ if has_moved => (Outcome::Already, Ok(None)),
            Some(Err(error)) => (refused(&error), Err(error)),
            // Passed over, and not due any more when it was looked at again.
            Some(Ok(_)) | None => (Outcome::Already, Ok(None)),
        };
        let amount = Some(amount).filter(|amount| *amount > 0);
        self.report
            .count(Duty::Settle, due.claim, outcome, amount, fate);
    }
}

/// Whether what was refused only waits.
fn refused(error: &CliError) -> Outcome {
    match WAITING.contains(&error.code.as_str()) {
        true => Outcome::Waiting,
        false => Outcome::Failed,
    }
}
