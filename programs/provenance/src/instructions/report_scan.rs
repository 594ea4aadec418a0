use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::provenance::Action;
use registry::state::{Credential, Operator, Organization, Permission};

use crate::address::{is_absent, view_mut, Birth};
use crate::check::PackProof;
use crate::error::ProvenanceError;
use crate::events::ScanReported;
use crate::path::Path;
use crate::state::scan::CellArg;
use crate::state::{Batch, BatchPage, Custody, Scan, ScanPolicy};
use crate::{authorize, record};

/// Arguments of `report_scan`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReportScanArgs {
    /// That the pack is in the batch.
    pub proof: PackProof,
    /// Where it was scanned just now.
    pub cell: CellArg,
}

/// Accounts of `report_scan`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReportScan<'info> {
    /// The reporting partner's operator. Pays the rent of the records.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The partner: only those whom the batch's issuer vouches for report.
    pub organization: Box<Account<'info, Organization>>,
    /// The credential that makes it one.
    pub credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack.
    pub page: AccountLoader<'info, BatchPage>,
    /// CHECK: the record of the pack, made where the pack becomes suspect; its address is checked then.
    #[account(mut)]
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the pack's scans, made where they are absent; the address is checked then.
    #[account(mut)]
    pub scan: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ReportScan<'_> {
    /// Checks who reports what. Returns how scans are judged, who made the batch, and who has the pack.
    fn validate(&self, args: &ReportScanArgs, now: i64) -> Result<(ScanPolicy, Pubkey, Custody)> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        let batch = self.batch.load()?;
        authorize::partner(&batch, &self.organization.key(), &self.credential, now)?;
        let policy = batch.scan_policy();
        require!(policy.limit > 0, ProvenanceError::ScansNotJudged);
        let batch_key = self.batch.key();
        {
            let page = self.page.load()?;
            page.require_covers(&batch_key, args.proof.index)?;
            require!(
                args.proof.is_of(&batch.gtin, &page)?,
                ProvenanceError::ProofInvalid
            );
        }
        let infos = [
            Some(self.pack_node.as_ref()),
            Some(self.case_node.as_ref()),
            Some(self.pallet_node.as_ref()),
            Some(self.batch_node.as_ref()),
        ];
        let path = Path::read(&batch_key, batch.layout()?, args.proof.place(), infos)?;
        Ok((policy, batch.manufacturer, path.custody()?))
    }
}

/// See [`crate::provenance::report_scan`].
pub fn report_scan(ctx: Context<ReportScan>, args: ReportScanArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let (policy, manufacturer, custody) = accounts.validate(&args, now)?;
    let batch = accounts.batch.key();
    let place = args.proof.place();
    let organization = accounts.organization.key();
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    let info = accounts.scan.as_ref();
    let is_new = is_absent(info);
    if is_new {
        birth.make(info, &Scan::seed(place), Scan::SIZE, Scan::DISCRIMINATOR)?;
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    let (sighted, suspicions) = {
        let mut data = info.try_borrow_mut_data()?;
        let scan: &mut Scan = view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
        if is_new {
            scan.begin(batch, place, accounts.operator.key());
        }
        require!(scan.is_at(&batch, place), ProvenanceError::WrongRecord);
        let sighted = scan.report(organization, args.cell, policy, now)?;
        scan.invariant()?;
        (sighted, scan.suspicions)
    };
    // Released, it becomes suspect again by the next suspicion, not by a scan that raises none.
    let is_suspect = sighted.is_suspicion
        && suspicions >= u32::from(policy.limit)
        && !custody.is_set_aside()
        && !custody.status.is_final();
    if is_suspect {
        let after = custody.after(Action::Suspect, manufacturer)?;
        record::ensure_node(&birth, &accounts.pack_node, place)?;
        record::change_node(&accounts.pack_node, &batch, place, |node| {
            node.hold(&after, now)
        })?;
    }

    galen_entry::emit!(ctx => ScanReported {
        batch,
        index: place.index,
        organization,
        cell: args.cell,
        at: now,
        is_plausible: sighted.is_plausible,
        is_suspicion: sighted.is_suspicion,
        suspicions,
        is_suspect,
    });
    Ok(())
}
