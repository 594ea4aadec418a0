use anchor_lang::prelude::*;

use crate::error::ClaimsError;
use crate::room;
use crate::state::{DetailEntry, PlanDetails};

/// Arguments of `append_plan_details`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AppendPlanDetailsArgs {
    /// Number of entries before these.
    pub start_index: u32,
    /// The entries, strictly ascending, also with regard to those before them.
    pub entries: Vec<DetailEntry>,
}

/// Accounts of `append_plan_details`. Few, for the entries' sake: no event either, sealing is what counts.
#[derive(Accounts)]
pub struct AppendPlanDetails<'info> {
    /// The operator who opened the details, and pays the rent of what is added. Whether it still is the insurer's is checked
    /// when somebody seals.
    #[account(mut)]
    pub opener: Signer<'info>,
    /// The details.
    #[account(mut, has_one = opener @ ClaimsError::NotDetailsOpener)]
    pub details: AccountLoader<'info, PlanDetails>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AppendPlanDetails<'_> {
    fn validate(&self, args: &AppendPlanDetailsArgs) -> Result<()> {
        require!(
            args.entries.iter().all(DetailEntry::is_valid),
            ClaimsError::DetailInvalid
        );
        Ok(())
    }
}

/// See [`crate::claims::append_plan_details`].
pub fn append_plan_details(
    ctx: Context<AppendPlanDetails>,
    args: AppendPlanDetailsArgs,
) -> Result<()> {
    ctx.accounts.validate(&args)?;
    let accounts = &*ctx.accounts;
    let range = {
        let mut header = accounts.details.load_mut()?;
        let range = header.extend(args.start_index, args.entries.len())?;
        header.invariant()?;
        range
    };
    let info = accounts.details.to_account_info();
    room::grow(&info, range.end, accounts.opener.as_ref())?;
    let mut data = info.try_borrow_mut_data()?;
    PlanDetails::check_order(&data, &range, &args.entries)?;
    data.get_mut(range)
        .ok_or(ClaimsError::InvariantBroken)?
        .copy_from_slice(bytemuck::cast_slice(&args.entries));
    Ok(())
}
