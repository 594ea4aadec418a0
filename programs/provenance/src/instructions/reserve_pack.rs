use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use registry::state::{Credential, Operator, Organization, Permission};

use crate::address::{is_absent, view, view_mut, Birth};
use crate::authorize::{self, Partner};
use crate::check::{PackProof, Request};
use crate::constants::MAX_RESERVATION_SECONDS;
use crate::error::ProvenanceError;
use crate::events::PackReserved;
use crate::record;
use crate::state::dispense::Dispensing;
use crate::state::{Batch, BatchPage, Dispense, DispenseKind};

/// Arguments of `reserve_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReservePackArgs {
    /// That the pack is in the batch.
    pub proof: PackProof,
    /// The claim for which it is kept: the account that signs when it is dispensed.
    pub claim: Pubkey,
    /// For how long, in seconds: 1 to `MAX_RESERVATION_SECONDS`.
    pub seconds: i64,
}

/// Accounts of `reserve_pack`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReservePack<'info> {
    /// The pharmacy's operator. Pays the rent of the reservation, refunded when it ends, and of the pack's record, which `close_node`
    /// refunds.
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
    /// CHECK: the reservation to be made, where the dispense will be; its address is checked then.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ReservePack<'_> {
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
        // Nobody can tell where it is: whoever knows its serial could be paid for a pack that lies elsewhere.
        require!(
            batch.is_custody_recorded(),
            ProvenanceError::CustodyNotRecorded
        );
        Ok(())
    }
}

/// See [`crate::provenance::reserve_pack`].
pub fn reserve_pack(ctx: Context<ReservePack>, args: ReservePackArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let batch_key = accounts.batch.key();
    let place = args.proof.place();
    let pharmacy = accounts.pharmacy.key();
    require!(
        (1..=MAX_RESERVATION_SECONDS).contains(&args.seconds) && args.claim != Pubkey::default(),
        ProvenanceError::ReservationInvalid
    );
    let custody = {
        let batch = accounts.batch.load()?;
        accounts.validate(&batch, now)?;
        let info = accounts.page.to_account_info();
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
        let infos = [
            Some(accounts.pack_node.as_ref()),
            Some(accounts.case_node.as_ref()),
            Some(accounts.pallet_node.as_ref()),
            Some(accounts.batch_node.as_ref()),
        ];
        request.whole_pack_on_record(&args.proof, infos)?
    };
    let until = now
        .checked_add(args.seconds)
        .ok_or(ProvenanceError::ReservationInvalid)?;
    let dispensing = Dispensing {
        batch: batch_key,
        place,
        pharmacy,
        operator: accounts.operator.key(),
        claim: args.claim,
        payer: accounts.operator.key(),
    };
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    // From now on apart from its case: whoever dispenses, ships or sends that away reads upwards only, and would take the pack along.
    record::ensure_node(&birth, &accounts.pack_node, place)?;
    record::change_node(&accounts.pack_node, &batch_key, place, |node| {
        if node.custody()?.is_none() {
            // As of when the pharmacy got it: a finding about where it was before that, or was not, is judged by it.
            node.hold(&custody, custody.at)?;
        }
        Ok(())
    })?;
    let info = accounts.dispense.as_ref();
    let is_new = is_absent(info);
    if is_new {
        birth.make(
            info,
            &Dispense::seed(place),
            Dispense::SIZE,
            Dispense::DISCRIMINATOR,
        )?;
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    {
        let mut data = info.try_borrow_mut_data()?;
        let record: &mut Dispense =
            view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
        if is_new {
            record.begin(&dispensing, false, now);
        } else {
            require!(
                record.is_at(&batch_key, place) && record.kind() == DispenseKind::Reserved,
                ProvenanceError::WrongRecord
            );
            require!(
                !record.is_reservation_in_force(now),
                ProvenanceError::StillReserved
            );
            record.overwrite(&dispensing, false, now);
        }
        record.reserve(until);
        record.invariant()?;
    }

    galen_entry::emit!(ctx => PackReserved {
        batch: batch_key,
        index: place.index,
        pharmacy,
        claim: args.claim,
        until,
    });
    Ok(())
}
