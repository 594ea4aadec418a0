use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::Subtree;
use registry::state::{Operator, Organization, Permission};

use crate::address::{is_absent, view_mut, Birth};
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::DeviceRegistered;
use crate::path::{self, Path};
use crate::state::{Batch, Monitor};
use crate::{authorize, cold_chain, record};

/// Arguments of `register_device`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterDeviceArgs {
    /// What the device watches over.
    pub place: Place,
    /// The key of the device.
    pub device: Pubkey,
}

/// Accounts of `register_device`.
#[event_cpi]
#[derive(Accounts)]
pub struct RegisterDevice<'info> {
    /// An operator of who has the goods. Pays the rent of the place's record and of the monitor.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record.
    pub operator_record: Box<Account<'info, Operator>>,
    /// Who has the goods.
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
    /// CHECK: the monitor of the place, made where it is absent; its address is checked then.
    #[account(mut)]
    pub monitor: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RegisterDevice<'_> {
    fn validate(&self, place: Subtree, now: i64) -> Result<()> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        cold_chain::limits(&batch)?;
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
            self.organization.key(),
            ProvenanceError::NotCustodian
        );
        // What is destroyed, stolen or with a patient needs no watch.
        require!(!custody.status.is_final(), ProvenanceError::StatusFinal);
        Ok(())
    }
}

/// See [`crate::provenance::register_device`].
pub fn register_device(ctx: Context<RegisterDevice>, args: RegisterDeviceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    accounts.validate(place, now)?;
    let batch = accounts.batch.key();
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    record::ensure_node(&birth, &accounts.node, place)?;
    let info = accounts.monitor.as_ref();
    let is_new = is_absent(info);
    if is_new {
        birth.make(
            info,
            &Monitor::seed(place),
            Monitor::SIZE,
            Monitor::DISCRIMINATOR,
        )?;
    }
    require_keys_eq!(*info.owner, crate::ID, ProvenanceError::WrongRecord);
    {
        let mut data = info.try_borrow_mut_data()?;
        let monitor: &mut Monitor =
            view_mut(&mut data).map_err(|_| ProvenanceError::WrongRecord)?;
        if is_new {
            monitor.begin(batch, place, accounts.operator.key(), now);
        }
        require!(monitor.is_at(&batch, place), ProvenanceError::WrongRecord);
        monitor.register(args.device, accounts.organization.key(), now)?;
        monitor.invariant()?;
    }

    galen_entry::emit!(ctx => DeviceRegistered {
        batch,
        place: args.place,
        organization: accounts.organization.key(),
        device: args.device,
        registered_at: now,
    });
    Ok(())
}
