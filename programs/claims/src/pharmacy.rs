//! The pack of a pharmacy's claim: dispensed, and put back, by the provenance program, for which the claim signs.

use anchor_lang::prelude::*;
use provenance::convert::{PackageLevel, Place};
use provenance::instructions::{DispenseReservedArgs, UndoDispenseArgs};

use crate::state::Claim;

/// The accounts of a pack in the provenance program, which checks each of them.
pub struct Pack<'info> {
    /// The provenance program.
    pub program: AccountInfo<'info>,
    /// By which its events are signed.
    pub event_authority: AccountInfo<'info>,
    /// The pharmacy's operator, who signs.
    pub operator: AccountInfo<'info>,
    /// The operator's record.
    pub operator_record: AccountInfo<'info>,
    /// The pharmacy.
    pub pharmacy: AccountInfo<'info>,
    /// The batch.
    pub batch: AccountInfo<'info>,
    /// The page of the pack.
    pub page: AccountInfo<'info>,
    /// The record of the pack.
    pub pack_node: AccountInfo<'info>,
    /// The record of its case.
    pub case_node: AccountInfo<'info>,
    /// The record of its pallet.
    pub pallet_node: AccountInfo<'info>,
    /// The record of the batch.
    pub batch_node: AccountInfo<'info>,
    /// The reservation, or the dispense.
    pub dispense: AccountInfo<'info>,
    /// The claim's account.
    pub claim: AccountInfo<'info>,
}

impl<'info> Pack<'info> {
    /// Has the pack dispensed that is kept for the claim.
    ///
    /// # Errors
    /// Those of `dispense_reserved` of the provenance program.
    pub fn dispense(
        self,
        claim: &Claim,
        credential: AccountInfo<'info>,
        index: u64,
        is_handed_out: bool,
    ) -> Result<()> {
        let accounts = provenance::cpi::accounts::DispenseReserved {
            operator: self.operator,
            operator_record: self.operator_record,
            pharmacy: self.pharmacy,
            credential,
            batch: self.batch,
            page: self.page,
            pack_node: self.pack_node,
            case_node: self.case_node,
            pallet_node: self.pallet_node,
            batch_node: self.batch_node,
            dispense: self.dispense,
            claim: self.claim,
            event_authority: self.event_authority,
            program: self.program,
        };
        let args = DispenseReservedArgs {
            index,
            is_handed_out,
        };
        claim.sign(|seeds| {
            let context = CpiContext::new_with_signer(provenance::ID, accounts, seeds);
            provenance::cpi::dispense_reserved(context, args)
        })
    }

    /// Has its dispense undone; the rent of the record goes to `payer`.
    ///
    /// # Errors
    /// Those of `undo_dispense` of the provenance program.
    pub fn put_back(self, claim: &Claim, payer: AccountInfo<'info>, index: u64) -> Result<()> {
        let accounts = provenance::cpi::accounts::UndoDispense {
            operator: self.operator,
            operator_record: self.operator_record,
            pharmacy: self.pharmacy,
            batch: self.batch,
            page: Some(self.page),
            node: self.pack_node,
            case_above: Some(self.case_node),
            pallet_above: Some(self.pallet_node),
            batch_above: Some(self.batch_node),
            dispense: self.dispense,
            payer,
            claim: Some(self.claim),
            event_authority: self.event_authority,
            program: self.program,
        };
        let place = Place {
            level: PackageLevel::Pack,
            index,
        };
        claim.sign(|seeds| {
            let context = CpiContext::new_with_signer(provenance::ID, accounts, seeds);
            provenance::cpi::undo_dispense(context, UndoDispenseArgs { place })
        })
    }
}
