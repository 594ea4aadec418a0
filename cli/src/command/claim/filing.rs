//! The transactions that bring a claim to the ledger: one where it fits, else it is opened, filled and adjudicated.

use claims::instructions::{
    AddClaimFactsArgs, AddOtherPayersArgs, AdjudicateClaimArgs, AppendClaimLinesArgs,
    CommitPackArgs, OpenClaimArgs, SubmitClaimArgs,
};
use claims::state::{Claim, ClaimFact, Opening, OtherPayer, PackCommitment};
use claims::ticket::EligibilityTicket;
use claims::{accounts, instruction};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::consent::Consent;
use super::submission::{too_many_lines, Held, Parties, Submission};
use crate::chain::others::{with_details, with_others};
use crate::error::Result;
use crate::send::foreseen_by_claims;

/// Lines of a chunk that is appended; with its accounts it stays well below the size of a transaction.
const CHUNK: usize = 16;

/// Facts of a chunk that is added; the same holds for it.
const FACTS: usize = 48;

/// What a transaction is for that does all of it.
const WHOLE: &str = "Submit a claim";

/// A claim that an operator files.
pub struct Filing<'a> {
    /// The provider's operator.
    pub operator: Pubkey,
    /// The record under which the operator may submit claims.
    pub operator_record: Pubkey,
    /// The cluster's clock, as a Unix time.
    pub now: i64,
    /// The accounts that it concerns.
    pub parties: &'a Parties,
    /// Its lines.
    pub submission: &'a Submission,
    /// The member's part.
    pub consent: &'a Consent,
    /// The claim's account.
    pub claim: Pubkey,
    /// The number from which the account's address follows.
    pub claim_id: [u8; 16],
    /// The commitment to the document.
    pub document: [u8; 32],
    /// Numbers of the member's authorizations that lines use up.
    pub authorizations: &'a [u8],
    /// The predetermination that it cites, if it does.
    pub held: Option<&'a Held>,
    /// The pack whose dispense is to have it paid, where there is one.
    pub pack: Option<CommittedPack>,
}

/// A pack as the ledger is told of it.
#[derive(Clone, Copy)]
pub struct CommittedPack {
    /// The salted commitment.
    pub commitment: [u8; 32],
    /// The last Unix second for which the member agrees.
    pub until: i64,
}

/// One transaction.
pub struct Part {
    /// What it is for.
    pub label: &'static str,
    /// What it does.
    pub instructions: Vec<Instruction>,
    /// Whether the member signs too, where there is no ticket.
    pub with_consent: bool,
}

