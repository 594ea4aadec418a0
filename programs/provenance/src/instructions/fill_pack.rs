use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::provenance::{fill, Action, Fill};
use registry::state::{Credential, Operator, Organization, Permission};

use crate::address::{is_absent, view, view_mut, Birth};
use crate::authorize::{self, Partner};
use crate::check::{PackProof, Request};
use crate::error::ProvenanceError;
use crate::events::PackFilled;
use crate::state::dispense::Dispensing;
use crate::state::{Batch, BatchPage, Custody, Dispense};
use crate::{convert, record};

/// Arguments of `fill_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct FillPackArgs {
    /// That the pack is in the batch.
    pub proof: PackProof,
    /// Base units that are taken out of it.
    pub units: u32,
}

/// Accounts of `fill_pack`.
#[event_cpi]
#[derive(Accounts)]
pub struct FillPack<'info> {
    /// The pharmacy's operator. Pays the rent of the pack's record, which `close_node` refunds, and of the fill's.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub pharmacy: Box<Account<'info, Organization>>,
    /// The credential that makes it a trading partner.
    pub credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack.
    #[account(mut)]
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: the record of the pack, made where it is absent; its address is checked then.
    #[account(mut)]
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the reservation of the pack, the record of the fill before this one, or the empty account at its address, where
    /// the fill is recorded.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// The claim that it is for, which signs: a program's account, or nobody.
    pub claim: Option<Signer<'info>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl FillPack<'_> {
    fn validate(&self, batch: &Batch, now: i64) -> Result<()> {
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
        Ok(())
    }

    /// Refuses a pack that is kept for another claim.
    fn require_free(&self, index: u64, claim: &Pubkey, now: i64) -> Result<()> {
        let batch = self.batch.key();
        let place = galen_rules::merkle::Subtree {
            level: galen_rules::merkle::Level::Pack,
            index,
        };
        let info = self.dispense.as_ref();
        if is_absent(info) {
            require_keys_eq!(
                *info.key,
                Dispense::address(&batch, place),
                ProvenanceError::WrongRecord
            );
            return Ok(());
        }
        require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
        let data = info.try_borrow_data()?;
        let reservation: &Dispense = view(&data).map_err(|_| ProvenanceError::WrongRecord)?;
        require!(
            reservation.is_at(&batch, place),
            ProvenanceError::WrongRecord
        );
        require!(
            !reservation.is_reservation_in_force(now) || reservation.claim == *claim,
            ProvenanceError::ReservedForOther
        );
        Ok(())
    }

    /// Checks that units may be taken. Returns the fill, the custody after it, and whether the bit was set before.
    fn check(&self, args: &FillPackArgs, now: i64) -> Result<(Fill, Custody, bool)> {
        let batch = self.batch.load()?;
        self.validate(&batch, now)?;
        require!(batch.units > 0, ProvenanceError::NotDivisible);
        // The record of a fill gives way to the next one's; what shows which claim a pack was for must stay.
        require!(
            self.claim.is_none() || !batch.is_covered(),
            ProvenanceError::FillForClaimCovered
        );
        let batch_key = self.batch.key();
        let pharmacy = self.pharmacy.key();
        let index = args.proof.index;
        let claim = self
            .claim
            .as_ref()
            .map_or_else(Pubkey::default, |claim| claim.key());
        self.require_free(index, &claim, now)?;
        let taken = record::units_taken(self.pack_node.as_ref(), &batch_key, args.proof.place())?;
        let info = self.page.to_account_info();
        let data = info.try_borrow_data()?;
        let page: &BatchPage = view(&data)?;
        page.require_covers(&batch_key, index)?;
        let is_marked = BatchPage::bit(&data, page.height, index)?;
        // Where opening a pack dispenses it, its bit is set by the first fill, and the others cite that.
        let is_open = batch.opening_dispenses() && taken > 0;
        let request = Request {
            batch: &batch,
            batch_key: &batch_key,
            page,
            is_dispensed: is_marked && !is_open,
            pharmacy: &pharmacy,
            now,
        };
        let infos = [
            Some(self.pack_node.as_ref()),
            Some(self.case_node.as_ref()),
            Some(self.pallet_node.as_ref()),
            Some(self.batch_node.as_ref()),
        ];
        let custody = request.pack(&args.proof, infos)?;
        let left = batch.units.saturating_sub(taken);
        let filled =
            fill(left, args.units, batch.opening_dispenses()).map_err(convert::fill_refusal)?;
        let action = if filled.left == 0 {
            Action::Dispense
        } else {
            Action::DispensePartially
        };
        Ok((filled, custody.after(action, pharmacy)?, is_marked))
    }
}

/// See [`crate::provenance::fill_pack`].
pub fn fill_pack(ctx: Context<FillPack>, args: FillPackArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let (filled, custody, is_marked) = accounts.check(&args, now)?;
    let batch = accounts.batch.key();
    let place = args.proof.place();
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    record::ensure_node(&birth, &accounts.pack_node, place)?;
    record::change_node(&accounts.pack_node, &batch, place, |node| {
        // With whom it is since when has not changed by that, but what was dispensed by it was so now.
        let since = if custody.status.is_final() {
            now
        } else {
            custody.at
        };
        node.hold(&custody, since)?;
        node.take_units(args.units)
    })?;
    if filled.is_dispensed && !is_marked {
        record::mark(accounts.page.as_ref(), place.index, true)?;
    }

    let claim = accounts
        .claim
        .as_ref()
        .map_or_else(Pubkey::default, |claim| claim.key());
    let dispensing = Dispensing {
        batch,
        place,
        pharmacy: accounts.pharmacy.key(),
        operator: accounts.operator.key(),
        claim,
        payer: accounts.operator.key(),
    };
    write(&birth, &accounts.dispense, &dispensing, args.units, now)?;

    galen_entry::emit!(ctx => PackFilled {
        batch,
        index: place.index,
        pharmacy: dispensing.pharmacy,
        operator: dispensing.operator,
        claim,
        units: args.units,
        left: filled.left,
        at: now,
    });
    Ok(())
}

/// Records the fill, over the one before it or a reservation: only the last fill can be undone.
fn write<'info>(
    birth: &Birth<'_, 'info>,
    info: &AccountInfo<'info>,
    dispensing: &Dispensing,
    units: u32,
    now: i64,
) -> Result<()> {
    let is_new = is_absent(info);
    if is_new {
        birth.make(
            info,
            &Dispense::seed(dispensing.place),
            Dispense::SIZE,
            Dispense::DISCRIMINATOR,
        )?;
    }
    // Its place was checked before: nobody else's record is written over.
    let mut data = info.try_borrow_mut_data()?;
    let record: &mut Dispense = view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
    record.fill(dispensing, units, is_new, now);
    record.invariant()
}
