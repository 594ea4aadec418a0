//! What the ledger has of a pool's claims, and what of it is due: asked of the program's own methods.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::AccountDeserialize;
use claims::state::{
    Appeal, Claim, ClaimStatus, Course, Member, PackCommitment, PendReason, PlanVersion, Pool,
};
use clap::ValueEnum;
use galen_rules::Date;
use registry::state::Config;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset, Read};
use crate::chain::session::Session;
use crate::command::claim::{appeal, archive, escalate, release};
use crate::command::member::bulk;
use crate::error::{CliError, Result};

/// What anybody may do about a claim once its time has come. In the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Note that the insurer did not decide a claim in time
    Escalate,
    /// End an appeal that was not decided in time
    Lapse,
    /// Free a claim from a pack to which the member's consent is over
    Release,
    /// Have a claim drawn, or passed over
    Draw,
    /// Count claims under the pool's treaties, and draw from their layers what is recoverable
    Cede,
    /// Pay what there is money for, with interest where it is late
    Settle,
    /// Leave a commitment in the place of a claim to which nothing can happen any more
    Archive,
}

impl Duty {
    /// Those that are done where none is named.
    pub const USUAL: [Self; 6] = [
        Self::Escalate,
        Self::Lapse,
        Self::Release,
        Self::Draw,
        Self::Cede,
        Self::Settle,
    ];

    /// As it is named on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Lapse => "lapse",
            Self::Release => "release",
            Self::Draw => "draw",
            Self::Cede => "cede",
            Self::Settle => "settle",
            Self::Archive => "archive",
        }
    }
}

/// Something that is due.
pub struct Due<'a> {
    /// What.
    pub duty: Duty,
    /// The claim's account.
    pub claim: Pubkey,
    /// The claim before it.
    pub before: &'a Claim,
}

/// The pool's claims, and what they concern.
pub struct Docket {
    /// The pool.
    pub pool: Pool,
    /// All of its claims.
    pub claims: BTreeMap<Pubkey, Claim>,
    /// Appeals that wait for their decision, by claim.
    appeals: BTreeMap<Pubkey, (Pubkey, Appeal)>,
    /// Commitments of claims that wait for their pack.
    packs: BTreeMap<Pubkey, PackCommitment>,
    versions: BTreeMap<Pubkey, PlanVersion>,
    members: BTreeMap<Pubkey, Member>,
    config: Config,
    /// The cluster's Unix second.
    pub now: i64,
    today: Date,
}

impl Docket {
    /// Reads them.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`, `wrong_account`.
    pub fn read(session: &Session, pool_address: Pubkey) -> Result<Self> {
        let cluster = session.cluster();
        let pool: Pool = entity::get(cluster, &pool_address)?;
        let config: Config = entity::get(cluster, &Config::find_address().0)?;
        let claims: BTreeMap<Pubkey, Claim> =
            entity::list::<Claim>(cluster, &[(offset::CLAIM_POOL, pool_address)])?
                .into_iter()
                .collect();
        let appeals = entity::list::<Appeal>(cluster, &[(offset::APPEAL_POOL, pool_address)])?
            .into_iter()
            // No claim has two at once.
            .filter(|(_, appeal)| appeal.closed_on == 0)
            .map(|(address, appeal)| (appeal.claim, (address, appeal)))
            .collect();
        let bound: Vec<Pubkey> = claims
            .iter()
            .filter(|(_, claim)| claim.status == ClaimStatus::AwaitsDispense)
            .map(|(address, _)| *address)
            .collect();
        let places: Vec<Pubkey> = bound
            .iter()
            .map(|claim| PackCommitment::find_address(claim).0)
            .collect();
        let packs = bound.into_iter().zip(cluster.accounts(&places)?);
        let packs = packs
            .filter_map(|(claim, account)| {
                let account = account.filter(|account| account.owner == claims::ID)?;
                let pack = PackCommitment::try_deserialize(&mut account.data.as_slice()).ok()?;
                Some((claim, pack))
            })
            .collect();
        let mut read = Read::<PlanVersion>::new();
        for claim in claims.values().filter(|claim| claim.received_at != 0) {
            read.get(cluster, claim.plan_version)?;
        }
        let members: BTreeSet<Pubkey> = claims
            .values()
            .filter(|claim| claim.received_at != 0)
            .map(|claim| claim.member)
            .collect();
        let addresses: Vec<Pubkey> = members.into_iter().collect();
        let members = bulk::read(cluster, &addresses)?;
        let members = addresses
            .into_iter()
            .zip(members)
            .filter_map(|(address, member)| Some((address, member?)))
            .collect();
        let now = cluster.unix_time()?;
        let today = Date::from_unix(now).ok_or_else(|| {
            CliError::new(
                "cluster_odd",
                "The cluster's clock shows a time that is in no calendar.",
            )
        })?;
        Ok(Self {
            pool,
            claims,
            appeals,
            packs,
            versions: read.into_inner(),
            members,
            config,
            now,
            today,
        })
    }

