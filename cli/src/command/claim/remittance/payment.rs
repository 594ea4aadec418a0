//! What a transaction settled, from the events of the claims program in it.

use std::str::FromStr;

use anchor_lang::{AnchorDeserialize, Discriminator};
use claims::events::{
    AppealClosed, ClaimAdjudicated, ClaimDecided, ClaimPaid, ClaimReprocessed, ClaimReversed,
    ClaimsSettled,
};
use claims::state::{Claim, ClaimStatus};
use galen_x12::remittance::RemittanceNumber;
use serde_json::{json, Value};
use solana_client::rpc_request::RpcRequest;
use solana_pubkey::Pubkey;
use solana_signature::Signature;

use super::{number, Relation};
use crate::chain::entity;
use crate::cluster::{unreachable, Cluster};
use crate::error::{CliError, Result};

/// Accounts of `settle_claims` before the claims.
const SETTLE_ACCOUNTS: usize = 9;

/// How a transaction is named.
#[derive(Debug, Clone)]
pub enum Reference {
    /// By its signature.
    Signature(Signature),
    /// By the number of the remittance about it.
    Number(RemittanceNumber),
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        text.parse().map(Self::Signature).map_err(|_| {
            "It is neither the signature of a transaction (base58) nor the number of a remittance (slot, hyphen, 28 hexadecimal digits).".to_owned()
        })
    }
}

/// A claim that a transaction settled.
pub struct Settled {
    /// Its account.
    pub address: Pubkey,
    /// As it is now: lines and totals do not change once they are settled.
    pub claim: Claim,
    /// Whether the transaction took it back.
    pub reversed: bool,
    /// Cents of the award that were kept back for what the provider owed.
    pub offset: u64,
    /// Cents of interest that were paid.
    pub interest: u64,
    /// Whether its interest alone was paid, the award having been before.
    pub interest_only: bool,
}

/// What a transaction settled: claims of one provider at one pool.
pub struct Payment {
    /// The number of the remittance about it.
    pub number: RemittanceNumber,
    /// The transaction.
    pub signature: Signature,
    /// Unix second.
    pub at: i64,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organization account.
    pub provider: Pubkey,
    /// Cents that moved.
    pub paid: u64,
    /// In the order of the events.
    pub claims: Vec<Settled>,
}

/// What an event says of a claim.
struct Entry {
    address: Pubkey,
    reversed: bool,
    /// None: as the claim's account has it.
    offset: Option<u64>,
    /// None: as the claim's account has it.
    interest: Option<u64>,
    interest_only: bool,
}

