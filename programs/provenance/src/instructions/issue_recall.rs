use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{Action, Status};
use registry::state::{Operator, Organization, OrganizationKind, Permission};

use crate::address::Birth;
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::RecallIssued;
use crate::path::{self, Path};
use crate::state::node::RecallTerms;
use crate::state::{Batch, Custody, RecallSlot};
use crate::{authorize, record};

/// Arguments of `issue_recall`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct IssueRecallArgs {
    /// What is recalled.
    pub place: Place,
    /// Why and how.
    pub terms: RecallTerms,
}

/// Accounts of `issue_recall`.
#[event_cpi]
#[derive(Accounts)]
pub struct IssueRecall<'info> {
    /// An operator of the manufacturer or of a regulator. Pays the rent of the place's record, and of the list of further recalls.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer or the regulator.
    pub organization: Box<Account<'info, Organization>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place, made where it is absent; its address is checked then.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the list of further recalls of the place, made where it is absent, its address is checked then; left out where no other
    /// regulator recalls the place.
    #[account(mut)]
    pub recall_list: Option<UncheckedAccount<'info>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl IssueRecall<'_> {
    fn validate(&self, now: i64) -> Result<RecallSlot> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::RecallBatch,
            now,
        )?;
        slot_of(&*self.batch.load()?, &self.organization)
    }

    /// Who has what is recalled, from now on apart from what it lies in: what holds it is not recalled, and must not take it
    /// along. On the way it stays the sender's, as what a recipient refuses does.
    ///
    /// # Errors
    /// Those of [`Path::read`].
    fn apart(&self, place: Subtree) -> Result<Custody> {
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let layout = self.batch.load()?.layout()?;
        let custody = Path::read(&self.batch.key(), layout, place, infos)?.custody()?;
        match custody.status {
            Status::InTransit => custody.after(Action::VoidShipping, custody.custodian),
            _ => Ok(custody),
        }
    }
}

/// The list of further recalls of the place, where it is concerned: neither missing nor paid for in vain.
///
/// # Errors
/// `RecordMissing`, `RecordNotNeeded`, `WrongRecord`.
pub(crate) fn list_of<'a, 'info>(
    (node, batch, place): (&AccountInfo, &Pubkey, Subtree),
    slot: RecallSlot,
    issuer: &Pubkey,
    given: Option<&'a UncheckedAccount<'info>>,
) -> Result<Option<&'a AccountInfo<'info>>> {
    let is_needed = record::needs_recall_list(node, batch, place, slot, issuer)?;
    match given {
        Some(list) if is_needed => Ok(Some(list.as_ref())),
        Some(_) => Err(ProvenanceError::RecordNotNeeded.into()),
        None if is_needed => Err(ProvenanceError::RecordMissing.into()),
        None => Ok(None),
    }
}

/// Whose recall of the batch the organisation's is.
///
/// # Errors
/// `NotARegulator`.
pub(crate) fn slot_of(batch: &Batch, organization: &Account<Organization>) -> Result<RecallSlot> {
    if organization.key() == batch.manufacturer {
        return Ok(RecallSlot::Manufacturer);
    }
    require!(
        organization.kind == OrganizationKind::Regulator,
        ProvenanceError::NotARegulator
    );
    Ok(RecallSlot::Regulator)
}

/// See [`crate::provenance::issue_recall`].
pub fn issue_recall(ctx: Context<IssueRecall>, args: IssueRecallArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let slot = ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let apart = accounts.apart(place)?;
    let batch = accounts.batch.key();
    let issuer = accounts.organization.key();
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    record::ensure_node(&birth, &accounts.node, place)?;
    let list = list_of(
        (&accounts.node, &batch, place),
        slot,
        &issuer,
        accounts.recall_list.as_ref(),
    )?;
    if let Some(list) = list {
        record::ensure_recall_list(&birth, list, place)?;
    }
    let entry = record::change_recalls(&accounts.node, list, &batch, place, |node, list| {
        if node.custody()?.is_none() {
            node.hold(&apart, apart.at)?;
        }
        node.issue_recall(slot, issuer, &args.terms, list, now)
    })?;

    galen_entry::emit!(ctx => RecallIssued {
        batch,
        place: args.place,
        slot,
        recall: entry,
    });
    Ok(())
}
