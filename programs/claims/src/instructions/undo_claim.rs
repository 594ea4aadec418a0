use anchor_lang::prelude::*;
use provenance::program::Provenance;
use registry::state::{Operator, Organization};

use crate::error::ClaimsError;
use crate::events::{ClaimReversed, PackPutBack, WithdrawalCancelled};
use crate::payment;
use crate::pharmacy::Pack;
use crate::reversal::{self, Reversal};
use crate::state::{
    Agreement, Claim, ClaimStatus, History, Member, PackCommitment, PlanVersion, Pool,
};
use crate::{authorize, convert};

/// Arguments of `undo_claim`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct UndoClaimArgs {
    /// The pack's place in the batch.
    pub index: u64,
}

/// Accounts of `undo_claim`: those of `reverse_claim`, and those of `undo_dispense` of the provenance program, which checks them.
/// `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct UndoClaim<'info> {
    /// The pharmacy's operator, who may submit claims and dispense.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub provider: Box<Account<'info, Organization>>,
    /// The pool that paid.
    #[account(mut, dup, has_one = vault @ ClaimsError::WrongVault)]
    pub pool: Box<Account<'info, Pool>>,
    /// The agreement of the pool with the pharmacy, whatever its status.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The plan version under which the claim was adjudicated.
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The claim's member.
    #[account(mut)]
    pub member: AccountLoader<'info, Member>,
    /// The member's history.
    #[account(mut, has_one = member @ ClaimsError::HistoryOfOtherMember)]
    pub history: AccountLoader<'info, History>,
    /// The claim that the pack was dispensed for, which signs.
    #[account(
        mut,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The claim that stands in its place, where there is one.
    #[account(
        mut,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
    )]
    pub replacement: Option<Box<Account<'info, Claim>>>,
    /// The commitment to the pack; closed.
    #[account(
        mut,
        dup,
        close = pack_payer,
        has_one = claim @ ClaimsError::PackOfOtherClaim,
        constraint = pack.payer == pack_payer.key() @ ClaimsError::NotPackPayer,
    )]
    pub pack: Box<Account<'info, PackCommitment>>,
    /// CHECK: gets the rent of the commitment back; by the address in it.
    #[account(mut)]
    pub pack_payer: UncheckedAccount<'info>,
    /// CHECK: the pool's vault, by its address in the pool.
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the pack's batch.
    pub batch: UncheckedAccount<'info>,
    /// CHECK: the page of the pack.
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// CHECK: the record of the pack, or the empty account at its address.
    #[account(mut)]
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the record of the dispense, which names the claim; closed.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// CHECK: gets the rent of that record back; by the address in it.
    #[account(mut)]
    pub dispense_payer: UncheckedAccount<'info>,
    /// The provenance program.
    pub provenance_program: Program<'info, Provenance>,
    /// CHECK: signs the provenance program's events, which that checks.
    pub provenance_events: UncheckedAccount<'info>,
}

/// What became of the claim.
#[derive(Default)]
struct Undone {
    /// Whether it was taken back now.
    is_reversed: bool,
    /// What of the pool was announced to be withdrawn and is not any more, in cents.
    announced: u64,
}

impl<'info> UndoClaim<'info> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        let replaced_by = self.claim.course.replaced_by;
        // Zeros are no claim here, though one may have them for its number.
        let is_named = match &self.replacement {
            Some(replacement) => replaced_by != [0; 16] && replacement.claim_id == replaced_by,
            None => replaced_by == [0; 16],
        };
        require!(is_named, ClaimsError::ClaimWasReplaced);
        require_keys_eq!(
            self.standing().plan_version,
            self.plan_version.key(),
            ClaimsError::ClaimOfOtherPlanVersion
        );
        Ok(())
    }

    /// The claim that stands: that of the pack, or the one in its place.
    fn standing(&self) -> &Account<'info, Claim> {
        self.replacement.as_deref().unwrap_or(&self.claim)
    }

    /// Takes the claim that stands back, unless that has been done, and has nothing take its place. Returns what it did.
    fn reverse(&mut self, others: &'info [AccountInfo<'info>], now: i64) -> Result<Undone> {
        let claim: &mut Account<'info, Claim> = match &mut self.replacement {
            Some(replacement) => replacement,
            None => &mut self.claim,
        };
        let mut undone = Undone::default();
        if claim.status != ClaimStatus::Reversed {
            let turn = claim.turn;
            undone.announced = Reversal {
                claim_key: claim.key(),
                claim,
                pool: &mut self.pool,
                agreement: &mut self.agreement,
                plan_version: &self.plan_version,
                member: &self.member,
                history: &self.history,
                others,
                now,
            }
            .apply(Claim::PUT_BACK)?;
            claim.course.decided_on = convert::day_of(now)?.days();
            reversal::flag_later_than(&self.member, others, turn)?;
            undone.is_reversed = true;
        }
        claim.put_back()?;
        claim.invariant()?;
        Ok(undone)
    }

    fn undo_dispense(&self, index: u64) -> Result<()> {
        Pack {
            program: self.provenance_program.to_account_info(),
            event_authority: self.provenance_events.to_account_info(),
            operator: self.operator.to_account_info(),
            operator_record: self.operator_record.to_account_info(),
            pharmacy: self.provider.to_account_info(),
            batch: self.batch.to_account_info(),
            page: self.page.to_account_info(),
            pack_node: self.pack_node.to_account_info(),
            case_node: self.case_node.to_account_info(),
            pallet_node: self.pallet_node.to_account_info(),
            batch_node: self.batch_node.to_account_info(),
            dispense: self.dispense.to_account_info(),
            claim: self.claim.to_account_info(),
        }
        .put_back(&self.claim, self.dispense_payer.to_account_info(), index)
    }
}

/// See [`crate::claims::undo_claim`].
pub fn undo_claim<'info>(ctx: Context<'info, UndoClaim<'info>>, args: UndoClaimArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let undone = accounts.reverse(ctx.remaining_accounts, now)?;
    accounts.undo_dispense(args.index)?;
    accounts
        .pool
        .invariant(payment::vault_amount(&accounts.vault)?)?;

    let accounts = &*ctx.accounts;
    if undone.announced > 0 {
        galen_entry::emit!(ctx => WithdrawalCancelled {
            pool: accounts.pool.key(),
            operator: accounts.operator.key(),
            amount: undone.announced,
        });
    }
    let claim = accounts.standing();
    // What the insurer had taken back before is not taken back once more.
    if undone.is_reversed {
        galen_entry::emit!(ctx => ClaimReversed {
            claim: claim.key(),
            pool: claim.pool,
            provider: claim.provider,
            operator: accounts.operator.key(),
            reason: Claim::PUT_BACK,
            paid: claim.totals.paid,
            owed: accounts.agreement.owed,
        });
    } else {
        galen_entry::emit!(ctx => PackPutBack {
            claim: claim.key(),
            pool: claim.pool,
            provider: claim.provider,
            operator: accounts.operator.key(),
        });
    }
    Ok(())
}
