//! A claim on its way to the ledger: the document's lines under the pool's keys, and the accounts that they concern.

use std::collections::BTreeMap;
use std::sync::Arc;

use claims::error::ClaimsError;
use claims::state::{
    Agreement, Authorization, BenefitSchedule, ClaimFact, ClaimLineArgs, DetailEntry, History,
    Member, Opening, OtherPayer, Plan, PlanVersion, Pool, Predetermination,
};
use galen_documents::claim::{Claim, Line, Part};
use galen_documents::fhir::Purpose;
use galen_rules::Date;
use registry::state::Config;
use solana_pubkey::Pubkey;

use super::facts::facts;
use super::prior_authorization::{self, cited, Citation};
use crate::chain::others::details_of;
use crate::chain::{codes, entity, people};
use crate::cluster::Cluster;
use crate::command::plan::{details, version};
use crate::document;
use crate::error::{CliError, Result};
use crate::send::{foreseen, foreseen_by_claims};
use crate::store::{CodeKey, Store};

/// The accounts that a submission concerns, read once.
#[derive(Clone)]
pub struct Parties {
    /// The pool's address.
    pub pool_address: Pubkey,
    /// The pool.
    pub pool: Pool,
    /// The provider's organization account.
    pub provider: Pubkey,
    /// The agreement's address.
    pub agreement_address: Pubkey,
    /// The agreement.
    pub agreement: Agreement,
    /// The member's address.
    pub member_address: Pubkey,
    /// The member.
    pub member: Member,
    /// The member's plan.
    pub plan: Plan,
}

impl Parties {
    /// Reads them.
    ///
    /// # Errors
    /// `not_found`, `member_unknown`, `member_of_other_pool`, `no_agreement`, `cluster_unreachable`.
    pub fn read(
        cluster: &Cluster,
        pool_address: Pubkey,
        provider: Pubkey,
        member_address: Pubkey,
    ) -> Result<Self> {
        let pool: Pool = entity::get(cluster, &pool_address)?;
        let (agreement_address, agreement) = agreement(cluster, &pool_address, &provider)?;
        let member = people::member(cluster, &member_address)?;
        if member.pool != pool_address {
            return Err(CliError::new(
                "member_of_other_pool",
                format!(
                    "The member {member_address} belongs to the pool {}.",
                    member.pool
                ),
            ));
        }
        let plan: Plan = entity::get(cluster, &member.plan)?;
        Ok(Self {
            pool_address,
            pool,
            provider,
            agreement_address,
            agreement,
            member_address,
            member,
            plan,
        })
    }

    /// The member's history.
    pub fn history(&self) -> Pubkey {
        History::find_address(&self.member_address).0
    }

    /// The registry's configuration.
    pub fn config(&self) -> Pubkey {
        Config::find_address().0
    }

    /// The version of the member's plan in force on a day.
    ///
    /// # Errors
    /// `no_plan_version`, and those of [`version::on`].
    pub fn version_on(&self, cluster: &Cluster, day: Date) -> Result<(Pubkey, PlanVersion)> {
        version::on(cluster, &self.member.plan, &self.plan, day)?.ok_or_else(|| {
            CliError::new(
                "no_plan_version",
                format!(
                    "The plan {} has no version in force on {day}; its first one begins later.",
                    self.member.plan
                ),
            )
        })
    }
}

/// The agreement of a pool with a provider, and its address.
///
/// # Errors
/// `no_agreement`, `cluster_unreachable`.
pub fn agreement(
    cluster: &Cluster,
    pool: &Pubkey,
    provider: &Pubkey,
) -> Result<(Pubkey, Agreement)> {
    let (address, _) = Agreement::find_address(pool, provider);
    let agreement = entity::find::<Agreement>(cluster, &address)?.ok_or_else(|| {
        let message = format!("The pool {pool} has no agreement with the provider {provider}; nobody is paid without one. The insurer offers it with `galen agreement offer`.");
        CliError::new("no_agreement", message)
    })?;
    Ok((address, agreement))
}

/// A claim's lines as the program takes them.
pub struct Submission {
    /// The plan version's address.
    pub plan_version: Pubkey,
    /// The schedule's address.
    pub schedule: Pubkey,
    /// First service date.
    pub service_date: Date,
    /// The lines.
    pub lines: Vec<ClaimLineArgs>,
    /// What another payer has decided, ascending by line; empty where there is none.
    pub other_payers: Vec<OtherPayer>,
    /// What the plan version's details ask for beyond the lines, ascending; empty where there is nothing.
    pub facts: Vec<ClaimFact>,
    /// The details' address, where the plan version has any.
    pub details: Option<Pubkey>,
    /// The codes behind the keys, to print them.
    pub codes: BTreeMap<[u8; 8], String>,
    /// Σ charges, in cents.
    pub charge: u64,
    /// The prior authorisations that the document names, in its lines' order.
    pub citations: Vec<Citation>,
    name: String,
}

