use anchor_lang::prelude::*;
use provenance::address::view;
use provenance::program::Provenance;
use provenance::state::Batch;
use registry::state::{Config, Operator, Organization};

use crate::adjudication::{self, Case, Scrutiny};
use crate::error::ClaimsError;
use crate::events::ClaimAdjudicated;
use crate::payment::{self, Till};
use crate::pharmacy::Pack;
use crate::state::{
    Agreement, AgreementStatus, BenefitEntry, BenefitSchedule, Claim, ClaimLine, ClaimStatus,
    History, Member, PackCommitment, PlanVersion, Pool,
};
use crate::{authorize, convert};

/// Arguments of `dispense_claim`: what the commitment was made of.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct DispenseClaimArgs {
    /// The salt of the commitment.
    pub salt: [u8; 32],
    /// The pack's place in the batch.
    pub index: u64,
    /// Whether it leaves the pharmacy now; once it has, the dispense cannot be undone.
    pub is_handed_out: bool,
    /// What opens the code of a medicine that is paid only with its pack ([`BenefitEntry::product_key`]); none for others.
    pub opening: Option<[u8; 16]>,
}

/// Accounts of `dispense_claim`: those of `adjudicate_claim` without the member's consent, which the commitment has, and those of
/// `dispense_reserved` of the provenance program, which checks them. `dup`: see `SubmitClaim`.
#[event_cpi]
#[derive(Accounts)]
pub struct DispenseClaim<'info> {
    /// The pharmacy's operator, who may submit claims and dispense.
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub provider: Box<Account<'info, Organization>>,
    /// CHECK: the credential that makes it a trading partner.
    pub credential: UncheckedAccount<'info>,
    /// The registry's configuration.
    pub config: Box<Account<'info, Config>>,
    /// The agreement of the pool with the pharmacy.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::AgreementOfOtherPool,
        has_one = provider @ ClaimsError::AgreementOfOtherProvider,
    )]
    pub agreement: Box<Account<'info, Agreement>>,
    /// The pool that pays.
    #[account(
        mut,
        dup,
        has_one = vault @ ClaimsError::WrongVault,
        has_one = mint @ ClaimsError::WrongMint,
        has_one = token_program @ ClaimsError::WrongTokenProgram,
    )]
    pub pool: Box<Account<'info, Pool>>,
    /// The version of the member's plan in force on the service date.
    #[account(
        has_one = pool @ ClaimsError::PlanVersionOfOtherPool,
        has_one = schedule @ ClaimsError::ScheduleMismatch,
    )]
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The plan version's schedule.
    pub schedule: AccountLoader<'info, BenefitSchedule>,
    /// The member.
    #[account(mut, has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The member's history.
    #[account(mut, has_one = member @ ClaimsError::HistoryOfOtherMember)]
    pub history: AccountLoader<'info, History>,
    /// The claim, which waits for the pack and signs for its dispense.
    #[account(
        mut,
        dup,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The commitment to the pack.
    #[account(
        mut,
        dup,
        has_one = claim @ ClaimsError::PackOfOtherClaim,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
    )]
    pub pack: Box<Account<'info, PackCommitment>>,
    /// CHECK: the pool's vault, by its address in the pool.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the agreement's payout account, by its address; looked into before it is paid.
    #[account(mut, constraint = payout.key() != pool.vault @ ClaimsError::PayoutIsVault)]
    pub payout: UncheckedAccount<'info>,
    /// CHECK: the pool's mint, by its address in the pool.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the pool's token program, by its address in the pool.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: the pack's batch; by its address in the commitment.
    pub batch: UncheckedAccount<'info>,
    /// CHECK: the page of the pack.
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// CHECK: the record of the pack, or the empty account at its address.
    pub pack_node: UncheckedAccount<'info>,
    /// CHECK: the record of its case, or the empty account at its address.
    pub case_node: UncheckedAccount<'info>,
    /// CHECK: the record of its pallet, or the empty account at its address.
    pub pallet_node: UncheckedAccount<'info>,
    /// CHECK: the record of the batch.
    pub batch_node: UncheckedAccount<'info>,
    /// CHECK: the reservation of the pack for the claim, which becomes the record of the dispense.
    #[account(mut)]
    pub dispense: UncheckedAccount<'info>,
    /// The provenance program.
    pub provenance_program: Program<'info, Provenance>,
    /// CHECK: signs the provenance program's events, which that checks.
    pub provenance_events: UncheckedAccount<'info>,
}

impl<'info> DispenseClaim<'info> {
    fn validate(&self, args: &DispenseClaimArgs, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        require!(
            self.config.new_awards_allowed(now),
            ClaimsError::AwardsPaused
        );
        // What is dispensed now is under an agreement of now.
        require!(
            self.agreement.status == AgreementStatus::Active,
            ClaimsError::AgreementNotActive
        );
        self.agreement.check_in_force(&self.claim.lines)?;
        require!(
            self.plan_version.plan == self.member.load()?.plan,
            ClaimsError::PlanVersionOfOtherPlan
        );
        require!(
            self.payout.key() == self.agreement.effective_payout(now),
            ClaimsError::WrongPayout
        );
        if self.claim.plan_version == Pubkey::default() {
            adjudication::service_dates(&self.claim, &self.plan_version)?;
        } else {
            // A held price holds under the version by which it was answered, whichever is in force by now.
            require_keys_eq!(
                self.claim.plan_version,
                self.plan_version.key(),
                ClaimsError::ClaimOfOtherPlanVersion
            );
        }
        // That they are not of long before, the commitment has looked at.
        let (_, last_date) = adjudication::service_span(&self.claim)?;
        require!(
            last_date <= convert::day_of(now)?.days(),
            ClaimsError::ServiceDateNotOfDispense
        );
        self.pack
            .check_opens(&args.salt, &self.batch.key(), args.index)?;
        self.check_product(args.opening.as_ref())
    }

