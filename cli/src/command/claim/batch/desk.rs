//! What all claims of a batch have in common, read once: pool, agreement, provider, plans, and the members by the hundred.

use std::collections::BTreeMap;

use claims::error::ClaimsError;
use claims::state::{decode_zero_copy, Agreement, Member, Plan, PlanVersion, Pool};
use galen_rules::Date;
use registry::state::{Organization, Permission};
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset};
use crate::chain::organization;
use crate::chain::session::Session;
use crate::command::claim::submission::{agreement, Parties, Terms};
use crate::command::plan::version;
use crate::error::{CliError, Result};
use crate::send::foreseen;

/// Who files, with whom.
pub struct Desk<'a> {
    /// Cluster, signer, store.
    pub session: &'a Session<'a>,
    /// The pool's address.
    pub pool_address: Pubkey,
    /// The pool.
    pub pool: Pool,
    /// The provider's organization account.
    pub provider: Pubkey,
    /// The provider.
    pub organization: Organization,
    /// The record under which the user files.
    pub operator_record: Pubkey,
    agreement_address: Pubkey,
    /// The agreement.
    pub agreement: Agreement,
}

impl<'a> Desk<'a> {
    /// Reads it, and finds out what would be refused of every claim.
    ///
    /// # Errors
    /// `not_found`, `no_agreement`, `agreement_not_active`, and those of [`organization::staff`].
    pub fn open(session: &'a Session<'a>, pool: Pubkey, provider: &Pubkey) -> Result<Self> {
        let cluster = session.cluster();
        let (provider, organization) = organization::resolve(cluster, provider)?;
        let (agreement_address, agreement) = agreement(cluster, &pool, &provider)?;
        // Once it was accepted, it is the day of service that counts.
        if agreement.payout == Pubkey::default() {
            return Err(foreseen(&ClaimsError::AgreementNotActive));
        }
        Ok(Self {
            pool_address: pool,
            pool: entity::get(cluster, &pool)?,
            operator_record: session.staff(&provider, Permission::SubmitClaim)?,
            provider,
            organization,
            agreement_address,
            agreement,
            session,
        })
    }

    /// What journal and commitments count as one place: the pool and the provider.
    pub fn scope(&self) -> String {
        format!("{} {}", self.pool_address, self.provider)
    }

    /// The currency of the pool's plans: they share its money.
    ///
    /// # Errors
    /// `no_plan_version`, `cluster_unreachable`, `wrong_account`.
    pub fn currency(&self) -> Result<String> {
        let cluster = self.session.cluster();
        let plans = entity::list::<Plan>(cluster, &[(offset::PLAN_POOL, self.pool_address)])?;
        let latest = plans.iter().find_map(|(address, plan)| {
            let number = plan.latest()?.version;
            Some(PlanVersion::find_address(address, number).0)
        });
        let latest = latest.ok_or_else(|| {
            let message = format!(
                "No plan of the pool {} has a version yet.",
                self.pool_address
            );
            CliError::new("no_plan_version", message)
        })?;
        let version: PlanVersion = entity::get(cluster, &latest)?;
        Ok(String::from_utf8_lossy(&version.terms.currency).into_owned())
    }

    /// The parties of each member's claims, or what is wrong with the account that was named.
    ///
    /// # Errors
    /// `cluster_unreachable`, `not_found`.
    pub fn parties(&self, addresses: &[Pubkey]) -> Result<BTreeMap<Pubkey, Result<Parties>>> {
        let cluster = self.session.cluster();
        let mut plans: BTreeMap<Pubkey, Plan> = BTreeMap::new();
        let mut parties = BTreeMap::new();
        for (address, account) in addresses.iter().zip(cluster.accounts(addresses)?) {
            let member = account
                .filter(|account| account.owner == claims::ID)
                .and_then(|account| decode_zero_copy::<Member>(&account.data).ok());
            let found = match member {
                None => Err(CliError::new(
                    "member_unknown",
                    format!("There is no member at {address} on this cluster. The insurer enrols members with `galen member enrol`."),
                )),
                Some(member) if member.pool != self.pool_address => Err(CliError::new(
                    "member_of_other_pool",
                    format!("The member {address} belongs to the pool {}.", member.pool),
                )),
                Some(member) => {
                    let plan = match plans.get(&member.plan) {
                        Some(plan) => plan.clone(),
                        None => {
                            let plan: Plan = entity::get(cluster, &member.plan)?;
                            plans.insert(member.plan, plan.clone());
                            plan
                        }
                    };
                    Ok(Parties {
                        pool_address: self.pool_address,
                        pool: self.pool.clone(),
                        provider: self.provider,
                        agreement_address: self.agreement_address,
                        agreement: self.agreement.clone(),
                        member_address: *address,
                        member,
                        plan,
                    })
                }
            };
            parties.insert(*address, found);
        }
        Ok(parties)
    }
}

/// The terms of each plan version, read at the first time of asking.
#[derive(Default)]
pub struct TermsOfVersions(BTreeMap<(Pubkey, version::Place), Result<Terms>>);

impl TermsOfVersions {
    /// The terms of the member's plan on a day.
    ///
    /// # Errors
    /// Those of [`Terms::on`].
    pub fn on(&mut self, desk: &Desk, parties: &Parties, day: Date) -> Result<Terms> {
        let place = version::place(&parties.plan, day);
        self.0
            .entry((parties.member.plan, place))
            .or_insert_with(|| {
                let session = desk.session;
                Terms::on(session.cluster(), &session.ledger.store, parties, day)
            })
            .clone()
    }
}