/// What a claim is put under: the version in force on its first service date, and the key of that version's schedule.
#[derive(Clone)]
pub struct Terms {
    /// The plan version's address.
    pub plan_version: Pubkey,
    /// The schedule's address.
    pub schedule: Pubkey,
    /// The schedule's code key.
    pub key: CodeKey,
    /// The version's details: their address, where it has any, and what is in them.
    pub details: (Option<Pubkey>, Arc<[DetailEntry]>),
}

impl Terms {
    /// Those of the member's plan on a day.
    ///
    /// # Errors
    /// `no_plan_version`, `code_key_missing`, `cluster_unreachable`.
    pub fn on(cluster: &Cluster, store: &Store, parties: &Parties, day: Date) -> Result<Self> {
        let (plan_version, version) = parties.version_on(cluster, day)?;
        Self::of(cluster, store, parties, plan_version, &version)
    }

    /// Those of a plan version.
    ///
    /// # Errors
    /// `code_key_missing`, `cluster_unreachable`.
    pub fn of(
        cluster: &Cluster,
        store: &Store,
        parties: &Parties,
        plan_version: Pubkey,
        version: &PlanVersion,
    ) -> Result<Self> {
        let (schedule, _) = schedule(cluster, &version.schedule)?;
        let key = codes::needed_key_of(store, &parties.pool_address, schedule.number)?;
        Ok(Self {
            plan_version,
            schedule: version.schedule,
            key,
            details: (
                details_of(version),
                details::of_version(cluster, version)?.into(),
            ),
        })
    }
}

/// A predetermination whose price is held, with the plan version by which it was answered.
pub struct Held {
    /// Its address.
    pub address: Pubkey,
    /// The plan version's address.
    pub plan_version: Pubkey,
    /// The plan version.
    pub version: PlanVersion,
    answer: Predetermination,
}

impl Held {
    /// Reads it, and refuses one that these parties cannot cite: a draft would be left behind otherwise.
    ///
    /// # Errors
    /// `not_found`, and the program's, by name.
    pub fn read(cluster: &Cluster, address: Pubkey, parties: &Parties) -> Result<Self> {
        let answer: Predetermination = entity::get(cluster, &address)?;
        let refusal = if answer.pool != parties.pool_address {
            Some(ClaimsError::PredeterminationOfOtherPool)
        } else if answer.provider != parties.provider {
            Some(ClaimsError::PredeterminationOfOtherProvider)
        } else if answer.member != parties.member_address {
            Some(ClaimsError::ClaimOfOtherMember)
        } else if answer.hold_until == 0 {
            Some(ClaimsError::PriceNotHeld)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return Err(foreseen(&refusal));
        }
        Ok(Self {
            address,
            plan_version: answer.plan_version,
            version: entity::get(cluster, &answer.plan_version)?,
            answer,
        })
    }

    /// Whether a claim that cites it is one from within the network.
    pub fn in_network(&self) -> bool {
        self.answer.in_network
    }

    /// Has the program's own code look whether the claim can cite it.
    ///
    /// # Errors
    /// The program's, by name: `already_cited`, `service_outside_hold`, `codes_not_within`.
    pub fn check(&self, submission: &Submission, claim_id: [u8; 16]) -> Result<()> {
        let opening = Opening {
            bump: 0,
            pool: self.answer.pool,
            provider: self.answer.provider,
            claim_id,
            document: self.answer.document,
            opener: self.answer.opener,
            service_date: submission.service_date.days(),
            line_count: u8::try_from(submission.lines.len()).map_err(|_| too_many_lines())?,
        };
        let mut answer = self.answer.clone();
        draft(opening, &submission.lines)
            .and_then(|claim| answer.cite(&claim))
            .map_err(|error| foreseen_by_claims(&error))
    }
}

fn draft(opening: Opening, lines: &[ClaimLineArgs]) -> anchor_lang::Result<claims::state::Claim> {
    let mut claim = claims::state::Claim::open(opening)?;
    claim.append(0, lines)?;
    Ok(claim)
}