    /// Checks that the pack is of the medicine on the claim, where the plan pays that only with its pack. Nothing ties the pack to
    /// other lines but the member's word.
    fn check_product(&self, opening: Option<&[u8; 16]>) -> Result<()> {
        let info: &AccountInfo = self.schedule.as_ref();
        let data = info.try_borrow_data()?;
        let schedule = self.schedule.load()?;
        let entries = schedule.entries(&data)?;
        let asks_pack = |line: &ClaimLine| {
            adjudication::find(entries, line)
                .is_some_and(|entry| entry.has(BenefitEntry::WITH_PACK))
        };
        if !self.claim.lines.iter().any(asks_pack) {
            return Ok(());
        }
        let [line] = self.claim.lines.as_slice() else {
            return Err(ClaimsError::PackLineNotAlone.into());
        };
        require!(line.units == 1, ClaimsError::PackLineNotAlone);
        let opening = opening.ok_or(ClaimsError::ProductMismatch)?;
        // Whose account it is the provenance program checks, which dispenses the pack from it.
        let info: &AccountInfo = self.batch.as_ref();
        let data = info.try_borrow_data()?;
        let batch: &Batch = view(&data)?;
        require!(
            BenefitEntry::product_key(opening, &batch.gtin) == line.code_key,
            ClaimsError::ProductMismatch
        );
        Ok(())
    }

    /// Pays an award that was set aside to be paid with others, or says why it cannot be paid now.
    fn conclude(&mut self, now: i64) -> Result<()> {
        match self.claim.status {
            ClaimStatus::Paid | ClaimStatus::NothingDue => return Ok(()),
            ClaimStatus::Payable if self.claim.money_reserved => {}
            ClaimStatus::Payable => return Err(ClaimsError::PoolUnderfunded.into()),
            ClaimStatus::Denied => return Err(ClaimsError::DispenseWouldDeny.into()),
            _ => {
                msg!("It would wait: {:?}", self.claim.pend_reason);
                return Err(ClaimsError::DispenseWouldPend.into());
            }
        }
        payment::check_payout(&self.payout, &self.pool)?;
        let due = self.claim.due();
        self.pool.pay_reserved(due)?;
        self.pool.count_outflow(due, now, now)?;
        self.claim.mark_paid(now)?;
        let pool_info = self.pool.to_account_info();
        payment::transfer(
            &self.pool,
            &Till {
                vault: &self.vault,
                payout: &self.payout,
                mint: &self.mint,
                pool: &pool_info,
            },
            due,
        )?;
        self.claim.invariant()?;
        self.pool.invariant(payment::vault_amount(&self.vault)?)
    }

    fn dispense_pack(&self, args: &DispenseClaimArgs) -> Result<()> {
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
        .dispense(
            &self.claim,
            self.credential.to_account_info(),
            args.index,
            args.is_handed_out,
        )
    }
}

/// See [`crate::claims::dispense_claim`].
pub fn dispense_claim<'info>(
    ctx: Context<'info, DispenseClaim<'info>>,
    args: DispenseClaimArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut *ctx.accounts;
    accounts.claim.stop_awaiting_dispense()?;
    accounts.validate(&args, now)?;
    accounts.pack.dispense(now)?;
    accounts.claim.course.note_pack(true);
    let in_network = accounts.claim.network_under(&accounts.agreement)?;
    accounts.claim.receive(
        accounts.member.key(),
        accounts.plan_version.key(),
        in_network,
        now,
    )?;
    let scrutiny = if accounts.pack.is_vouched {
        Scrutiny::Vouched
    } else {
        Scrutiny::Consented
    };
    let pool_info = accounts.pool.to_account_info();
    Case {
        claim_key: accounts.claim.key(),
        claim: &mut accounts.claim,
        pool: &mut accounts.pool,
        agreement: &mut accounts.agreement,
        plan_version: &accounts.plan_version,
        schedule: &accounts.schedule,
        member: &accounts.member,
        history: &accounts.history,
        others: ctx.remaining_accounts,
        till: Till {
            vault: &accounts.vault,
            payout: &accounts.payout,
            mint: &accounts.mint,
            pool: &pool_info,
        },
        now,
    }
    .adjudicate(scrutiny)?;
    accounts.conclude(now)?;
    accounts.dispense_pack(&args)?;
    accounts.pack.invariant()?;

    let accounts = &*ctx.accounts;
    let claim = &accounts.claim;
    galen_entry::emit!(ctx => ClaimAdjudicated::of(
        claim,
        claim.key(),
        accounts.payout.key()
    ));
    Ok(())
}
