//! `galen claim dispense`

use std::collections::BTreeSet;

use claims::instructions::DispenseClaimArgs;
use claims::state::{BenefitEntry, PackCommitment};
use claims::{accounts, instruction};
use galen_rules::Date;
use provenance::state::Dispense;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use super::pack::salt;
use super::submission::{self, Parties};
use crate::chain::intent::Intent;
use crate::chain::others::about;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::{codes, entity, people};
use crate::command::pack::named::Named;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Authorisations that nobody named: a dispense has room for no more.
const AUTHORIZATIONS: usize = 4;

/// Flags of `galen claim dispense`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim dispense ADDRESS BATCH batch.leaves --serial SN00000001
  galen claim dispense ADDRESS BATCH batch.leaves --serial SN00000001 --handed-out

Signed by an operator of the pharmacy with the permissions submit-claim and dispense-pack. The pack must be kept for the claim
(`galen pack reserve`) and be the one that the member agreed to (`galen claim submit --pack`). Where the pack is not genuine,
expired, recalled, set aside, elsewhere or dispensed, or the claim cannot be paid at once, nothing happens, and the answer says
why. Running it again after it was done is fine.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    named: Named,
    /// It leaves the pharmacy now
    #[arg(long)]
    handed_out: bool,
    /// Number of the pharmacy's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
    /// Number of an authorization of the member that lines use up; can be given several times
    #[arg(long, value_name = "NUMBER")]
    authorization: Vec<u8>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `pack_unknown`, those of the leaf file, `credential_missing`, and the refusals of either program.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let mut case = Case::open(session, args.address)?;
    let cluster = case.session.cluster();
    let (commitment_address, _) = PackCommitment::find_address(&args.address);
    let commitment: PackCommitment = entity::get(cluster, &commitment_address)?;
    if commitment.dispensed_at != 0 {
        return case.unchanged();
    }
    let pack = args.named.find(cluster)?;
    let salt = salt(&case.session.ledger.store, &args.address, &pack)?;
    let goods = &pack.goods;
    if goods.dispense(cluster, pack.place)?.is_none() {
        let message = format!(
            "The pack is not kept for the claim; `galen pack reserve` with --claim {} keeps it.",
            args.address
        );
        return Err(CliError::new("not_reserved", message));
    }
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let (pool, provider) = (case.claim.pool, case.claim.provider);
    let parties = Parties::read(cluster, pool, provider, commitment.member)?;
    let (plan_version, version) = plan_version(&case, &parties)?;
    let operator_record = case.session.staff(&provider, Permission::DispensePack)?;
    let accounts = accounts::DispenseClaim {
        operator: case.session.key(),
        operator_record,
        provider,
        credential: goods.credential(cluster, &provider, args.credential)?,
        config: parties.config(),
        agreement: parties.agreement_address,
        pool,
        plan_version,
        schedule: version.schedule,
        member: commitment.member,
        history: parties.history(),
        claim: args.address,
        pack: commitment_address,
        vault: parties.pool.vault,
        payout: parties.agreement.effective_payout(case.session.now),
        mint: parties.pool.mint,
        token_program: parties.pool.token_program,
        batch: goods.address,
        page: goods.page_of(pack.place).unwrap_or_default(),
        pack_node,
        case_node,
        pallet_node,
        batch_node,
        dispense: Dispense::address(&goods.address, pack.place),
        provenance_program: provenance::ID,
        provenance_events: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let data = instruction::DispenseClaim {
        args: DispenseClaimArgs {
            salt,
            index: pack.place.index,
            is_handed_out: args.handed_out,
            opening: opening(&case, &version.schedule, &goods.batch.gtin)?,
        },
    };
    let charge = case.claim.lines.iter().map(|line| line.charge).sum::<u64>();
    let intent = Intent::new("Dispense a pack and have its claim paid")
        .with("claim", args.address)
        .with("charge", money(charge))
        .with("serial", args.named.serial())
        .with(
            "handed out",
            if args.handed_out {
                "yes: never undone"
            } else {
                "not yet"
            },
        );
    // It has neither on the ledger before: whose family and authorizations are brought is in the commitment, and the version's details
    // are those of its day.
    case.claim.member = commitment.member;
    case.claim.plan_version = plan_version;
    let papers =
        people::authorizations(case.session.cluster(), &BTreeSet::from([commitment.member]))?;
    // Those that are named come first: more than these do not fit the transaction.
    let mut numbers: BTreeSet<u8> = args.authorization.iter().copied().collect();
    let others = about(&case.claim, &papers);
    numbers.extend(others.into_iter().take(AUTHORIZATIONS));
    case.execute_for_member(&intent, &accounts, &data, &numbers)
}

/// What shows that the code on the claim is that of the pack's medicine, where it is. The program asks for it where the plan pays
/// the medicine only with its pack.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`, `store_damaged`.
fn opening(case: &Case, schedule: &Pubkey, gtin: &[u8; 14]) -> Result<Option<[u8; 16]>> {
    let (schedule, _) = submission::schedule(case.session.cluster(), schedule)?;
    let store = &case.session.ledger.store;
    let Some(key) = codes::known_key_of(store, &case.claim.pool, schedule.number)? else {
        return Ok(None);
    };
    let opening = codes::opening(&key, gtin)?;
    let shown = BenefitEntry::product_key(&opening, gtin);
    let is_shown = case.claim.lines.iter().any(|line| line.code_key == shown);
    Ok(is_shown.then_some(opening))
}

/// The version of a held price that the claim cites, or the one in force on its service date.
fn plan_version(case: &Case, parties: &Parties) -> Result<(Pubkey, claims::state::PlanVersion)> {
    let cluster = case.session.cluster();
    let cited = case.claim.plan_version;
    if cited != Pubkey::default() {
        return Ok((cited, entity::get(cluster, &cited)?));
    }
    let day = Date::from_days(case.claim.service_date).ok_or_else(|| {
        CliError::new(
            "wrong_account",
            "The claim has a service date outside the calendar; it is of a newer galen.",
        )
    })?;
    parties.version_on(cluster, day)
}
