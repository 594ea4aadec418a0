use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::DeviceRegistered;
use crate::state::{Adherence, Cohort, Site};

/// Arguments of `register_device`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterDeviceArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// The key of the device.
    pub device: Pubkey,
}

/// Accounts of `register_device`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterDeviceArgs)]
pub struct RegisterDevice<'info> {
    /// The site's operator. Pays the rent of the first device, which is never refunded: doses stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The site.
    #[account(has_one = organization @ TrialsError::SiteOfOtherOrganization)]
    pub site: AccountLoader<'info, Site>,
    /// The cohort.
    #[account(has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The participant's doses. `init_if_needed` because a device can be replaced.
    #[account(
        init_if_needed,
        payer = operator,
        space = Adherence::SIZE,
        seeds = [Adherence::SEED, cohort.key().as_ref(), &args.index.to_le_bytes()],
        bump,
    )]
    pub adherence: AccountLoader<'info, Adherence>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RegisterDevice<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::AttestVisit,
            now,
        )
    }
}

/// See [`crate::trials::register_device`].
pub fn register_device(ctx: Context<RegisterDevice>, args: RegisterDeviceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    {
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(participant.status()?.is_present(), TrialsError::NotPresent);
    }
    {
        let mut adherence = match accounts.adherence.load_init() {
            Ok(mut adherence) => {
                adherence.begin(
                    ctx.bumps.adherence,
                    accounts.cohort.key(),
                    args.index,
                    accounts.operator.key(),
                );
                adherence
            }
            Err(_) => accounts.adherence.load_mut()?,
        };
        adherence.register(args.device)?;
        adherence.invariant()?;
    }

    galen_entry::emit!(ctx => DeviceRegistered {
        cohort: accounts.cohort.key(),
        index: args.index,
        device: args.device,
    });
    Ok(())
}
