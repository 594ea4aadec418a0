//! How the member's part in a claim is proven: by the member's own signature, or by a ticket of the insurer.

use std::path::{Path, PathBuf};

use claims::error::ClaimsError;
use claims::ticket::EligibilityTicket;
use galen_documents::strict;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;

use super::submission::{Parties, Submission};
use crate::chain::people;
use crate::chain::session::Session;
use crate::command::member::ticket::Ticket;
use crate::command::trial::rows;
use crate::document;
use crate::error::{CliError, Result};
use crate::send::foreseen;
use crate::signer;

/// Flags that say whom a claim is about, and what proves the member's part.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("proof").required(true).args(["ticket", "member_keypair"]))]
pub struct Proof {
    /// An eligibility ticket of the insurer, in place of the member's signature; it names the member
    #[arg(long, value_name = "FILE", conflicts_with_all = ["member_keypair", "id", "member"])]
    ticket: Option<PathBuf>,
    /// The member's own key, which signs
    #[arg(long, value_name = "KEYPAIR")]
    member_keypair: Option<String>,
    /// The member's identifier at the insurer, where this store has the salt
    #[arg(long, value_name = "IDENTIFIER", value_parser = rows::identifier, conflicts_with = "member")]
    id: Option<String>,
    /// The member's account
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
}

impl Proof {
    /// Who the claim is about, and what proves it.
    ///
    /// # Errors
    /// `member_unknown`, those of [`signer::load`] and [`Consent::of_ticket`].
    pub fn consent(
        &self,
        session: &Session,
        pool: &Pubkey,
        provider: &Pubkey,
    ) -> Result<(Pubkey, Consent)> {
        if let Some(path) = &self.ticket {
            return Consent::of_ticket(path, pool, provider);
        }
        let source = self.member_keypair.as_deref().unwrap_or_default();
        let keypair = signer::load(source, "member's keypair")?;
        let member =
            match (&self.member, &self.id) {
                (Some(address), _) => *address,
                (None, Some(id)) => people::known(&session.ledger.store, pool, id)?,
                (None, None) => return Err(CliError::new(
                    "member_unknown",
                    "Say who was treated, with --id or --member; a ticket (--ticket) says it too.",
                )),
            };
        Ok((member, Consent::Signature(keypair)))
    }
}

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