/// Whether a document says itself that it asks before care.
fn is_predetermination(document: &document::Claim) -> bool {
    let fhir = document.fhir.as_ref();
    fhir.is_some_and(|fhir| fhir.purpose == Purpose::Predetermination)
}

impl Submission {
    /// Puts a document under the keys of the schedule that is in force on its first service date, or of the one whose price
    /// is held.
    ///
    /// # Errors
    /// Those of [`Submission::under`] and [`Terms::on`].
    pub fn of(
        cluster: &Cluster,
        store: &Store,
        parties: &Parties,
        document: &document::Claim,
        held: Option<&Held>,
        name: &str,
    ) -> Result<Self> {
        Self::under(document, name, |day| match held {
            None => Terms::on(cluster, store, parties, day),
            Some(held) => Terms::of(cluster, store, parties, held.plan_version, &held.version),
        })
    }

    /// The same under the terms that `terms` says for the first service date.
    ///
    /// # Errors
    /// `predetermination`, `unsupported`, `spans_too_long`, `money_too_large`, and those of `terms`.
    pub fn under(
        document: &document::Claim,
        name: &str,
        terms: impl FnOnce(Date) -> Result<Terms>,
    ) -> Result<Self> {
        if is_predetermination(document) {
            return Err(CliError::new(
                "predetermination",
                format!("{name} asks what would be paid: ask it with `galen predetermination ask`, or quote it. A claim has `use` \"claim\"."),
            ));
        }
        Self::lines(document, name, terms)
    }

    /// A question before care, under the terms that `terms` says for the first planned day.
    ///
    /// # Errors
    /// `not_a_predetermination`, and those of [`Submission::under`]; `unsupported` for what a question cannot say.
    pub fn asked(
        document: &document::Claim,
        name: &str,
        terms: impl FnOnce(Date) -> Result<Terms>,
    ) -> Result<Self> {
        if document.fhir.is_some() && !is_predetermination(document) {
            return Err(CliError {
                code: "not_a_predetermination".to_owned(),
                message: format!("{name} asks to be paid; submit it with `galen claim submit`. A question before care has `use` \"predetermination\"."),
                at: Some("Claim.use".to_owned()),
            });
        }
        let submission = Self::lines(document, name, terms)?;
        match submission.other_payers.first() {
            None => Ok(submission),
            Some(other) => Err(CliError {
                code: "unsupported".to_owned(),
                message: format!("{name}: What another payer decided can be quoted and submitted; the ledger answers for this plan alone."),
                at: Some(document.claim.at(usize::from(other.line), Part::Whole)),
            }),
        }
    }

    fn lines(
        document: &document::Claim,
        name: &str,
        terms: impl FnOnce(Date) -> Result<Terms>,
    ) -> Result<Self> {
        let claim = &document.claim;
        refuse_unsupported_claim(claim).map_err(|(at, why)| CliError {
            code: "unsupported".to_owned(),
            message: format!("{name}: {why}"),
            at: Some(at.to_owned()),
        })?;
        let service_date = claim
            .lines
            .iter()
            .map(|line| claim.date_of(line).0)
            .min()
            .unwrap_or(Date::MIN);
        let Terms {
            plan_version,
            schedule,
            key,
            details,
        } = terms(service_date)?;
        let mut lines = Vec::with_capacity(claim.lines.len());
        let mut other_payers = Vec::new();
        let mut names = BTreeMap::new();
        let mut charge = 0_u64;
        let mut citations = Vec::new();
        for (index, line) in claim.lines.iter().enumerate() {
            refuse_unsupported(claim, line, index).map_err(|(at, why)| CliError {
                code: "unsupported".to_owned(),
                message: format!("{name}: {why}"),
                at: Some(at),
            })?;
            citations.extend(cited(document, index, name)?);
            let day = claim.date_of(line).0.days_since(service_date);
            let code_key = codes::procedure(&key, &line.code)?;
            names.insert(code_key, line.code.clone());
            charge = charge.checked_add(line.charge.0.get()).ok_or_else(|| {
                CliError::new(
                    "money_too_large",
                    "The charges add up to more than Galen counts.",
                )
            })?;
            if let Some(other) = &line.other_payer {
                other_payers.push(OtherPayer {
                    line: u8::try_from(index).map_err(|_| too_many_lines())?,
                    allowed: other.allowed.0.get(),
                    paid: other.paid.0.get(),
                    obligated: other.obligated().0.get(),
                });
            }
            lines.push(ClaimLineArgs {
                code_key,
                modifiers: people::modifiers_key(&key, &line.modifiers, line.sequence)?,
                units: line.units,
                charge: line.charge.0.get(),
                day: u8::try_from(day).map_err(|_| CliError {
                    code: "spans_too_long".to_owned(),
                    message: format!("{name}: The line is more than {} days after the first one; split the claim.", u8::MAX),
                    at: Some(claim.at(index, Part::Date)),
                })?,
            });
        }
        Ok(Self {
            plan_version,
            schedule,
            service_date,
            lines,
            other_payers,
            facts: facts(claim, &key, &details.1)?,
            details: details.0,
            codes: names,
            charge,
            citations,
            name: name.to_owned(),
        })
    }
}

