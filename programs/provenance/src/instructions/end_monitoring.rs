use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;
use galen_rules::provenance::Status;
use registry::state::{Operator, Organization, Permission};

use crate::cold_chain::Terms;
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::{ExcursionFound, MonitoringEnded};
use crate::path::{self, Path};
use crate::state::{Batch, Custody, Monitor};
use crate::{address, authorize, cold_chain};

/// Arguments of `end_monitoring`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EndMonitoringArgs {
    /// What the device watches over.
    pub place: Place,
}

/// Accounts of `end_monitoring`. Without an operator, anybody may, once records of the batch need not be kept any longer.
#[event_cpi]
#[derive(Accounts)]
pub struct EndMonitoring<'info> {
    /// An operator of who has the goods.
    pub operator: Option<Signer<'info>>,
    /// The operator's record.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// Who has the goods.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// The monitor of the place; closed where nothing was used up of what excursions may take, or nothing can change what becomes
    /// of the goods.
    #[account(mut)]
    pub monitor: AccountLoader<'info, Monitor>,
    /// CHECK: gets the rent back; by the address that the monitor stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl EndMonitoring<'_> {
    /// Checks who ends what. Returns who has it; none once nobody need watch any longer.
    fn validate(&self, place: Subtree, now: i64) -> Result<Option<Custody>> {
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        require!(
            self.monitor.load()?.is_at(&batch_key, place),
            ProvenanceError::WrongRecord
        );
        let (Some(operator), Some(record), Some(organization)) =
            (&self.operator, &self.operator_record, &self.organization)
        else {
            batch.require_released(now)?;
            return Ok(None);
        };
        authorize::staff(
            organization,
            record,
            &operator.key(),
            Permission::HandOver,
            now,
        )?;
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let custody = Path::read(&batch_key, batch.layout()?, place, infos)?.custody()?;
        require_keys_eq!(
            custody.custodian,
            organization.key(),
            ProvenanceError::NotCustodian
        );
        Ok(Some(custody))
    }
}

/// Whether nothing that is read can change what becomes of it.
fn is_decided(custody: &Custody) -> bool {
    custody.status.is_final() || custody.status == Status::Illegitimate
}

/// Whether it comes back to nobody: a dispense can be undone.
fn is_gone(custody: &Custody) -> bool {
    is_decided(custody) && custody.status != Status::Dispensed
}

/// See [`crate::provenance::end_monitoring`].
pub fn end_monitoring(ctx: Context<EndMonitoring>, args: EndMonitoringArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let batch = accounts.batch.key();
    let (place, terms) = {
        let record = accounts.batch.load()?;
        let place = args.place.within(record.layout()?)?;
        (place, Terms::of(&record, batch)?)
    };
    let custody = accounts.validate(place, now)?;
    let open = custody.filter(|custody| !is_decided(custody));
    let (sums, payer, found, is_kept) = {
        let mut monitor = accounts.monitor.load_mut()?;
        let (before, since) = (monitor.verdict, monitor.covered_until);
        let may_be_watched = custody.is_some_and(|custody| !is_gone(&custody));
        if may_be_watched {
            monitor.require_watched()?;
        }
        if custody.is_some() && monitor.watching().is_some() {
            monitor.end(terms.limits, now);
        }
        let found = open.filter(|_| monitor.is_excursion());
        if let Some(custody) = &found {
            let at = (accounts.node.as_ref(), place);
            let finding = (monitor.verdict != before, since);
            cold_chain::set_aside(&monitor, custody, &terms, at, finding, now)?;
        }
        let is_kept = may_be_watched && !monitor.is_labelled();
        if is_kept && found.is_none() {
            monitor.stop();
        }
        monitor.invariant()?;
        (monitor.sums(), monitor.payer, found, is_kept)
    };
    // What is outside its limits is assessed first; until then the watch goes on.
    if let Some(custody) = found {
        galen_entry::emit!(ctx => ExcursionFound {
            batch,
            place: args.place,
            custodian: custody.custodian,
            sums,
        });
        return Ok(());
    }
    galen_entry::emit!(ctx => MonitoringEnded {
        batch,
        place: args.place,
        sums,
    });
    if is_kept {
        return Ok(());
    }
    address::close(accounts.monitor.as_ref(), &accounts.payer, &payer)
}
