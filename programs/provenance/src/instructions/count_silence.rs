use anchor_lang::prelude::*;
use galen_rules::merkle::Subtree;

use crate::cold_chain::{self, Terms};
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::ExcursionFound;
use crate::path::{self, Path};
use crate::state::{Batch, Custody, Monitor};

/// Arguments of `count_silence`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CountSilenceArgs {
    /// What the device watches over.
    pub place: Place,
}

/// Accounts of `count_silence`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct CountSilence<'info> {
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
    /// The monitor of the place.
    #[account(mut)]
    pub monitor: AccountLoader<'info, Monitor>,
}

impl CountSilence<'_> {
    /// Checks what is watched over. Returns who has it.
    fn validate(&self, place: Subtree) -> Result<Custody> {
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        require!(
            self.monitor.load()?.is_at(&batch_key, place),
            ProvenanceError::WrongRecord
        );
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        Path::read(&batch_key, batch.layout()?, place, infos)?.custody()
    }
}

/// See [`crate::provenance::count_silence`].
pub fn count_silence(ctx: Context<CountSilence>, args: CountSilenceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let batch = accounts.batch.key();
    let (place, terms) = {
        let record = accounts.batch.load()?;
        let place = args.place.within(record.layout()?)?;
        (place, Terms::of(&record, batch)?)
    };
    let custody = accounts.validate(place)?;
    let found = {
        let mut monitor = accounts.monitor.load_mut()?;
        monitor.require_watched()?;
        let (before, since) = (monitor.verdict, monitor.covered_until);
        monitor.require_silent(now)?;
        monitor.count_gap(terms.limits, now);
        monitor.invariant()?;
        let is_found = monitor.is_excursion() && monitor.verdict != before;
        let at = (accounts.node.as_ref(), place);
        let finding = (is_found, since);
        let is_set_aside = cold_chain::set_aside(&monitor, &custody, &terms, at, finding, now)?;
        // Released without an assessment and set aside again, it is told again: no quarantine without an event.
        (is_found || is_set_aside).then(|| monitor.sums())
    };

    if let Some(sums) = found {
        galen_entry::emit!(ctx => ExcursionFound {
            batch,
            place: args.place,
            custodian: custody.custodian,
            sums,
        });
    }
    Ok(())
}