impl Filing<'_> {
    /// What is left to be sent, in this order, where the ledger has `draft`; `fits` says what fits one transaction.
    ///
    /// # Errors
    /// `too_many_lines`, and those of `fits`.
    pub fn parts(
        &self,
        draft: Option<&Claim>,
        fits: impl Fn(&[Instruction]) -> Result<bool>,
    ) -> Result<Vec<Part>> {
        if draft.is_none() && self.is_plain() {
            let instructions = self.with_proof(self.submit());
            if fits(&instructions)? {
                return Ok(vec![Part {
                    label: WHOLE,
                    instructions,
                    with_consent: true,
                }]);
            }
        }
        let mut parts: Vec<Part> = Vec::new();
        for step in self.steps(draft)? {
            if let Some(part) = parts.last_mut() {
                let both = [part.instructions.as_slice(), &step.instructions].concat();
                if fits(&both)? {
                    *part = Part {
                        instructions: both,
                        ..step
                    };
                    continue;
                }
            }
            parts.push(step);
        }
        if let ([one], None) = (parts.as_mut_slice(), draft) {
            one.label = WHOLE;
        }
        Ok(parts)
    }

    /// Whether `submit_claim` can take it, which is what takes the least room. What another payer decided takes the way of a
    /// draft, so that the claims without it are as small as can be; and only a draft can cite or wait for a pack.
    fn is_plain(&self) -> bool {
        let Submission {
            other_payers,
            facts,
            ..
        } = self.submission;
        other_payers.is_empty() && facts.is_empty() && self.held.is_none() && self.pack.is_none()
    }

    /// What is left to be done with a draft, one by one; the member has a part in the last alone.
    fn steps(&self, draft: Option<&Claim>) -> Result<Vec<Part>> {
        let mut steps = Vec::new();
        let mut add = |label, instruction| {
            steps.push(Part {
                label,
                instructions: vec![instruction],
                with_consent: false,
            });
        };
        if draft.is_none() {
            add("Open a claim", self.open()?);
        }
        let mut done = draft.map_or(0, |draft| draft.lines.len());
        for chunk in self
            .submission
            .lines
            .get(done..)
            .unwrap_or(&[])
            .chunks(CHUNK)
        {
            add("Append lines to a claim", self.append(done, chunk)?);
            done = done.saturating_add(chunk.len());
        }
        let told = draft.map_or(0, |draft| draft.other_payers.entries().len());
        let untold = self.submission.other_payers.get(told..).unwrap_or(&[]);
        if !untold.is_empty() {
            add(
                "State what another payer decided",
                self.add_other_payers(untold),
            );
        }
        let stated = draft.map_or(0, |draft| draft.facts.entries().len());
        let unstated = self.submission.facts.get(stated..).unwrap_or(&[]);
        for chunk in unstated.chunks(FACTS) {
            add("State what the plan asks for", self.add_facts(chunk));
        }
        // A draft that has cited one has its plan version, and its side of the network's border.
        let cited = draft
            .filter(|draft| draft.plan_version != Pubkey::default())
            .map(|draft| draft.in_network);
        if let Some(held) = self.held.filter(|_| cited.is_none()) {
            add("Cite a predetermination", self.cite(held.address));
        }
        steps.push(Part {
            label: match self.pack {
                Some(_) => "Commit a claim to a pack",
                None => "Adjudicate a claim",
            },
            instructions: self.with_proof(self.last(cited)?),
            with_consent: true,
        });
        Ok(steps)
    }

    /// What the member agrees to: that the draft is adjudicated, or that it waits for a pack.
    fn last(&self, cited: Option<bool>) -> Result<Instruction> {
        let digest = self.digest(cited)?;
        Ok(match self.pack {
            Some(pack) => self.commit(pack, digest),
            None => self.adjudicate(digest),
        })
    }

    /// What the member signs for: the draft as the document makes it, whatever stands on the ledger, but for the held price that it
    /// cites already: whether that is one from within the network.
    fn digest(&self, cited: Option<bool>) -> Result<[u8; 32]> {
        let lines = &self.submission.lines;
        let opening = Opening {
            // Neither is signed for.
            bump: Claim::FIRST_BUMP,
            opener: self.operator,
            pool: self.parties.pool_address,
            provider: self.parties.provider,
            claim_id: self.claim_id,
            document: self.document,
            service_date: self.submission.service_date.days(),
            line_count: count(lines.len())?,
        };
        let draft = || {
            let mut draft = Claim::open(opening)?;
            draft.append(0, lines)?;
            if !self.submission.other_payers.is_empty() {
                draft.tell_of_others(&self.submission.other_payers)?;
            }
            if !self.submission.facts.is_empty() {
                draft.state_facts(&self.submission.facts)?;
            }
            let held = || self.held.map(Held::in_network);
            if let Some(in_network) = cited.or_else(held) {
                let version = self.submission.plan_version;
                draft.adopt(self.parties.member_address, version, in_network)?;
            }
            draft.will_state()
        };
        draft().map_err(|error| foreseen_by_claims(&error))
    }

    /// Who signs a part beside the operator.
    pub fn signer(&self, part: &Part) -> Option<&dyn Signer> {
        self.consent.signer().filter(|_| part.with_consent)
    }

    /// The program looks for the proof of a ticket right before its own instruction.
    fn with_proof(&self, instruction: Instruction) -> Vec<Instruction> {
        match self.consent {
            Consent::Signature(_) => vec![instruction],
            Consent::Ticket { proof, .. } => vec![proof.clone(), instruction],
        }
    }

    fn ticket(&self) -> Option<EligibilityTicket> {
        match self.consent {
            Consent::Signature(_) => None,
            Consent::Ticket { ticket, .. } => Some(*ticket),
        }
    }

    fn member_authority(&self) -> Option<Pubkey> {
        match self.consent {
            Consent::Signature(member) => Some(member.pubkey()),
            Consent::Ticket { .. } => None,
        }
    }

    fn instructions_sysvar(&self) -> Option<Pubkey> {
        self.ticket()
            .map(|_| solana_sdk_ids::sysvar::instructions::ID)
    }

    fn submit(&self) -> Instruction {
        let accounts = accounts::SubmitClaim {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            pool: self.parties.pool_address,
            plan_version: self.submission.plan_version,
            schedule: self.submission.schedule,
            member: self.parties.member_address,
            member_authority: self.member_authority(),
            instructions_sysvar: self.instructions_sysvar(),
            history: self.parties.history(),
            claim: self.claim,
            vault: self.parties.pool.vault,
            payout: self.parties.agreement.effective_payout(self.now),
            mint: self.parties.pool.mint,
            token_program: self.parties.pool.token_program,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = SubmitClaimArgs {
            claim_id: self.claim_id,
            document: self.document,
            service_date: self.submission.service_date.days(),
            ticket: self.ticket(),
            lines: self.submission.lines.clone(),
        };
        self.with_others(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::SubmitClaim { args },
        ))
    }

    fn open(&self) -> Result<Instruction> {
        let accounts = accounts::OpenClaim {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            claim: self.claim,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = OpenClaimArgs {
            claim_id: self.claim_id,
            document: self.document,
            service_date: self.submission.service_date.days(),
            line_count: count(self.submission.lines.len())?,
        };
        Ok(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::OpenClaim { args },
        ))
    }

    fn append(&self, start: usize, chunk: &[claims::state::ClaimLineArgs]) -> Result<Instruction> {
        let accounts = accounts::AppendClaimLines {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            claim: self.claim,
        };
        let args = AppendClaimLinesArgs {
            start_index: count(start)?,
            lines: chunk.to_vec(),
        };
        Ok(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::AppendClaimLines { args },
        ))
    }

    fn add_other_payers(&self, entries: &[OtherPayer]) -> Instruction {
        let accounts = accounts::AddOtherPayers {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            claim: self.claim,
            system_program: solana_sdk_ids::system_program::ID,
        };
        let args = AddOtherPayersArgs {
            entries: entries.to_vec(),
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::AddOtherPayers { args })
    }

    fn add_facts(&self, facts: &[ClaimFact]) -> Instruction {
        let accounts = accounts::AddClaimFacts {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            claim: self.claim,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = AddClaimFactsArgs {
            facts: facts.to_vec(),
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::AddClaimFacts { args })
    }

    fn cite(&self, predetermination: Pubkey) -> Instruction {
        let accounts = accounts::CitePredetermination {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            predetermination,
            claim: self.claim,
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::CitePredetermination {})
    }

    fn commit(&self, pack: CommittedPack, digest: [u8; 32]) -> Instruction {
        let accounts = accounts::CommitPack {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            pool: self.parties.pool_address,
            member: self.parties.member_address,
            member_authority: self.member_authority(),
            instructions_sysvar: self.instructions_sysvar(),
            claim: self.claim,
            pack: PackCommitment::find_address(&self.claim).0,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = CommitPackArgs {
            commitment: pack.commitment,
            until: pack.until,
            charge: self.submission.charge,
            digest,
            ticket: self.ticket(),
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::CommitPack { args })
    }

    fn adjudicate(&self, digest: [u8; 32]) -> Instruction {
        let accounts = accounts::AdjudicateClaim {
            operator: self.operator,
            operator_record: self.operator_record,
            provider: self.parties.provider,
            config: self.parties.config(),
            agreement: self.parties.agreement_address,
            pool: self.parties.pool_address,
            plan_version: self.submission.plan_version,
            schedule: self.submission.schedule,
            member: self.parties.member_address,
            member_authority: self.member_authority(),
            instructions_sysvar: self.instructions_sysvar(),
            history: self.parties.history(),
            claim: self.claim,
            vault: self.parties.pool.vault,
            payout: self.parties.agreement.effective_payout(self.now),
            mint: self.parties.pool.mint,
            token_program: self.parties.pool.token_program,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = AdjudicateClaimArgs {
            charge: self.submission.charge,
            digest,
            ticket: self.ticket(),
        };
        self.with_others(crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::AdjudicateClaim { args },
        ))
    }

    fn with_others(&self, instruction: Instruction) -> Instruction {
        let instruction = with_others(
            instruction,
            &self.parties.member_address,
            &self.parties.member,
            self.authorizations.iter().copied(),
        );
        with_details(
            instruction,
            &self.parties.member_address,
            &self.parties.member,
            self.submission.details,
        )
    }
}

fn count(lines: usize) -> Result<u8> {
    u8::try_from(lines).map_err(|_| too_many_lines())
}