    /// What is due of these duties but draws and treaties, in their order, those first that came in first.
    pub fn due(&self, duties: &BTreeSet<Duty>) -> Vec<Due<'_>> {
        let mut claims: Vec<(&Pubkey, &Claim)> = self.claims.iter().collect();
        claims.sort_by_key(|(_, claim)| claim.received_at);
        let mut due = Vec::new();
        for duty in duties {
            let those = claims
                .iter()
                .filter(|(address, claim)| self.is_due(*duty, address, claim));
            due.extend(those.map(|(address, claim)| Due {
                duty: *duty,
                claim: **address,
                before: claim,
            }));
        }
        due
    }

    fn is_due(&self, duty: Duty, address: &Pubkey, claim: &Claim) -> bool {
        let version = self.versions.get(&claim.plan_version);
        match duty {
            Duty::Escalate => version.is_some_and(|version| {
                let received = Date::from_unix(claim.received_at).map(Date::days);
                received.is_some_and(|received| {
                    let mut claim = claim.clone();
                    claim
                        .escalate(&version.clocks, received, self.today.days())
                        .is_ok()
                })
            }),
            Duty::Lapse => self.appeals.get(address).is_some_and(|(_, appeal)| {
                let mut appeal = appeal.clone();
                appeal.lapse(&self.config.pause, self.now).is_ok()
            }),
            Duty::Release => self
                .packs
                .get(address)
                .is_some_and(|pack| pack.check_releasable(None, self.now).is_ok()),
            Duty::Cede | Duty::Draw => false,
            Duty::Settle => {
                let waits = (claim.status == ClaimStatus::Payable && claim.money_reserved)
                    || claim.share(&self.pool.rounds) > 0;
                waits && self.config.award_payable(claim.awarded_at, self.now)
            }
            Duty::Archive => version.is_some_and(|version| {
                claim
                    .check_archivable(&version.clocks, &version.checks, self.today.days())
                    .is_ok()
            }),
        }
    }

    /// What is to be paid, in cents, without interest; none where nothing is.
    pub fn amount(&self, due: &Due) -> Option<u64> {
        let claim = due.before;
        (due.duty == Duty::Settle).then(|| match claim.money_reserved {
            true => claim.due(),
            false => claim.share(&self.pool.rounds),
        })
    }

    /// What does it, where that is one instruction about one claim; `key` signs.
    pub fn instruction(&self, due: &Due, key: &Pubkey) -> Option<Instruction> {
        let Due {
            duty,
            claim,
            before,
        } = due;
        match duty {
            Duty::Escalate => Some(escalate::instruction_of(*claim, before.plan_version)),
            Duty::Lapse => {
                let (appeal, _) = self.appeals.get(claim)?;
                Some(appeal::lapse_instruction(*claim, *appeal))
            }
            Duty::Release => {
                let pack = self.packs.get(claim)?;
                Some(release::instruction_of(key, *claim, pack))
            }
            Duty::Archive => {
                let member = self.members.get(&before.member)?;
                Some(archive::instruction_of(*claim, before, member))
            }
            Duty::Cede | Duty::Draw | Duty::Settle => None,
        }
    }

    /// The claims that wait for the draw, those first that came in first.
    pub fn waiting_for_draw(&self) -> Vec<(Pubkey, Claim)> {
        let mut waiting: Vec<(Pubkey, Claim)> = self
            .claims
            .iter()
            .filter(|(_, claim)| claim.pend_reason == PendReason::Draw)
            .map(|(address, claim)| (*address, claim.clone()))
            .collect();
        waiting.sort_by_key(|(_, claim)| claim.received_at);
        waiting
    }

    /// Claims that were to be confirmed and were not: they wait for the insurer now, and nothing has to be sent for it.
    pub fn confirmations_ended(&self) -> usize {
        let ended = |claim: &&Claim| {
            // Who has no key was never asked.
            claim.pend_reason == PendReason::Confirmation
                && claim.course.wait_until != 0
                && !claim.course.has(Course::ESCALATED)
                && claim.check_with_insurer(self.today.days()).is_ok()
        };
        self.claims.values().filter(ended).count()
    }

    /// A claim; none where it is archived, or was never there.
    pub fn claim(&self, address: &Pubkey) -> Option<&Claim> {
        self.claims.get(address)
    }
}
