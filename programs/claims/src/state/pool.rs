//! Pools: an insurer's money for claims, and the ledger of it.

use anchor_lang::prelude::*;
use galen_rules::Cents;

use super::{RoundMark, Rounds};
use crate::constants::{
    ACCOUNT_VERSION, OUTFLOW_NOTICE_SECONDS, SECONDS_PER_DAY, WITHDRAWAL_NOTICE_SECONDS,
    WITHDRAWAL_WINDOW_SECONDS,
};
use crate::error::ClaimsError;

/// Money of one insurer in one mint. Amounts are cents.
///
/// # PDA Seeds
/// `["pool", insurer, mint, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Number among the insurer's pools in this mint.
    pub number: u16,
    /// The insurer's organisation account.
    pub insurer: Pubkey,
    /// The mint that the pool pays in.
    pub mint: Pubkey,
    /// The program that owns the mint: SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// The token account that holds the money; its authority is this account.
    pub vault: Pubkey,
    /// The key of the insurer's eligibility desk, which signs tickets; the default key = no tickets.
    pub ticket_key: Pubkey,
    /// Decimals of the mint.
    pub decimals: u8,
    /// What the mint's issuer can do, as bits: [`Pool::ISSUER_CAN_FREEZE`], [`Pool::ISSUER_CAN_MINT`]. Stated, not refused.
    pub issuer_powers: u8,
    /// Smallest units of the mint in a cent: 10^(decimals − 2).
    pub unit_per_cent: u64,
    /// Grows by one with every administrative action on the pool.
    pub sequence: u64,
    /// Cents funded since the beginning.
    pub funded: u64,
    /// Cents paid since the beginning.
    pub paid: u64,
    /// Cents set aside for awarded claims: those whose payment could not be delivered yet, and the shares of those that
    /// wait for money.
    pub reserved_for_claims: u64,
    /// Cents awarded for which there is no money yet.
    pub unfunded: u64,
    /// Cents that the insurer has withdrawn since the beginning, and that went back to reinsurers.
    pub withdrawn: u64,
    /// The most that claims are paid in a day (UTC), in cents; 0 = no limit.
    pub outflow_limit: u64,
    /// The day of `outflow`, in days since 1970-01-01.
    pub outflow_day: i64,
    /// Cents paid to claims on that day.
    pub outflow: u64,
    /// Cents announced to be withdrawn; 0 = none.
    pub withdrawal: u64,
    /// Unix second from which they can be; 0 = none.
    pub withdrawal_at: i64,
    /// The token account that they go to; the default key = none.
    pub withdrawal_to: Pubkey,
    /// The limit before it was lowered, which holds on for what was awarded until then; 0 = there was none.
    pub former_limit: u64,
    /// Unix second from which `former_limit` holds for nothing any more; 0 = it does not.
    pub former_until: i64,
    /// The rounds in which money is shared among those who wait for it.
    pub rounds: Rounds,
}

const _: () = assert!(Pool::INIT_SPACE == 4 + 5 * 32 + 2 + 6 * 8 + 6 * 8 + 32 + 16 + 48);

impl Pool {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"pool";
    /// First seed of the vault's address: `["vault", pool]`.
    pub const VAULT_SEED: &'static [u8] = b"vault";
    /// Bit of `issuer_powers`: token accounts, the vault's too, can be frozen.
    pub const ISSUER_CAN_FREEZE: u8 = galen_chain::mint_policy::ISSUER_CAN_FREEZE;
    /// Bit of `issuer_powers`: the supply can grow.
    pub const ISSUER_CAN_MINT: u8 = galen_chain::mint_policy::ISSUER_CAN_MINT;

