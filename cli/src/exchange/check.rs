//! A parcel held against the ledger: before it is sent, so that nothing goes out that would be refused; and before it enters
//! a store.

use std::collections::BTreeSet;

use anchor_lang::AccountDeserialize;
use claims::state::{decode_zero_copy, Agreement, Appeal, BenefitSchedule, Claim, Member, Pool};
use registry::state::{Operator, Organization, OrganizationKind, Permission};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

use super::parcel::{Document, Parcel};
use crate::chain::text::hex;
use crate::chain::{entity, organization, people};
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::store::{KeyOf, Salted, Subject};

/// From whom to whom, and on which ledger.
pub struct Route<'a> {
    /// The ledger.
    pub cluster: &'a Cluster,
    /// The sender's organisation.
    pub from: Pubkey,
    /// The sender's operator.
    pub key: Pubkey,
    /// The recipient's organisation.
    pub to: Pubkey,
    /// The cluster's clock.
    pub now: i64,
}

/// What a document of a parcel is to its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// What was submitted as the claim.
    Claim,
    /// What was brought forward with the appeal of this number.
    Grounds(u8),
    /// The reasons for which the appeal of this number was decided.
    Reasons(u8),
}

impl Route<'_> {
    /// Refuses a parcel that the ledger does not bear out. Returns what each of its documents is, in their order.
    ///
    /// # Errors
    /// `organization_not_active`; `operator_missing` and its kin where the key may not send this for the sender;
    /// `not_a_party` where it is none of their business; `commitment_mismatch`, `salt_missing`, `member_unknown`,
    /// `schedule_unknown` where the ledger has something else; `parcel_unexpected`, `parcel_empty`.
    pub fn check(&self, parcel: &Parcel) -> Result<Vec<Paper>> {
        let sender: Organization = entity::get(self.cluster, &self.from)?;
        if !sender.is_active() {
            return Err(CliError::new(
                "organization_not_active",
                format!("The sender {} may not act now.", self.from),
            ));
        }
        if parcel.store.has_more() {
            return Err(unexpected(
                "something else than documents, salts and code keys",
            ));
        }
        let salts = parcel.store.salts()?;
        let keys = parcel.store.keys();
        if parcel.documents.is_empty() && salts.is_empty() && keys.is_empty() {
            return Err(CliError::new(
                "parcel_empty",
                "There is nothing in the parcel.",
            ));
        }
        let mut used = BTreeSet::new();
        let mut papers = Vec::with_capacity(parcel.documents.len());
        for document in &parcel.documents {
            let (paper, commitment) = self.document(document, &salts)?;
            papers.push(paper);
            used.insert(commitment);
        }
        for salt in &salts {
            match salt.subject {
                Subject::Member => self.member(salt)?,
                Subject::Document if used.contains(&salt.commitment) => {}
                Subject::Document => {
                    return Err(unexpected("the salt of a document that is not in it"))
                }
                Subject::Family => return Err(unexpected("the salt of a family")),
                Subject::Pack => return Err(unexpected("the salt of a pack")),
            }
        }
        keys.into_iter().try_for_each(|key| self.code_key(key))?;
        Ok(papers)
    }

    fn staff(&self, permission: Permission) -> Result<()> {
        organization::staff(self.cluster, &self.from, &self.key, permission, self.now).map(|_| ())
    }

    /// A document of a claim between the two. Returns what it is, and its commitment.
    fn document(&self, document: &Document, salts: &[Salted]) -> Result<(Paper, [u8; 32])> {
        let address = address(&document.claim)?;
        let claim: Claim = entity::get(self.cluster, &address)?;
        let appeals = self.appeals(&address, &claim)?;
        self.party(&address, &claim, &appeals)?;
        let hash = hex(&Sha256::digest(&document.bytes.0));
        let of_it: Vec<&Salted> = salts
            .iter()
            .filter(|salt| salt.subject == Subject::Document && salt.identifier == hash)
            .filter(|salt| scopes(&address, &claim).contains(&salt.scope.to_owned()))
            .collect();
        let papers = std::iter::once((Paper::Claim, claim.document)).chain(
            appeals.iter().flat_map(|appeal| {
                [
                    (Paper::Grounds(appeal.level), appeal.grounds),
                    (Paper::Reasons(appeal.level), appeal.rationale),
                ]
            }),
        );
        let mut papers = papers.filter(|(_, commitment)| {
            let mut salts = of_it.iter();
            salts.any(|salt| salt.commitment == *commitment)
        });
        match (papers.next(), of_it.is_empty()) {
            (Some(found), _) => Ok(found),
            (None, false) => Err(CliError::new(
                "commitment_mismatch",
                format!("The document is not the one that was submitted as the claim {address}, nor a paper of an appeal about it: the ledger has another commitment."),
            )),
            (None, true) => Err(CliError::new(
                "salt_missing",
                format!("The salt under which the document was submitted as the claim {address}, or for an appeal about it, is missing, or the document was changed."),
            )),
        }
    }

    /// The appeals about a claim that are on the ledger.
    fn appeals(&self, address: &Pubkey, claim: &Claim) -> Result<Vec<Appeal>> {
        let numbers = 1..=claim.course.appeals_filed();
        let places: Vec<Pubkey> = numbers
            .map(|number| Appeal::find_address(address, number).0)
            .collect();
        let accounts = self.cluster.accounts(&places)?.into_iter().flatten();
        let ours = accounts.filter(|account| account.owner == claims::ID);
        Ok(ours
            .filter_map(|account| Appeal::try_deserialize(&mut account.data.as_slice()).ok())
            .collect())
    }

    /// Refuses a claim that is no matter between the two: its provider, its insurer, and who has been asked to review it outside the
    /// insurer; and a sender who may not.
    fn party(&self, address: &Pubkey, claim: &Claim, appeals: &[Appeal]) -> Result<()> {
        let pool: Pool = entity::get(self.cluster, &claim.pool)?;
        let is_party = |who: &Pubkey| {
            *who == claim.provider
                || *who == pool.insurer
                || appeals.iter().any(|appeal| appeal.reviewer == *who)
        };
        if self.from == self.to || !is_party(&self.from) || !is_party(&self.to) {
            return Err(self.no_party(&format!("the claim {address}")));
        }
        self.staff(match self.from == claim.provider {
            true => Permission::SubmitClaim,
            false => Permission::DecideClaim,
        })
    }

    /// Who a member is, told by the insurer to a provider of the pool.
    fn member(&self, salt: &Salted) -> Result<()> {
        let pool = self.own_pool(salt.scope)?;
        self.staff(Permission::EnrolMember)?;
        let (member, _) = Member::find_address(&pool, &salt.commitment);
        people::member(self.cluster, &member).map(|_| ())
    }

    /// The key of a schedule, from the insurer to a provider of the pool. The ledger has no commitment to the key itself:
    /// that it is the right one, the insurer's signature says.
    fn code_key(&self, key: KeyOf) -> Result<()> {
        let pool = self.own_pool(key.pool)?;
        self.staff(Permission::PublishPlan)?;
        let discriminator = <BenefitSchedule as anchor_lang::Discriminator>::DISCRIMINATOR;
        let schedules = entity::raw(self.cluster, &claims::ID, discriminator, &[(8, pool)])?;
        let there = schedules.iter().any(|(_, account)| {
            decode_zero_copy::<BenefitSchedule>(&account.data)
                .is_ok_and(|schedule| u32::from(schedule.number) == key.schedule)
        });
        if there {
            return Ok(());
        }
        Err(CliError::new(
            "schedule_unknown",
            format!(
                "The pool {pool} has no schedule {} on the ledger.",
                key.schedule
            ),
        ))
    }

    /// A pool of the sender's that the recipient has an agreement with.
    fn own_pool(&self, text: &str) -> Result<Pubkey> {
        let address = address(text)?;
        let pool: Pool = entity::get(self.cluster, &address)?;
        let (agreement, _) = Agreement::find_address(&address, &self.to);
        if pool.insurer != self.from
            || entity::find::<Agreement>(self.cluster, &agreement)?.is_none()
        {
            return Err(self.no_party(&format!("the pool {address}")));
        }
        Ok(address)
    }

    fn no_party(&self, what: &str) -> CliError {
        CliError::new(
            "not_a_party",
            format!("{what} is no matter between {} and {}.", self.from, self.to),
        )
    }

    /// The keys of the recipient's operators to seal a parcel to: those who decide or submit claims for it, or those named.
    ///
    /// # Errors
    /// `no_recipient`, `operator_missing` and its kin for one that was named; `cluster_unreachable`.
    pub fn recipients(&self, named: &[Pubkey]) -> Result<Vec<Pubkey>> {
        let recipient: Organization = entity::get(self.cluster, &self.to)?;
        let permission = permission_to_receive(&recipient);
        for key in named {
            organization::staff(self.cluster, &self.to, key, permission, self.now)?;
        }
        if !named.is_empty() {
            return Ok(named.to_vec());
        }
        let operators = entity::list::<Operator>(
            self.cluster,
            &[(entity::offset::OPERATOR_ORGANIZATION, self.to)],
        )?;
        let able = operators
            .into_iter()
            .map(|(_, operator)| operator)
            .filter(|operator| {
                operator
                    .authorize(&self.to, &operator.key, permission, self.now)
                    .is_ok()
                    && super::keys::public(&operator.key).is_some()
            });
        let keys: Vec<Pubkey> = able.map(|operator| operator.key).collect();
        if keys.is_empty() {
            return Err(CliError::new(
                "no_recipient",
                format!("The organization {} has no operator with the permission {} whose key can be encrypted to.", self.to, crate::chain::text::permission(permission)),
            ));
        }
        Ok(keys)
    }
}

/// Providers receive what they submit, everybody else (insurers, and who reviews outside them) what they decide about.
pub fn permission_to_receive(recipient: &Organization) -> Permission {
    match recipient.kind {
        OrganizationKind::Provider | OrganizationKind::Pharmacy => Permission::SubmitClaim,
        _ => Permission::DecideClaim,
    }
}

/// The scopes under which a store keeps the salts of a claim's documents: of the claim itself, and of the papers about it.
pub fn scopes(address: &Pubkey, claim: &Claim) -> [String; 2] {
    [
        format!("{} {}", claim.pool, claim.provider),
        address.to_string(),
    ]
}

fn unexpected(what: &str) -> CliError {
    CliError::new(
        "parcel_unexpected",
        format!("There is {what} in the parcel; nothing of it was taken."),
    )
}

/// An address in a parcel.
pub fn address(text: &str) -> Result<Pubkey> {
    text.parse().map_err(|_| {
        CliError::new(
            "invalid_value",
            format!("The parcel names {text}, which is no address."),
        )
    })
}
