//! How the member's part in a claim is proven: by the member's own signature, or by a ticket of the insurer.

use std::path::Path;

use claims::error::ClaimsError;
use claims::ticket::EligibilityTicket;
use galen_documents::strict;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;

use super::submission::{Parties, Submission};
use crate::command::member::ticket::Ticket;
use crate::document;
use crate::error::{CliError, Result};
use crate::send::foreseen;

/// How the member's part in the claim is proven.
pub enum Consent {
    /// By the member's key.
    Signature(Box<dyn Signer>),
    /// By the eligibility desk's.
    Ticket {
        /// What it grants.
        ticket: EligibilityTicket,
        /// Who signed it.
        key: Pubkey,
        /// The instruction that verifies its signature.
        proof: Instruction,
    },
}

impl Consent {
    /// Checks what the program will check, before anything is sent: a claim of several transactions would otherwise
    /// leave a draft behind.
    ///
    /// # Errors
    /// The program's, by name.
    pub fn check(&self, parties: &Parties, submission: &Submission) -> Result<()> {
        let (first, last) = submission.days();
        let refusal = match self {
            Self::Signature(member) => (member.pubkey() != parties.member.authority)
                .then_some(ClaimsError::NotMemberAuthority),
            Self::Ticket { ticket, .. } if ticket.from > first || last > ticket.to => {
                Some(ClaimsError::TicketOutOfPeriod)
            }
            Self::Ticket { ticket, .. } if ticket.nonce < parties.member.ticket_floor => {
                Some(ClaimsError::TicketRevoked)
            }
            Self::Ticket { .. } if parties.pool.ticket_key == Pubkey::default() => {
                Some(ClaimsError::TicketsNotIssued)
            }
            Self::Ticket { key, .. } => {
                (*key != parties.pool.ticket_key).then_some(ClaimsError::TicketSignerMismatch)
            }
        };
        refusal.map_or(Ok(()), |refusal| Err(foreseen(&refusal)))
    }

    /// The member whom a ticket in a file names, and the ticket; its signature is verified here.
    ///
    /// # Errors
    /// `ticket_mismatch` where it is for others, `ticket_invalid`, `invalid_value`, and those of [`document::bytes`].
    pub fn of_ticket(path: &Path, pool: &Pubkey, provider: &Pubkey) -> Result<(Pubkey, Self)> {
        let name = document::name(path);
        let value = strict::parse(&document::bytes(path)?)
            .map_err(|problem| CliError::in_document(&name, problem))?;
        let ticket: Ticket =
            strict::from_value(&value).map_err(|problem| CliError::in_document(&name, problem))?;
        for (what, is, asked) in [
            ("pool", &ticket.pool, pool),
            ("provider", &ticket.provider, provider),
        ] {
            if *is != asked.to_string() {
                return Err(CliError::new(
                    "ticket_mismatch",
                    format!("{name} is for the {what} {is} and not for {asked}."),
                ));
            }
        }
        let unreadable = |field: &str| CliError {
            code: "invalid_value".to_owned(),
            message: format!("{name}: This is not base58 of the right length."),
            at: Some(field.to_owned()),
        };
        let member: Pubkey = ticket.member.parse().map_err(|_| unreadable("member"))?;
        let key: Pubkey = ticket.key.parse().map_err(|_| unreadable("key"))?;
        let signature: Signature = ticket
            .signature
            .parse()
            .map_err(|_| unreadable("signature"))?;
        let granted = EligibilityTicket {
            from: ticket.from.0.days(),
            to: ticket.to.0.days(),
            nonce: ticket.nonce,
        };
        let message = granted.message(pool, &member, provider);
        if !signature.verify(key.as_ref(), &message) {
            return Err(CliError::new("ticket_invalid", format!("{name} is not signed by the key that it names, or was changed since; ask the insurer for another.")));
        }
        let proof = solana_ed25519_program::new_ed25519_instruction_with_signature(
            &message,
            &<[u8; 64]>::from(signature),
            &key.to_bytes(),
        );
        Ok((
            member,
            Self::Ticket {
                ticket: granted,
                key,
                proof,
            },
        ))
    }

    /// Who signs beside the operator.
    pub fn signer(&self) -> Option<&dyn Signer> {
        match self {
            Self::Signature(member) => Some(member.as_ref()),
            Self::Ticket { .. } => None,
        }
    }
}
