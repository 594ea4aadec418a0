use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::state::{BenefitEntry, BenefitSchedule};

/// Arguments of `append_benefits`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AppendBenefitsArgs {
    /// Number of entries before these.
    pub start_index: u32,
    /// The entries, strictly ascending by code key, also with regard to those before them.
    pub entries: Vec<BenefitEntry>,
}

/// Accounts of `append_benefits`. Few, for the entries' sake: no event either, sealing is what counts.
#[derive(Accounts)]
pub struct AppendBenefits<'info> {
    /// The operator who opened the schedule. Whether it still is the insurer's is checked when somebody seals.
    pub opener: Signer<'info>,
    /// The schedule.
    #[account(mut, has_one = opener @ ClaimsError::NotScheduleOpener)]
    pub schedule: AccountLoader<'info, BenefitSchedule>,
}

impl AppendBenefits<'_> {
    fn validate(&self, args: &AppendBenefitsArgs) -> Result<()> {
        require!(
            args.entries.iter().all(BenefitEntry::is_valid),
            ClaimsError::BenefitInvalid
        );
        Ok(())
    }
}

/// See [`crate::claims::append_benefits`].
pub fn append_benefits(ctx: Context<AppendBenefits>, args: AppendBenefitsArgs) -> Result<()> {
    ctx.accounts.validate(&args)?;
    let schedule = &ctx.accounts.schedule;
    let range = {
        let mut header = schedule.load_mut()?;
        let range = header.extend(args.start_index, args.entries.len())?;
        header.invariant()?;
        range
    };
    let info = schedule.to_account_info();
    let mut data = info.try_borrow_mut_data()?;
    BenefitSchedule::check_order(&data, &range, &args.entries)?;
    data.get_mut(range)
        .ok_or(ClaimsError::InvariantBroken)?
        .copy_from_slice(bytemuck::cast_slice(&args.entries));
    Ok(())
}
