//! `galen member eligibility`

use std::path::PathBuf;

use claims::state::{BenefitEntry, BenefitSchedule, Member, Plan, PlanTerms, PlanVersion, Pool};
use galen_documents::fhir::{
    self, Benefit, BenefitKind, Code, Eligibility, EligibilityPurpose, EligibilityRequest, Extent,
    Network, Party, Quantity, Term, Unit,
};
use galen_rules::{BasisPoints, Cents, Date};
use registry::state::Organization;
use solana_pubkey::Pubkey;

use super::figures::{self, Figure, Limit};
use super::standing;
use crate::chain::{codes, entity, parties, people};
use crate::cluster::Cluster;
use crate::command::claim::submission;
use crate::command::plan::version;
use crate::config::Settings;
use crate::document::{self, Written};
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::{Store, Subject};

/// Flags of `galen member eligibility`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member eligibility request.fhir.json --pool POOL > answer.fhir.json
  galen member eligibility request.fhir.json --pool POOL --member ADDRESS

Reads a FHIR R4 CoverageEligibilityRequest and writes a CoverageEligibilityResponse: whether the coverage is in force on the
days asked about, by the days of coverage and what the insurer states of the member (lapses, death, requirements); for the purpose `benefits` deductibles, maxima and what of them is used up, and of each service what is
allowed and what the member pays; for `auth-requirements` which services need an authorisation. The member is found by the
patient's identifier, of which this store has the salt.")]
pub struct Args {
    /// The request
    request: PathBuf,
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The member's account, where this store has no salt
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// What the reader refuses by path; `member_unknown`, `patient_mismatch`, `insurer_mismatch`, `no_plan_version`,
/// `code_key_missing`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let name = document::name(&args.request);
    let request = fhir::read_eligibility_request(&document::json(&args.request)?)
        .map_err(|problem| CliError::in_document(&name, problem))?;
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let pool: Pool = entity::get(&cluster, &args.pool)?;
    let insurer: Organization = entity::get(&cluster, &pool.insurer)?;
    let insurer = parties::organization(&insurer);
    if request.insurer.system == insurer.system
        && request.insurer.value.is_some()
        && request.insurer.value != insurer.value
    {
        return Err(at(
            "insurer_mismatch",
            "CoverageEligibilityRequest.insurer.identifier.value",
            format!(
                "{name}: The request is for another insurer than the pool's, which is {}.",
                insurer.text()
            ),
        ));
    }
    let (address, member) = member(args, &store, &cluster, &request, &name)?;
    let now = cluster.unix_time()?;
    let today = Date::from_unix(now).unwrap_or(Date::MIN);
    let (first, last) = request.serviced.unwrap_or((today, today));
    let plan: Plan = entity::get(&cluster, &member.plan)?;
    let (_, version) = version::on(&cluster, &member.plan, &plan, first)?.ok_or_else(|| {
        CliError::new(
            "no_plan_version",
            format!(
                "The plan {} has no version in force on {first}.",
                member.plan
            ),
        )
    })?;
    let objection = standing::objection(&cluster, &address, &member, &version, (first, last))?;
    let in_force = objection.is_none();
    let asked = |purpose| in_force && request.purposes.contains(&purpose);
    let mut extents = Vec::new();
    if asked(EligibilityPurpose::Benefits) {
        let year = first.year().into();
        let limits = figures::limits(&cluster, &version.terms, &member, year)?;
        extents.extend(whole_plan(&limits));
    }
    let (amounts, authorizations) = (
        asked(EligibilityPurpose::Benefits),
        asked(EligibilityPurpose::Authorizations),
    );
    if (amounts || authorizations) && !request.items.is_empty() {
        let schedule = Schedule::read(&cluster, &store, &args.pool, &version)?;
        for item in &request.items {
            let entry = schedule.entry(&item.code.code)?;
            extents.push(service(
                &item.code,
                entry.as_ref(),
                &version.terms,
                amounts,
                authorizations,
            ));
        }
    }
    let period = benefit_period(&member, first);
    let patient = patient(&request, &store, &member, &name)?;
    let answer = Eligibility {
        request: request.identifier.clone(),
        purposes: request.purposes.clone(),
        coverage: request
            .coverage
            .as_ref()
            .and_then(Party::elsewhere)
            .unwrap_or_else(|| patient.clone()),
        patient,
        requestor: request.provider.as_ref().and_then(Party::elsewhere),
        insurer,
        created: parties::date_time(now),
        serviced: (first, last),
        currency: String::from_utf8_lossy(&version.terms.currency).into_owned(),
        disposition: standing::sentence(objection),
        in_force,
        period: period.filter(|_| in_force),
        extents,
    };
    let written = fhir::write_eligibility_response(&answer)
        .map_err(|problem| CliError::in_document("The answer", problem))?;
    Answer::new(&Written(written))
}