impl Payment {
    /// Reads it from the ledger.
    ///
    /// # Errors
    /// `transaction_not_found`, `transaction_failed`, `not_settled` where the transaction settled no claim,
    /// `several_providers`, `claim_archived`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, reference: &Reference) -> Result<Self> {
        let signature = match reference {
            Reference::Signature(signature) => *signature,
            Reference::Number(number) => find(cluster, number)?,
        };
        let params = json!([signature.to_string(), { "encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 1 }]);
        let answer: Value = cluster
            .client
            .send(RpcRequest::GetTransaction, params)
            .map_err(|error| unreachable(&cluster.client.url(), &error))?;
        let transaction = Transaction::of(&answer, &signature)?;
        let (mut entries, mut paid) = (Vec::new(), 0_u64);
        for event in transaction.events() {
            let moved = event.read(&transaction, &mut entries)?;
            paid = paid
                .checked_add(moved)
                .ok_or_else(|| too_large(&signature))?;
        }
        let (mut claims, mut relations) = (Vec::new(), Vec::<Relation>::new());
        for entry in entries {
            let Some(settled) = entry.settled(cluster)? else {
                continue;
            };
            relations.push((settled.claim.pool, settled.claim.provider));
            claims.push(settled);
        }
        let Some(&(pool, provider)) = relations.first() else {
            let message = format!("The transaction {signature} settled no claim. A remittance is issued for what has been settled: paid, denied, nothing due, taken back.");
            return Err(CliError::new("not_settled", message));
        };
        if relations
            .iter()
            .any(|relation| *relation != (pool, provider))
        {
            let message = format!("The transaction {signature} settled claims of several providers or pools; a remittance is about one.");
            return Err(CliError::new("several_providers", message));
        }
        Ok(Self {
            number: number(transaction.slot, &signature),
            signature,
            at: transaction.at,
            pool,
            provider,
            paid,
            claims,
        })
    }
}

impl Entry {
    /// An award that is concluded where it is made.
    fn award(address: Pubkey, offset: u64, interest: u64) -> Self {
        Self {
            offset: Some(offset),
            interest: Some(interest),
            ..Self::settlement(address)
        }
    }

    /// An award that had waited: its account has what belongs to it.
    fn settlement(address: Pubkey) -> Self {
        Self {
            address,
            reversed: false,
            offset: None,
            interest: None,
            interest_only: false,
        }
    }

    /// What is taken back.
    fn reversal(address: Pubkey) -> Self {
        Self {
            reversed: true,
            interest: Some(0),
            ..Self::settlement(address)
        }
    }

    /// The claim, unless it is still open.
    fn settled(self, cluster: &Cluster) -> Result<Option<Settled>> {
        let Some(claim) = entity::find::<Claim>(cluster, &self.address)? else {
            let message = format!(
                "The claim {} has been archived; its lines are no longer on the ledger.",
                self.address
            );
            return Err(CliError::new("claim_archived", message));
        };
        let awarded = claim.totals.paid > 0;
        let was_paid = claim.paid_at != 0;
        // What was awarded and never paid was in no remittance: there is nothing to take back or to report.
        let is_open = matches!(
            claim.status,
            ClaimStatus::Draft
                | ClaimStatus::Pended
                | ClaimStatus::Payable
                | ClaimStatus::AwaitsDispense
        );
        if is_open || (awarded && !was_paid) {
            return Ok(None);
        }
        Ok(Some(Settled {
            address: self.address,
            reversed: self.reversed,
            offset: if self.reversed {
                0
            } else {
                self.offset.unwrap_or(claim.offset)
            },
            interest: self.interest.unwrap_or_else(|| claim.interest_paid()),
            interest_only: self.interest_only,
            claim,
        }))
    }
}

/// The transaction with a remittance's number.
fn find(cluster: &Cluster, number: &RemittanceNumber) -> Result<Signature> {
    let config = json!({ "encoding": "json", "transactionDetails": "signatures", "rewards": false, "commitment": "confirmed", "maxSupportedTransactionVersion": 1 });
    let block: Value = cluster
        .client
        .send(RpcRequest::GetBlock, json!([number.slot, config]))
        .map_err(|error| unreachable(&cluster.client.url(), &error))?;
    let signatures = block.get("signatures").and_then(Value::as_array);
    let mut signatures = signatures
        .into_iter()
        .flatten()
        .filter_map(|text| text.as_str()?.parse::<Signature>().ok());
    signatures
        .find(|signature| number.is_of(number.slot, &<[u8; 64]>::from(*signature)))
        .ok_or_else(|| {
            let message = format!("Slot {} has no transaction with the number {number}. Is this the cluster on which it was paid, and does the node keep its history?", number.slot);
            CliError::new("transaction_not_found", message)
        })
}

/// A transaction as the node tells it.
struct Transaction<'a> {
    signature: Signature,
    slot: u64,
    at: i64,
    accounts: Vec<Pubkey>,
    outer: Vec<&'a Value>,
    inner: Vec<&'a Value>,
}

/// An event of the claims program.
struct Event {
    /// The outer instruction in which it was emitted.
    outer: usize,
    /// Discriminator and content.
    bytes: Vec<u8>,
}

impl<'a> Transaction<'a> {
    fn of(answer: &'a Value, signature: &Signature) -> Result<Self> {
        let slot = answer.get("slot").and_then(Value::as_u64);
        let Some(slot) = slot else {
            let message = format!("The cluster knows no transaction {signature}. Is this the cluster on which it was paid, and does the node keep its history?");
            return Err(CliError::new("transaction_not_found", message));
        };
        if answer
            .pointer("/meta/err")
            .is_some_and(|error| !error.is_null())
        {
            return Err(CliError::new(
                "transaction_failed",
                format!("The transaction {signature} failed; it settled nothing."),
            ));
        }
        let odd = || {
            CliError::new("cluster_odd", format!("The node tells the transaction {signature} in a form that Galen does not know."))
        };
        let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array);
        let accounts = [
            "/transaction/message/accountKeys",
            "/meta/loadedAddresses/writable",
            "/meta/loadedAddresses/readonly",
        ]
        .into_iter()
        .filter_map(list)
        .flatten()
        .map(|key| {
            key.as_str()
                .and_then(|key| key.parse().ok())
                .ok_or_else(odd)
        })
        .collect::<Result<Vec<Pubkey>>>()?;
        Ok(Self {
            signature: *signature,
            slot,
            at: answer
                .get("blockTime")
                .and_then(Value::as_i64)
                .ok_or_else(odd)?,
            accounts,
            outer: list("/transaction/message/instructions")
                .ok_or_else(odd)?
                .iter()
                .collect(),
            inner: list("/meta/innerInstructions")
                .ok_or_else(odd)?
                .iter()
                .collect(),
        })
    }

    fn account(&self, index: &Value) -> Option<Pubkey> {
        let index = usize::try_from(index.as_u64()?).ok()?;
        self.accounts.get(index).copied()
    }

