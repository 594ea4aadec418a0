use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::{next, Action};
use registry::state::{CredentialBrief, OperatorBrief, OrganizationBrief};

use crate::address::{is_absent, view, view_mut, Birth};
use crate::authorize::{signing, Dispenser};
use crate::check::{PackProof, Request};
use crate::error::ProvenanceError;
use crate::events::PackDispensed;
use crate::state::dispense::Dispensing;
use crate::state::{Batch, BatchPage, Dispense, DispenseKind};
use crate::{convert, record};

/// Arguments of `dispense_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct DispensePackArgs {
    /// That the pack is in the batch.
    pub proof: PackProof,
    /// Whether it leaves the pharmacy now; once it has, the dispense cannot be undone.
    pub is_handed_out: bool,
}

/// Accounts of `dispense_pack`.
#[event_cpi]
#[derive(Accounts)]
pub struct DispensePack<'info> {
    /// The pharmacy's operator. Pays the rent of the record, which `close_dispense` refunds.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, OperatorBrief>>,
    /// The pharmacy.
    pub pharmacy: Account<'info, OrganizationBrief>,
    /// The credential that makes it a trading partner.
    pub credential: Box<Account<'info, CredentialBrief>>,
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
    /// CHECK: the dispense to be recorded, or the reservation that it fulfils; its address is checked then.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// The claim that it is for, which signs: a program's account, or nobody.
    pub claim: Option<Signer<'info>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl DispensePack<'_> {
    fn validate(&self, batch: &Batch, now: i64) -> Result<()> {
        Dispenser {
            pharmacy: &self.pharmacy,
            operator: self.operator.key,
            record: &self.operator_record,
            credential: &self.credential,
        }
        .check(batch, now)
    }
}

/// See [`crate::provenance::dispense_pack`].
pub fn dispense_pack(ctx: Context<DispensePack>, args: DispensePackArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let batch_key = accounts.batch.key();
    let place = args.proof.place();
    let pharmacy = accounts.pharmacy.key();
    {
        let batch = accounts.batch.load()?;
        accounts.validate(&batch, now)?;
        let info: &AccountInfo = accounts.page.as_ref();
        let data = info.try_borrow_data()?;
        let page: &BatchPage = view(&data)?;
        page.require_covers(&batch_key, place.index)?;
        let request = Request {
            batch: &batch,
            batch_key: &batch_key,
            page,
            is_dispensed: BatchPage::bit(&data, page.height, place.index)?,
            pharmacy: &pharmacy,
            now,
        };
        if request.is_dispensed {
            say_who_and_when(&accounts.dispense, &batch_key, place);
        }
        let infos = [
            Some(accounts.pack_node.as_ref()),
            Some(accounts.case_node.as_ref()),
            Some(accounts.pallet_node.as_ref()),
            Some(accounts.batch_node.as_ref()),
        ];
        let status = request.whole_pack(&args.proof, infos)?;
        next(status, Action::Dispense).map_err(convert::refusal)?;
    }
    let claim = *signing(&accounts.claim);
    let dispensing = Dispensing {
        batch: batch_key,
        place,
        pharmacy,
        operator: accounts.operator.key(),
        claim,
        payer: accounts.operator.key(),
    };
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    write(
        &birth,
        &accounts.dispense,
        &dispensing,
        args.is_handed_out,
        now,
    )?;
    record::mark(accounts.page.as_ref(), place.index, true)?;

    galen_entry::emit!(ctx => PackDispensed {
        batch: batch_key,
        index: place.index,
        pharmacy,
        operator: dispensing.operator,
        claim,
        is_handed_out: args.is_handed_out,
        at: now,
    });
    Ok(())
}

/// Writes the dispense, over a reservation where there is one.
pub(crate) fn write<'info>(
    birth: &Birth<'_, 'info>,
    info: &AccountInfo<'info>,
    dispensing: &Dispensing,
    is_handed_out: bool,
    now: i64,
) -> Result<()> {
    let place = dispensing.place;
    if is_absent(info) {
        birth.make(
            info,
            &Dispense::seed(place),
            Dispense::SIZE,
            Dispense::DISCRIMINATOR,
        )?;
        let mut data = info.try_borrow_mut_data()?;
        let dispense: &mut Dispense = view_mut(&mut data)?;
        dispense.begin(dispensing, is_handed_out, now);
        return dispense.invariant();
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let mut data = info.try_borrow_mut_data()?;
    let dispense: &mut Dispense = view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
    require!(
        dispense.is_at(&dispensing.batch, place),
        ProvenanceError::WrongRecord
    );
    require!(
        dispense.kind() == DispenseKind::Reserved,
        ProvenanceError::AlreadyDispensed
    );
    if dispense.is_reservation_in_force(now) {
        dispense.fulfil(dispensing, is_handed_out, now)?;
    } else {
        dispense.overwrite(dispensing, is_handed_out, now);
    }
    dispense.invariant()
}

/// Logs who dispensed it and when, where the record is still there.
pub(crate) fn say_who_and_when(info: &AccountInfo, batch: &Pubkey, place: Subtree) {
    let Ok(data) = info.try_borrow_data() else {
        return;
    };
    match view::<Dispense>(&data) {
        Ok(dispense) if *info.owner == crate::ID && dispense.is_at(batch, place) => {
            msg!("Dispensed by {} at {}", dispense.pharmacy, dispense.at);
        }
        _ => msg!("The record of who dispensed it and when is not here any more"),
    }
}