fn at(code: &str, place: &str, message: String) -> CliError {
    CliError {
        code: code.to_owned(),
        message,
        at: Some(place.to_owned()),
    }
}

const PATIENT: &str = "CoverageEligibilityRequest.patient.identifier.value";

/// Who the answer is about: as the request has it, else as the store knows. What the request only contains is not there in the
/// answer.
fn patient(
    request: &EligibilityRequest,
    store: &Store,
    member: &Member,
    name: &str,
) -> Result<Party> {
    if let Some(named) = request.patient.elsewhere() {
        return Ok(named);
    }
    let known = store.identifier(Subject::Member, &member.commitment)?;
    known.as_deref().map(parties::person).ok_or_else(|| {
        let message =
            format!("{name}: The patient has no identifier that the answer could repeat; give it.");
        at("member_unknown", PATIENT, message)
    })
}

/// The member that the request is about.
fn member(
    args: &Args,
    store: &Store,
    cluster: &Cluster,
    request: &EligibilityRequest,
    name: &str,
) -> Result<(Pubkey, Member)> {
    let address = match (args.member, &request.patient.value) {
        (Some(address), _) => address,
        (None, Some(id)) => people::known(store, &args.pool, id)?,
        (None, None) => {
            let message = format!(
                "{name}: The patient has no identifier; give it, or the account with --member."
            );
            return Err(at("member_unknown", PATIENT, message));
        }
    };
    let member = people::member(cluster, &address)?;
    if member.pool != args.pool {
        return Err(CliError::new(
            "member_of_other_pool",
            format!("The member {address} belongs to the pool {}.", member.pool),
        ));
    }
    let known = store.identifier(Subject::Member, &member.commitment)?;
    match (known, &request.patient.value) {
        (Some(known), Some(named)) if known != *named => Err(at(
            "patient_mismatch",
            PATIENT,
            format!("{name}: The request is about {named}, and {address} is somebody else."),
        )),
        _ => Ok((address, member)),
    }
}

/// The calendar year of the service, as far as the member is covered in it.
fn benefit_period(member: &Member, day: Date) -> Option<(Date, Date)> {
    let (first, last) = (
        Date::from_ymd(day.year(), 1, 1)?,
        Date::from_ymd(day.year(), 12, 31)?,
    );
    let from = Date::from_days(member.covered_from)?.max(first);
    let to = Date::from_days(member.covered_to)?.min(last);
    (from <= to).then_some((from, to))
}

