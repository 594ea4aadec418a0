use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::Action;
use registry::state::{CredentialBrief, OperatorBrief, OrganizationBrief};

use super::dispense_pack::write;
use crate::address::{view, Birth};
use crate::authorize::{signing, Dispenser};
#[cfg(not(feature = "idl-build"))]
use crate::check::siblings;
use crate::check::{leads_to, Request};
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::SubtreeDispensed;
use crate::path;
use crate::record;
use crate::state::dispense::Dispensing;
use crate::state::{Batch, BatchPage, Custody};

/// Arguments of `dispense_subtree`.
#[derive(AnchorSerialize, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "idl-build", derive(AnchorDeserialize))]
pub struct DispenseSubtreeArgs {
    /// A case or a pallet that lies on one page.
    pub place: Place,
    /// Its node of the tree.
    pub hash: [u8; 32],
    /// The siblings from there up to the page's root.
    pub siblings: Vec<[u8; 32]>,
    /// Whether it leaves the pharmacy now; once it has, the dispense cannot be undone.
    pub is_handed_out: bool,
}

// Field by field, but for the siblings, which are read at once: as those of a pack.
#[cfg(not(feature = "idl-build"))]
impl AnchorDeserialize for DispenseSubtreeArgs {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        Ok(Self {
            place: AnchorDeserialize::deserialize_reader(reader)?,
            hash: AnchorDeserialize::deserialize_reader(reader)?,
            siblings: siblings(AnchorDeserialize::deserialize_reader(reader)?, reader)?,
            is_handed_out: AnchorDeserialize::deserialize_reader(reader)?,
        })
    }
}

/// Accounts of `dispense_subtree`.
#[event_cpi]
#[derive(Accounts)]
pub struct DispenseSubtree<'info> {
    /// The pharmacy's operator. Pays the rent of the records.
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
    /// The page that it lies on.
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: the record of the place, made where it is absent; its address is checked then.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out for a pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch.
    pub batch_above: UncheckedAccount<'info>,
    /// CHECK: the dispense to be recorded; its address is checked then.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// The claim that it is for, which signs: a program's account, or nobody.
    pub claim: Option<Signer<'info>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl DispenseSubtree<'_> {
    fn validate(&self, batch: &Batch, now: i64) -> Result<()> {
        Dispenser {
            pharmacy: &self.pharmacy,
            operator: self.operator.key,
            record: &self.operator_record,
            credential: &self.credential,
        }
        .check(batch, now)
    }

    /// Checks that all of it may be dispensed. Returns who has it, dispensed.
    fn check(&self, args: &DispenseSubtreeArgs, place: Subtree, now: i64) -> Result<Custody> {
        let batch = self.batch.load()?;
        self.validate(&batch, now)?;
        // Without a serial number nothing shows that the goods are here but the record of who has them.
        require!(
            batch.is_custody_recorded(),
            ProvenanceError::CustodyNotRecorded
        );
        let batch_key = self.batch.key();
        let pharmacy = self.pharmacy.key();
        let height = batch.layout()?.height(place.level);
        let info: &AccountInfo = self.page.as_ref();
        let data = info.try_borrow_data()?;
        let page: &BatchPage = view(&data)?;
        let first = place
            .index
            .checked_shl(u32::from(height))
            .unwrap_or(u64::MAX);
        page.require_covers(&batch_key, first)?;
        require!(
            BatchPage::count_in(&data, page.height, height, place.index)? == 0,
            ProvenanceError::PartlyDispensed
        );
        let request = Request {
            batch: &batch,
            batch_key: &batch_key,
            page,
            is_dispensed: false,
            pharmacy: &pharmacy,
            now,
        };
        let infos = path::infos(
            place,
            &self.node,
            [None, self.pallet_above.as_ref(), Some(&self.batch_above)],
        )?;
        let is_member = leads_to(page, args.hash, height, place.index, &args.siblings);
        request
            .place(place, infos, is_member)?
            .after(Action::Dispense, pharmacy)
    }
}

/// See [`crate::provenance::dispense_subtree`].
pub fn dispense_subtree(ctx: Context<DispenseSubtree>, args: DispenseSubtreeArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    require!(
        matches!(place.level, Level::Case | Level::Pallet),
        ProvenanceError::PlaceUnknown
    );
    let custody = accounts.check(&args, place, now)?;
    let batch = accounts.batch.key();
    let pharmacy = accounts.pharmacy.key();
    let claim = *signing(&accounts.claim);
    let dispensing = Dispensing {
        batch,
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
    record::ensure_node(&birth, &accounts.node, place)?;
    record::change_node(&accounts.node, &batch, place, |node| {
        node.hold(&custody, now)
    })?;
    write(
        &birth,
        &accounts.dispense,
        &dispensing,
        args.is_handed_out,
        now,
    )?;

    galen_entry::emit!(ctx => SubtreeDispensed {
        batch,
        place: args.place,
        pharmacy,
        operator: dispensing.operator,
        claim,
        is_handed_out: args.is_handed_out,
        at: now,
    });
    Ok(())
}

#[cfg(all(test, not(feature = "idl-build")))]
mod tests {
    use super::*;
    use crate::convert::PackageLevel;

    #[test]
    fn the_arguments_are_read_as_they_are_written() {
        for levels in [0, 1, 6, 40] {
            let args = DispenseSubtreeArgs {
                place: Place {
                    level: PackageLevel::Pallet,
                    index: 0x0102_0304_0506_0708,
                },
                hash: std::array::from_fn(|place| u8::try_from(place + 1).unwrap()),
                siblings: (0..levels).map(|level| [level; 32]).collect(),
                is_handed_out: levels % 2 == 1,
            };
            // Field by field, as Borsh has it.
            let mut fields = Vec::new();
            args.place.serialize(&mut fields).unwrap();
            args.hash.serialize(&mut fields).unwrap();
            args.siblings.serialize(&mut fields).unwrap();
            args.is_handed_out.serialize(&mut fields).unwrap();
            assert_eq!(DispenseSubtreeArgs::try_from_slice(&fields).unwrap(), args);
            let short = fields.len() - 1;
            assert!(DispenseSubtreeArgs::try_from_slice(&fields[..short]).is_err());
        }
    }
}
