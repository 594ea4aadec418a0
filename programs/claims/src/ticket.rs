//! The member's part in a claim: a signature, or a ticket signed by the insurer's eligibility desk.

use anchor_lang::prelude::*;
use galen_chain::signature;
use solana_sha256_hasher::hashv;

use crate::error::ClaimsError;
use crate::state::{Member, Pool};

/// What the signature of a ticket covers begins with this.
const DOMAIN: &[u8] = b"galen eligibility ticket";

/// An eligibility ticket: the insurer's word that a member is eligible with a provider in a period. It can be used for
/// several claims, until it is over or the member's ticket floor has risen above its nonce.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct EligibilityTicket {
    /// First service date, in days since 1970-01-01.
    pub from: i32,
    /// Last service date.
    pub to: i32,
    /// Number of the ticket.
    pub nonce: u64,
}

impl EligibilityTicket {
    /// The 32 bytes that the eligibility desk signs.
    pub fn message(&self, pool: &Pubkey, member: &Pubkey, provider: &Pubkey) -> [u8; 32] {
        hashv(&[
            DOMAIN,
            pool.as_ref(),
            member.as_ref(),
            provider.as_ref(),
            &self.from.to_le_bytes(),
            &self.to.to_le_bytes(),
            &self.nonce.to_le_bytes(),
        ])
        .to_bytes()
    }
}

/// Who a claim is about, and on which days.
pub struct Subject<'a> {
    /// The pool.
    pub pool: &'a Pool,
    /// Its account.
    pub pool_key: Pubkey,
    /// The member.
    pub member: &'a Member,
    /// Its account.
    pub member_key: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// First service date of the claim's lines, in days since 1970-01-01.
    pub first_date: i32,
    /// Last service date of the claim's lines.
    pub last_date: i32,
}

/// Checks that the member has signed or the insurer has vouched for the member.
///
/// # Errors
/// `NotMemberAuthority`, `MemberConsentMissing`, and those of a ticket.
pub fn check_consent(
    subject: &Subject,
    member_authority: Option<&Signer>,
    ticket: Option<&EligibilityTicket>,
    instructions: Option<&UncheckedAccount>,
) -> Result<()> {
    if let Some(signer) = member_authority {
        // The default key is the system program's, which cannot sign: no member without a key passes here.
        require_keys_eq!(
            signer.key(),
            subject.member.authority,
            ClaimsError::NotMemberAuthority
        );
        return Ok(());
    }
    let ticket = ticket.ok_or(ClaimsError::MemberConsentMissing)?;
    let instructions = instructions.ok_or(ClaimsError::InstructionsSysvarMissing)?;
    require!(
        ticket.from <= subject.first_date && subject.last_date <= ticket.to,
        ClaimsError::TicketOutOfPeriod
    );
    require!(
        ticket.nonce >= subject.member.ticket_floor,
        ClaimsError::TicketRevoked
    );
    require!(
        subject.pool.ticket_key != Pubkey::default(),
        ClaimsError::TicketsNotIssued
    );
    let message = ticket.message(&subject.pool_key, &subject.member_key, &subject.provider);
    signature::check(instructions, &subject.pool.ticket_key, &message)
        .map_err(ClaimsError::from)?;
    Ok(())
}