/// Deductibles and maxima of the plan, and what of them is used up in a year.
fn whole_plan(limits: &[Limit]) -> Vec<Extent> {
    let mut extents = Vec::new();
    for network in [Network::In, Network::Out] {
        for unit in [Unit::Individual, Unit::Family] {
            let here = limits.iter().filter(|limit| {
                // What does not depend on the network is said of the plan's own.
                (limit.in_network != Some(false)) == (network == Network::In)
                    && limit.is_family == (unit == Unit::Family)
            });
            let benefits: Vec<Benefit> = here
                .filter_map(|limit| {
                    let kind = match limit.figure {
                        Figure::Deductible => BenefitKind::Deductible,
                        Figure::OutOfPocket => BenefitKind::OutOfPocket,
                        Figure::AnnualMaximum | Figure::LifetimeMaximum => return None,
                    };
                    Some(amount(kind, limit.most, Some(limit.used)))
                })
                .collect();
            if !benefits.is_empty() {
                extents.push(Extent {
                    network: Some(network),
                    unit: Some(unit),
                    term: Some(Term::Annual),
                    benefits,
                    ..Extent::default()
                });
            }
        }
    }
    let maxima = limits.iter().filter_map(|limit| {
        let term = match limit.figure {
            Figure::AnnualMaximum => Term::Annual,
            Figure::LifetimeMaximum => Term::Lifetime,
            Figure::Deductible | Figure::OutOfPocket => return None,
        };
        Some(Extent {
            unit: Some(Unit::Individual),
            term: Some(term),
            benefits: vec![amount(BenefitKind::Benefit, limit.most, Some(limit.used))],
            ..Extent::default()
        })
    });
    extents.extend(maxima);
    extents
}

fn amount(kind: BenefitKind, allowed: u64, used: Option<u64>) -> Benefit {
    Benefit {
        kind,
        allowed: Some(Quantity::Amount(Cents::new(allowed))),
        used: used.map(Cents::new),
    }
}

/// What the plan says of one service in its network.
fn service(
    code: &Code,
    entry: Option<&BenefitEntry>,
    terms: &PlanTerms,
    amounts: bool,
    authorizations: bool,
) -> Extent {
    let covered = entry.filter(|entry| entry.has(BenefitEntry::COVERED));
    let mut benefits = Vec::new();
    if let Some(entry) = covered.filter(|_| amounts) {
        let copay = match entry.copay {
            BenefitEntry::INHERIT_COPAY => terms.copay,
            own => own.into(),
        };
        let coinsurance = match entry.coinsurance_bps {
            BenefitEntry::INHERIT => terms.coinsurance_bps,
            own => own,
        };
        benefits.push(amount(BenefitKind::Benefit, entry.allowed, None));
        benefits.push(amount(BenefitKind::Copay, copay, None));
        // With tiers there is no single rate, unless the service has its own.
        if terms.tiers.is_empty() || entry.coinsurance_bps != BenefitEntry::INHERIT {
            benefits.push(Benefit {
                kind: BenefitKind::Coinsurance,
                allowed: BasisPoints::new(coinsurance).map(Quantity::Rate),
                used: None,
            });
        }
    }
    Extent {
        service: Some(code.clone()),
        excluded: Some(covered.is_none()),
        network: Some(Network::In),
        benefits,
        authorization_required: covered
            .filter(|_| authorizations)
            .map(|entry| entry.has(BenefitEntry::AUTHORIZATION)),
        ..Extent::default()
    }
}

/// A schedule's entries under their keys.
struct Schedule {
    key: crate::store::CodeKey,
    data: Vec<u8>,
}

impl Schedule {
    fn read(
        cluster: &Cluster,
        store: &Store,
        pool: &Pubkey,
        version: &PlanVersion,
    ) -> Result<Self> {
        let (header, _) = submission::schedule(cluster, &version.schedule)?;
        let key = codes::needed_key_of(store, pool, header.number)?;
        let data = cluster
            .account(&version.schedule)?
            .map(|account| account.data)
            .unwrap_or_default();
        Ok(Self { key, data })
    }

    /// What stands under a code.
    fn entry(&self, code: &str) -> Result<Option<BenefitEntry>> {
        let key = codes::procedure(&self.key, code)?;
        let entries = self
            .data
            .get(BenefitSchedule::ENTRIES_OFFSET..)
            .unwrap_or_default();
        let mut entries = entries
            .chunks_exact(BenefitEntry::SIZE)
            .map(bytemuck::pod_read_unaligned::<BenefitEntry>);
        Ok(entries.find(|entry| entry.code_key == key))
    }
}