    /// The events that the claims program emitted, in order. Only the program can call itself with its event authority.
    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for group in &self.inner {
            let outer = group
                .get("index")
                .and_then(Value::as_u64)
                .and_then(|index| usize::try_from(index).ok());
            let instructions = group.get("instructions").and_then(Value::as_array);
            for instruction in instructions.into_iter().flatten() {
                let is_ours = instruction
                    .get("programIdIndex")
                    .and_then(|index| self.account(index))
                    == Some(claims::ID);
                let data = instruction.get("data").and_then(Value::as_str);
                let bytes = data
                    .and_then(|data| bs58::decode(data).into_vec().ok())
                    .unwrap_or_default();
                let content = bytes.strip_prefix(anchor_lang::event::EVENT_IX_TAG_LE);
                if let (true, Some(outer), Some(content)) = (is_ours, outer, content) {
                    events.push(Event {
                        outer,
                        bytes: content.to_vec(),
                    });
                }
            }
        }
        events
    }

    /// The claims that `settle_claims` was given.
    fn settled_together(&self, outer: usize, paid: u64) -> Result<Vec<Pubkey>> {
        let odd = || {
            CliError::new("payment_unreadable", format!("The claims that were paid in {} were named by another program; give their own transactions.", self.signature))
        };
        let instruction = self.outer.get(outer).ok_or_else(odd)?;
        let program = instruction
            .get("programIdIndex")
            .and_then(|index| self.account(index));
        if program != Some(claims::ID) {
            return Err(odd());
        }
        let accounts = instruction
            .get("accounts")
            .and_then(Value::as_array)
            .ok_or_else(odd)?;
        let given = accounts.iter().skip(SETTLE_ACCOUNTS).enumerate();
        given
            .filter(|(place, _)| {
                u32::try_from(*place)
                    .ok()
                    .and_then(|place| paid.checked_shr(place))
                    .is_some_and(|bits| bits & 1 == 1)
            })
            .map(|(_, index)| self.account(index).ok_or_else(odd))
            .collect()
    }
}

impl Event {
    fn of<T: AnchorDeserialize + Discriminator>(&self) -> Option<T> {
        let content = self.bytes.strip_prefix(T::DISCRIMINATOR)?;
        T::deserialize(&mut &content[..]).ok()
    }

    /// Notes the claims that it is about; what moved, in cents. A claim that waits after the transaction is settled by a
    /// later one.
    fn read(&self, transaction: &Transaction, entries: &mut Vec<Entry>) -> Result<u64> {
        let signature = &transaction.signature;
        if let Some(event) = self.of::<ClaimAdjudicated>() {
            if is_settled(event.status) {
                entries.push(Entry::award(event.claim, event.offset, 0));
            }
            let is_paid = event.status == ClaimStatus::Paid;
            return moved(signature, is_paid, event.paid, event.offset, 0);
        }
        if let Some(event) = self.of::<ClaimDecided>() {
            if is_settled(event.status) {
                entries.push(Entry::award(event.claim, event.offset, event.interest));
            }
            let is_paid = event.status == ClaimStatus::Paid;
            return moved(signature, is_paid, event.paid, event.offset, event.interest);
        }
        if let Some(event) = self.of::<ClaimReprocessed>() {
            entries.push(Entry::reversal(event.claim));
            if is_settled(event.status) {
                entries.push(Entry::award(event.replacement, event.offset, 0));
            }
            let is_paid = event.status == ClaimStatus::Paid;
            return moved(signature, is_paid, event.paid, event.offset, 0);
        }
        if let Some(event) = self.of::<ClaimReversed>() {
            entries.push(Entry::reversal(event.claim));
            return Ok(0);
        }
        if let Some(event) = self.of::<AppealClosed>() {
            if event.replacement == Pubkey::default() {
                return Ok(0);
            }
            entries.push(Entry::reversal(event.claim));
            // The event has no status: an award that went out, or was kept back whole, is settled.
            let went_out = event.payout != Pubkey::default();
            if went_out || event.paid == event.offset {
                entries.push(Entry::award(event.replacement, event.offset, 0));
            }
            return moved(signature, went_out, event.paid, event.offset, 0);
        }
        if let Some(event) = self.of::<ClaimPaid>() {
            entries.push(Entry {
                interest: Some(event.interest),
                interest_only: event.amount == 0,
                ..Entry::settlement(event.claim)
            });
            return moved(signature, true, event.amount, 0, event.interest);
        }
        if let Some(event) = self.of::<ClaimsSettled>() {
            let claims = transaction.settled_together(self.outer, event.paid)?;
            entries.extend(claims.into_iter().map(Entry::settlement));
            return moved(signature, true, event.amount, 0, event.interest);
        }
        Ok(0)
    }
}

/// Whether a claim of this status is concluded.
fn is_settled(status: ClaimStatus) -> bool {
    use ClaimStatus::{Denied, NothingDue, Paid};
    matches!(status, Paid | NothingDue | Denied)
}

/// Cents that moved for an award.
fn moved(
    signature: &Signature,
    is_paid: bool,
    paid: u64,
    offset: u64,
    interest: u64,
) -> Result<u64> {
    if !is_paid {
        return Ok(0);
    }
    paid.checked_sub(offset)
        .and_then(|due| due.checked_add(interest))
        .ok_or_else(|| too_large(signature))
}

fn too_large(signature: &Signature) -> CliError {
    CliError::new(
        "money_too_large",
        format!("What {signature} paid adds up to more than Galen counts."),
    )
}