    /// Address of pool `number` of `insurer` (the organisation's account) in `mint`, and its bump.
    pub fn find_address(insurer: &Pubkey, mint: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[
                Self::SEED,
                insurer.as_ref(),
                mint.as_ref(),
                &number.to_le_bytes(),
            ],
            &crate::ID,
        )
    }

    /// Address of the vault of `pool`, and its bump.
    pub fn find_vault_address(pool: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::VAULT_SEED, pool.as_ref()], &crate::ID)
    }

    /// A pool as it begins: without money.
    #[allow(
        clippy::too_many_arguments,
        reason = "one argument a field, each of another meaning"
    )]
    pub fn new(
        bump: u8,
        number: u16,
        insurer: Pubkey,
        mint: Pubkey,
        token_program: Pubkey,
        vault: Pubkey,
        decimals: u8,
        issuer_powers: u8,
    ) -> Result<Self> {
        let unit_per_cent = galen_chain::mint_policy::unit_per_cent(decimals)
            .ok_or(ClaimsError::MintDecimalsInvalid)?;
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            number,
            insurer,
            mint,
            token_program,
            vault,
            ticket_key: Pubkey::default(),
            decimals,
            issuer_powers,
            unit_per_cent,
            sequence: 0,
            funded: 0,
            paid: 0,
            reserved_for_claims: 0,
            unfunded: 0,
            withdrawn: 0,
            outflow_limit: 0,
            outflow_day: 0,
            outflow: 0,
            withdrawal: 0,
            withdrawal_at: 0,
            withdrawal_to: Pubkey::default(),
            former_limit: 0,
            former_until: 0,
            rounds: Rounds::NONE,
        })
    }

    /// Cents that are there and promised to nobody. Money sent to the vault past `fund_pool` is not counted.
    pub fn free(&self) -> Result<u64> {
        self.funded
            .checked_sub(self.paid)
            .and_then(|held| held.checked_sub(self.withdrawn))
            .and_then(|held| held.checked_sub(self.reserved_for_claims))
            .ok_or_else(|| ClaimsError::InvariantBroken.into())
    }

    /// `cents` in the smallest units of the mint.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn units(&self, cents: u64) -> Result<u64> {
        Cents::new(cents)
            .checked_mul(self.unit_per_cent)
            .map(Cents::get)
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &registry::state::AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(ClaimsError::from)?;
        Ok(())
    }

    /// Appoints the eligibility desk's key; the default key ends the desk. Returns the key before.
    pub fn set_ticket_key(&mut self, key: Pubkey) -> Pubkey {
        std::mem::replace(&mut self.ticket_key, key)
    }

    /// Counts `cents` that have arrived in the vault.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn fund(&mut self, cents: u64) -> Result<()> {
        self.funded = self
            .funded
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Notes that a treaty covers awards from `from` to `to`.
    ///
    /// # Errors
    /// `TreatiesOverlap`.
    pub fn reinsure(&mut self, from: i32, to: i32) -> Result<()> {
        require!(
            from > self.rounds.reinsured_until,
            ClaimsError::TreatiesOverlap
        );
        self.rounds.reinsured_until = to;
        Ok(())
    }

    /// Counts `cents` of a reinsurer that have arrived in the vault.
    ///
    /// # Errors
    /// `AmountOverflow`, `InvariantBroken`.
    pub fn take_cover(&mut self, cents: u64) -> Result<()> {
        self.fund(cents)?;
        self.close_round()
    }

    /// Counts `cents` that go back to a reinsurer.
    ///
    /// # Errors
    /// `PoolUnderfunded`, `AmountOverflow`.
    pub fn return_cover(&mut self, cents: u64) -> Result<()> {
        require!(self.free()? >= cents, ClaimsError::PoolUnderfunded);
        self.withdrawn = self
            .withdrawn
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Whether `cents` newly awarded can be paid at once: nobody waits, and the money is there.
    pub fn can_pay_now(&self, cents: u64) -> Result<bool> {
        Ok(self.unfunded == 0 && self.free()? >= cents)
    }

    /// Counts `cents` that leave the vault for a claim which has not waited.
    ///
    /// # Errors
    /// `PoolUnderfunded`, `AmountOverflow`.
    pub fn pay_now(&mut self, cents: u64) -> Result<()> {
        require!(self.free()? >= cents, ClaimsError::PoolUnderfunded);
        self.paid = self
            .paid
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Counts `cents` owed that wait for money; what the pool has is shared out by [`Pool::close_round`]. Returns the mark
    /// from which on rounds count for them.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn queue(&mut self, cents: u64) -> Result<RoundMark> {
        self.unfunded = self
            .unfunded
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(self.rounds.mark)
    }

    /// Sets all that is free aside for those who wait, up to what they lack, each to be paid in proportion. Nothing happens
    /// where nobody waits or nothing is free. Whatever lets somebody wait or frees money ends with it, so while somebody
    /// waits nothing is free, and who comes first to be paid takes nothing from the others.
    ///
    /// # Errors
    /// `AmountOverflow`, `InvariantBroken`.
    pub fn close_round(&mut self) -> Result<()> {
        let cents = self.free()?.min(self.unfunded);
        if cents == 0 {
            return Ok(());
        }
        self.reserved_for_claims = self
            .reserved_for_claims
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        let before = self.unfunded;
        self.unfunded = before.saturating_sub(cents);
        self.rounds.close(before, self.unfunded)
    }

    /// No longer counts a claim that lacks `lacking` cents of what it waits for, of which `share` are set aside.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn leave_queue(&mut self, lacking: u64, share: u64) -> Result<()> {
        // Shares are rounded down, so what all lack beside them can be a few cents more than what is unfunded.
        let unfunded = lacking.saturating_sub(share).min(self.unfunded);
        let before = self.unfunded;
        self.unfunded = before.saturating_sub(unfunded);
        self.release(lacking.saturating_sub(unfunded))?;
        if before > 0 && self.unfunded == 0 {
            // What is set aside is all that the others lack.
            self.rounds.close(before, 0)?;
        }
        Ok(())
    }

    /// Sets `cents` aside for a claim whose payment cannot be delivered.
    ///
    /// # Errors
    /// `PoolUnderfunded`, `AmountOverflow`.
    pub fn set_aside(&mut self, cents: u64) -> Result<()> {
        require!(self.free()? >= cents, ClaimsError::PoolUnderfunded);
        self.reserved_for_claims = self
            .reserved_for_claims
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Counts `cents` that leave the vault out of what was set aside.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn pay_reserved(&mut self, cents: u64) -> Result<()> {
        self.reserved_for_claims = self
            .reserved_for_claims
            .checked_sub(cents)
            .ok_or(ClaimsError::InvariantBroken)?;
        self.pay_now(cents)
    }

    /// Frees `cents` that were set aside.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn release(&mut self, cents: u64) -> Result<()> {
        self.reserved_for_claims = self
            .reserved_for_claims
            .checked_sub(cents)
            .ok_or(ClaimsError::InvariantBroken)?;
        Ok(())
    }

    /// Limits what claims are paid in a day; 0 = no limit. A lower limit holds at once for what is awarded from now on; for what has
    /// been awarded the one before holds for [`OUTFLOW_NOTICE_SECONDS`] more. Returns the limit before.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn set_outflow_limit(&mut self, limit: u64, now: i64) -> Result<u64> {
        let before = self.outflow_limit;
        let former = if now < self.former_until {
            looser(self.former_limit, before)
        } else {
            before
        };
        if looser(former, limit) == limit {
            self.former_limit = 0;
            self.former_until = 0;
        } else if limit != before && looser(before, limit) == before {
            self.former_limit = former;
            self.former_until = now
                .checked_add(OUTFLOW_NOTICE_SECONDS)
                .ok_or(ClaimsError::AmountOverflow)?;
        }
        self.outflow_limit = limit;
        Ok(before)
    }

    /// What can be paid in a day to a claim that was awarded at the Unix second `awarded_at`.
    fn limit_for(&self, awarded_at: i64, now: i64) -> u64 {
        // Most pools have never had a limit lowered.
        if now < self.former_until
            && awarded_at < self.former_until.saturating_sub(OUTFLOW_NOTICE_SECONDS)
        {
            self.former_limit
        } else {
            self.outflow_limit
        }
    }

    /// Whether paying `cents` more today to a claim that was awarded at `awarded_at` would pass the limit of a day.
    pub fn exceeds_outflow(&self, cents: u64, awarded_at: i64, now: i64) -> bool {
        let limit = self.limit_for(awarded_at, now);
        let today = if self.outflow_day == day_of(now) {
            self.outflow
        } else {
            0
        };
        limit != 0 && today.saturating_add(cents) > limit
    }

    /// Counts `cents` paid today to a claim that was awarded at `awarded_at`.
    ///
    /// # Errors
    /// `OutflowLimitReached`.
    pub fn count_outflow(&mut self, cents: u64, awarded_at: i64, now: i64) -> Result<()> {
        require!(
            !self.exceeds_outflow(cents, awarded_at, now),
            ClaimsError::OutflowLimitReached
        );
        if self.outflow_day != day_of(now) {
            self.outflow_day = day_of(now);
            self.outflow = 0;
        }
        // Without a limit it may stay at the maximum.
        self.outflow = self.outflow.saturating_add(cents);
        Ok(())
    }

    /// Announces that `cents` will be withdrawn to `destination`. Returns from when on.
    ///
    /// # Errors
    /// `WithdrawalAlreadyAnnounced`, `AmountOverflow`.
    pub fn announce_withdrawal(
        &mut self,
        cents: u64,
        destination: Pubkey,
        now: i64,
    ) -> Result<i64> {
        require!(
            self.withdrawal == 0,
            ClaimsError::WithdrawalAlreadyAnnounced
        );
        let due_at = now
            .checked_add(WITHDRAWAL_NOTICE_SECONDS)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.withdrawal = cents;
        self.withdrawal_at = due_at;
        self.withdrawal_to = destination;
        Ok(due_at)
    }

    /// Withdraws the announcement. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`.
    pub fn cancel_withdrawal(&mut self) -> Result<u64> {
        require!(self.withdrawal != 0, ClaimsError::NoWithdrawalAnnounced);
        let amount = std::mem::take(&mut self.withdrawal);
        self.withdrawal_at = 0;
        self.withdrawal_to = Pubkey::default();
        Ok(amount)
    }

    /// Counts what was announced as withdrawn. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`, `WithdrawalNotDue`, `WithdrawalLapsed`, `WithdrawalWhileUnfunded`, `PoolUnderfunded`,
    /// `AmountOverflow`.
    pub fn withdraw(&mut self, now: i64) -> Result<u64> {
        let due_at = self.withdrawal_at;
        let amount = self.cancel_withdrawal()?;
        require!(now >= due_at, ClaimsError::WithdrawalNotDue);
        require!(
            now.saturating_sub(due_at) < WITHDRAWAL_WINDOW_SECONDS,
            ClaimsError::WithdrawalLapsed
        );
        require!(self.unfunded == 0, ClaimsError::WithdrawalWhileUnfunded);
        require!(self.free()? >= amount, ClaimsError::PoolUnderfunded);
        self.withdrawn = self
            .withdrawn
            .checked_add(amount)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(amount)
    }

    /// What holds after every instruction, `vault_amount` being the vault's balance in the mint's smallest units:
    /// no more paid or promised than funded, all of the rest in the vault, and nothing idle while somebody waits.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self, vault_amount: u64) -> Result<()> {
        let free = self.free()?;
        let held = free
            .checked_add(self.reserved_for_claims)
            .ok_or(ClaimsError::InvariantBroken)?;
        require!(
            vault_amount >= self.units(held)?
                && (self.unfunded == 0 || free == 0)
                && (self.withdrawal != 0) == (self.withdrawal_at != 0),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

/// Of two limits the one that lets more through; 0 = no limit.
fn looser(one: u64, other: u64) -> u64 {
    if one == 0 || other == 0 {
        0
    } else {
        one.max(other)
    }
}

/// The day of a Unix second, in UTC, in days since 1970-01-01.
fn day_of(now: i64) -> i64 {
    now.div_euclid(SECONDS_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Waiting;

    fn pool() -> Pool {
        let key = Pubkey::new_from_array([1; 32]);
        Pool::new(255, 0, key, key, key, key, 6, 0).unwrap()
    }

    #[test]
    fn a_lower_limit_leaves_what_was_awarded_before_its_notice() {
        let mut pool = pool();
        let notice = OUTFLOW_NOTICE_SECONDS;
        let limits = |pool: &Pool, now: i64| {
            [0, 100, 200, 300].map(|awarded_at| pool.limit_for(awarded_at, now))
        };
        // From none to 50.00, to 10.00 a while later.
        assert_eq!(pool.set_outflow_limit(5_000, 100).unwrap(), 0);
        assert_eq!(limits(&pool, 100), [0, 5_000, 5_000, 5_000]);
        assert_eq!(limits(&pool, 99 + notice), [0, 5_000, 5_000, 5_000]);
        assert_eq!(limits(&pool, 100 + notice), [5_000; 4]);
        let mut raised = pool.clone();
        assert_eq!(pool.set_outflow_limit(1_000, 200).unwrap(), 5_000);
        // What was awarded between the two has the looser of both.
        assert_eq!(limits(&pool, 200), [0, 0, 1_000, 1_000]);
        assert_eq!(limits(&pool, 200 + notice), [1_000; 4]);
        // The same again puts nothing off.
        assert_eq!(pool.set_outflow_limit(1_000, 250).unwrap(), 1_000);
        assert_eq!(pool.former_until, 200 + notice);
        // Raised, but not as far as before: the notice stands.
        assert_eq!(pool.set_outflow_limit(2_000, 300).unwrap(), 1_000);
        assert_eq!(limits(&pool, 300), [0, 0, 2_000, 2_000]);
        assert_eq!(pool.former_until, 200 + notice);
        assert_eq!(pool.set_outflow_limit(0, 300).unwrap(), 2_000);
        assert_eq!((pool.former_limit, pool.former_until), (0, 0));
        assert_eq!(limits(&pool, 300), [0; 4]);
        // Lowered after the notice: the limit of before, not of long before.
        assert_eq!(
            raised.set_outflow_limit(1_000, 100 + notice).unwrap(),
            5_000
        );
        assert_eq!(limits(&raised, 100 + notice), [5_000; 4]);
        assert_eq!(raised.limit_for(100 + notice, 100 + notice), 1_000);
        assert!(raised.set_outflow_limit(1, i64::MAX).is_err());
    }

    /// What waits, in cents, and what it has had.
    struct Waits(u64, Waiting);

    struct Queue {
        pool: Pool,
        waits: Vec<Waits>,
        seed: u64,
    }

    impl Queue {
        fn below(&mut self, bound: u64) -> u64 {
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005) + 1;
            (self.seed >> 33) % bound
        }

        fn pick(&mut self) -> Option<usize> {
            let count = u64::try_from(self.waits.len()).unwrap();
            (count > 0).then(|| usize::try_from(self.below(count)).unwrap())
        }

        /// Somebody begins to wait, draws, leaves; or money comes in.
        fn step(&mut self) {
            match self.below(8) {
                0 | 1 => {
                    let cents = self.below(1_000_000) + 1;
                    self.waits.push(Waits(
                        cents,
                        Waiting::since(self.pool.queue(cents).unwrap()),
                    ));
                    self.pool.close_round().unwrap();
                }
                2 => {
                    let largest =
                        [3, 1_000, 500_000, 5_000_000][usize::try_from(self.below(4)).unwrap()];
                    let cents = self.below(largest) + 1;
                    self.pool.fund(cents).unwrap();
                    self.pool.close_round().unwrap();
                }
                3 => {
                    if let Some(index) = self.pick() {
                        let Waits(cents, waiting) = self.waits.swap_remove(index);
                        let share = waiting.share(cents, &self.pool.rounds.mark);
                        self.pool.leave_queue(cents - waiting.drawn, share).unwrap();
                        self.pool.close_round().unwrap();
                    }
                }
                _ => {
                    if let Some(index) = self.pick() {
                        let mark = self.pool.rounds.mark;
                        let Waits(cents, waiting) = &mut self.waits[index];
                        let share = waiting.share(*cents, &mark);
                        waiting.drawn += share;
                        let whole = waiting.drawn == *cents;
                        self.pool.pay_reserved(share).unwrap();
                        if whole {
                            self.waits.swap_remove(index);
                        }
                    }
                }
            }
        }

        fn check(&self) {
            let mark = &self.pool.rounds.mark;
            let lacking: u64 = self
                .waits
                .iter()
                .map(|Waits(cents, has)| cents - has.drawn)
                .sum();
            let shares: u64 = self
                .waits
                .iter()
                .map(|Waits(cents, has)| has.share(*cents, mark))
                .sum();
            assert_eq!(self.pool.reserved_for_claims + self.pool.unfunded, lacking);
            assert!(shares <= self.pool.reserved_for_claims);
            if self.pool.unfunded == 0 {
                assert_eq!(shares, lacking, "funded to the cent");
            } else {
                assert_eq!(self.pool.free().unwrap(), 0);
            }
            let vault = self.pool.units(self.pool.funded - self.pool.paid).unwrap();
            self.pool.invariant(vault).unwrap();
        }
    }

    #[test]
    fn shares_never_pass_what_is_set_aside_and_the_last_round_funds_all() {
        for seed in 0..200 {
            let mut queue = Queue {
                pool: pool(),
                waits: Vec::new(),
                seed,
            };
            for _ in 0..300 {
                queue.step();
                queue.check();
            }
            // Everybody is paid to the cent by as much as is unfunded, and nothing is left over.
            queue.pool.fund(queue.pool.unfunded).unwrap();
            queue.pool.close_round().unwrap();
            queue.check();
            for Waits(cents, waiting) in std::mem::take(&mut queue.waits) {
                let share = waiting.share(cents, &queue.pool.rounds.mark);
                assert_eq!(waiting.drawn + share, cents);
                queue.pool.pay_reserved(share).unwrap();
            }
            assert_eq!(queue.pool.reserved_for_claims, 0);
        }
    }

    #[test]
    fn a_round_takes_no_more_than_is_lacking() {
        let mut pool = pool();
        assert_eq!(pool.queue(500).unwrap(), RoundMark::START);
        pool.fund(800).unwrap();
        pool.close_round().unwrap();
        assert_eq!((pool.unfunded, pool.reserved_for_claims), (0, 500));
        assert_eq!((pool.rounds.closed, pool.free().unwrap()), (1, 300));
        // Nobody waits: no round.
        pool.fund(5).unwrap();
        pool.close_round().unwrap();
        assert_eq!(pool.rounds.closed, 1);
    }

    #[test]
    fn nothing_lies_idle_while_somebody_waits() {
        let mut pool = pool();
        pool.fund(10).unwrap();
        pool.queue(500).unwrap();
        assert!(pool.invariant(u64::MAX).is_err());
        pool.close_round().unwrap();
        assert!(pool.invariant(u64::MAX).is_ok());
        assert!(!pool.can_pay_now(0).unwrap());
    }
}
