use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{next, Action};
use registry::state::{Credential, Operator, Organization, Permission};

use super::dispense_pack::say_who_and_when;
use crate::address::view;
use crate::authorize::{self, Partner};
use crate::check::Request;
use crate::error::ProvenanceError;
use crate::events::PackDispensed;
use crate::state::dispense::Dispensing;
use crate::state::{Batch, BatchPage, Dispense};
use crate::{convert, record};

/// Arguments of `dispense_reserved`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct DispenseReservedArgs {
    /// The pack's place in the tree.
    pub index: u64,
    /// Whether it leaves the pharmacy now; once it has, the dispense cannot be undone.
    pub is_handed_out: bool,
}

/// Accounts of `dispense_reserved`: those of `dispense_pack` without a payer, since the record is there already.
#[event_cpi]
#[derive(Accounts)]
pub struct DispenseReserved<'info> {
    /// The pharmacy's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub pharmacy: Box<Account<'info, Organization>>,
    /// The credential that makes it a trading partner, which may have ended since the pack was reserved.
    pub credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack.
    #[account(mut)]
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: the record of the pack, or the empty account at its address.
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// The reservation, which becomes the record of the dispense.
    #[account(mut)]
    pub dispense: AccountLoader<'info, Dispense>,
    /// The claim that the pack is kept for: a program's account.
    pub claim: Signer<'info>,
}

impl DispenseReserved<'_> {
    fn validate(&self, batch: &Batch, place: Subtree, now: i64) -> Result<()> {
        authorize::pharmacy(&self.pharmacy)?;
        authorize::staff(
            &self.pharmacy,
            &self.operator_record,
            &self.operator.key(),
            Permission::DispensePack,
            now,
        )?;
        let partner = authorize::partner(batch, &self.pharmacy.key(), &self.credential, now)?;
        require!(
            partner == Partner::Trading,
            ProvenanceError::CredentialOfOtherKind
        );
        // Only `reserve_pack` writes a reservation, at the place of a pack whose proof it has seen.
        require!(
            self.dispense.load()?.is_at(&self.batch.key(), place),
            ProvenanceError::WrongRecord
        );
        Ok(())
    }

    /// Checks everything that `dispense_pack` checks of the pack.
    fn check(&self, place: Subtree, now: i64) -> Result<()> {
        let batch = self.batch.load()?;
        self.validate(&batch, place, now)?;
        let batch_key = self.batch.key();
        let info = self.page.to_account_info();
        let data = info.try_borrow_data()?;
        let page: &BatchPage = view(&data)?;
        page.require_covers(&batch_key, place.index)?;
        let request = Request {
            batch: &batch,
            batch_key: &batch_key,
            page,
            is_dispensed: BatchPage::bit(&data, page.height, place.index)?,
            pharmacy: &self.pharmacy.key(),
            now,
        };
        if request.is_dispensed {
            say_who_and_when(self.dispense.as_ref(), &batch_key, place);
        }
        let infos = [
            Some(self.pack_node.as_ref()),
            Some(self.case_node.as_ref()),
            Some(self.pallet_node.as_ref()),
            Some(self.batch_node.as_ref()),
        ];
        let status = request.whole(place, infos)?;
        next(status, Action::Dispense).map_err(convert::refusal)?;
        Ok(())
    }
}

/// See [`crate::provenance::dispense_reserved`].
pub fn dispense_reserved(ctx: Context<DispenseReserved>, args: DispenseReservedArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = Subtree {
        level: Level::Pack,
        index: args.index,
    };
    accounts.check(place, now)?;
    let dispensing = Dispensing {
        batch: accounts.batch.key(),
        place,
        pharmacy: accounts.pharmacy.key(),
        operator: accounts.operator.key(),
        claim: accounts.claim.key(),
        payer: Pubkey::default(),
    };
    {
        let mut dispense = accounts.dispense.load_mut()?;
        dispense.require_in_force(now)?;
        dispense.fulfil(&dispensing, args.is_handed_out, now)?;
        dispense.invariant()?;
    }
    record::mark(accounts.page.as_ref(), place.index, true)?;

    galen_entry::emit!(ctx => PackDispensed {
        batch: dispensing.batch,
        index: place.index,
        pharmacy: dispensing.pharmacy,
        operator: dispensing.operator,
        claim: dispensing.claim,
        is_handed_out: args.is_handed_out,
        at: now,
    });
    Ok(())
}