/// The refusal of a claim with more lines than the program takes.
pub fn too_many_lines() -> CliError {
    CliError::new(
        "too_many_lines",
        "A claim takes at most 16 lines; split it.",
    )
}

impl Submission {
    /// First and last service date of the lines, in days since 1970-01-01.
    pub fn days(&self) -> (i32, i32) {
        let first = self.service_date.days();
        let span = self.lines.iter().map(|line| line.day).max();
        (first, first.saturating_add(i32::from(span.unwrap_or(0))))
    }

    /// Has the program's own code look whether there was an agreement on its days and, where it cites no held price, which side of
    /// the network's border it is of: a draft would be left behind otherwise.
    ///
    /// # Errors
    /// The program's, by name: `agreement_not_active`, `service_outside_agreement`, `claim_spans_network_change`.
    pub fn check_agreement(&self, parties: &Parties, is_held: bool) -> Result<()> {
        let claim = self.drafted(parties)?;
        let agreement = &parties.agreement;
        let mut checked = agreement.check_in_force(&claim.lines);
        if checked.is_ok() && !is_held {
            checked = agreement.network_of(&claim.lines).map(|_| ());
        }
        checked.map_err(|error| foreseen_by_claims(&error))
    }

    /// The draft that it will be. Only its lines and whose it is are asked about: zeros would stand for no claim.
    fn drafted(&self, parties: &Parties) -> Result<claims::state::Claim> {
        let opening = Opening {
            bump: 0,
            pool: parties.pool_address,
            provider: parties.provider,
            claim_id: [1; 16],
            document: [1; 32],
            opener: parties.provider,
            service_date: self.service_date.days(),
            line_count: u8::try_from(self.lines.len()).map_err(|_| too_many_lines())?,
        };
        let mut claim = draft(opening, &self.lines).map_err(|error| foreseen_by_claims(&error))?;
        claim.member = parties.member_address;
        Ok(claim)
    }

    /// The numbers of the member's authorisations that it brings: those that the command names, those that the document
    /// cites, and what else `papers` have about its lines.
    ///
    /// # Errors
    /// `authorization_unknown`.
    pub fn authorizations(
        &self,
        parties: &Parties,
        flags: &[u8],
        papers: &[Authorization],
    ) -> Result<Vec<u8>> {
        let claim = self.drafted(parties)?;
        prior_authorization::brought(&claim, &self.citations, flags, papers, &self.name)
    }
}

/// The same of the claim as a whole. What only a plan's demands would ask for is stated where they do.
fn refuse_unsupported_claim(
    claim: &Claim,
) -> std::result::Result<(), (&'static str, &'static str)> {
    if !claim.provider_eligible {
        return Err((
            "provider_eligible",
            "A provider who may not bill can be quoted; on the ledger the agreement says who may.",
        ));
    }
    Ok(())
}

/// What the program does not take yet must not be left out in silence: it would change what is owed.
fn refuse_unsupported(
    claim: &Claim,
    line: &Line,
    index: usize,
) -> std::result::Result<(), (String, &'static str)> {
    let at = |part: &str| format!("{}{part}", claim.at(index, Part::Whole));
    if line.review.is_some() {
        return Err((
            at(".review"),
            "A reviewer's finding can be quoted; on the ledger the insurer decides on a claim that waits.",
        ));
    }
    Ok(())
}

/// The header of a schedule, which may be too large for its entries to be worth decoding, and the account's size.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn schedule(cluster: &Cluster, address: &Pubkey) -> Result<(BenefitSchedule, usize)> {
    let refused = || {
        CliError::new(
            "wrong_account",
            format!("{address} is not the address of a benefit schedule."),
        )
    };
    let account = cluster
        .account(address)?
        .filter(|account| account.owner == claims::ID)
        .ok_or_else(refused)?;
    let header = claims::state::decode_zero_copy(&account.data).map_err(|_| refused())?;
    Ok((header, account.data.len()))
}
