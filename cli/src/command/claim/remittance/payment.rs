//! What a transaction settled, from the events of the claims program in it.

use std::str::FromStr;

use anchor_lang::{AnchorDeserialize, Discriminator};
use claims::events::{
    AppealClosed, ClaimAdjudicated, ClaimDecided, ClaimDrawn, ClaimPaid, ClaimReprocessed,
    ClaimReversed, ClaimScreened, ClaimsSettled,
};
use claims::state::{Claim, ClaimStatus, Pool};
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

/// Tag of the token program's `TransferChecked`: the amount (u64, little-endian) and the decimals (u8) follow. Its first account is
/// where the money comes from.
const TRANSFER_CHECKED: u8 = 12;

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
    /// Cents of the award that moved.
    pub moved: u64,
    /// Whether that was a part, and the rest is paid by another transaction.
    pub in_part: bool,
}

impl Settled {
    /// Cents of the award that had moved before: of one that was paid in parts, and with this one whole.
    pub fn moved_before(&self) -> u64 {
        if self.reversed || self.interest_only || self.in_part {
            0
        } else {
            let due = self.claim.totals.paid.saturating_sub(self.offset);
            due.saturating_sub(self.moved)
        }
    }
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
    /// Whether it counts only where the claim was taken back to be adjudicated anew: of what the insurer had taken back before, a
    /// remittance has told.
    if_anew: bool,
    /// None: as the claim's account has it.
    offset: Option<u64>,
    /// None: as the claim's account has it.
    interest: Option<u64>,
    interest_only: bool,
    /// None: all that is due.
    moved: Option<u64>,
    in_part: bool,
}

impl Payment {
    /// Reads it from the ledger.
    ///
    /// # Errors
    /// `transaction_not_found`, `transaction_failed`, `not_settled` where the transaction settled no claim,
    /// `several_providers`, `claim_archived`, `payment_unexplained`, `cluster_unreachable`.
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
        let (mut entries, mut groups) = (Vec::new(), Vec::new());
        for event in transaction.events() {
            let before = entries.len();
            event.read(&transaction, &mut entries)?;
            if entries.len() > before {
                groups.push(event.outer);
            }
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
        let paid = claims
            .iter()
            .flat_map(|settled| [settled.moved, settled.interest])
            .try_fold(0_u64, u64::checked_add)
            .ok_or_else(|| too_large(&signature))?;
        let account: Pool = entity::get(cluster, &pool)?;
        let left = transaction.left(&account, &groups);
        if paid.checked_mul(account.unit_per_cent) != Some(left) {
            let message = format!("What the transaction {signature} says of its claims comes to {paid} cents, and {left} of the token's smallest units left the pool's vault: it was written by another version of the programs than this one knows.");
            return Err(CliError::new("payment_unexplained", message));
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
    /// An award that is concluded where it is made; the interest that goes with it is borne once, and its account has it.
    fn award(address: Pubkey, offset: u64) -> Self {
        Self {
            offset: Some(offset),
            ..Self::settlement(address)
        }
    }

    /// An award that had waited: its account has what belongs to it.
    fn settlement(address: Pubkey) -> Self {
        Self {
            address,
            reversed: false,
            if_anew: false,
            offset: None,
            interest: None,
            interest_only: false,
            moved: None,
            in_part: false,
        }
    }

    /// What is taken back.
    fn reversal(address: Pubkey) -> Self {
        Self {
            reversed: true,
            interest: Some(0),
            moved: Some(0),
            ..Self::settlement(address)
        }
    }

    /// What an appeal took back, unless that had been done.
    fn reversal_by_appeal(address: Pubkey) -> Self {
        Self {
            if_anew: true,
            ..Self::reversal(address)
        }
    }

    /// The claim, unless it is still open or was taken back before.
    fn settled(self, cluster: &Cluster) -> Result<Option<Settled>> {
        let Some(claim) = entity::find::<Claim>(cluster, &self.address)? else {
            let message = format!(
                "The claim {} has been archived; its lines are no longer on the ledger.",
                self.address
            );
            return Err(CliError::new("claim_archived", message));
        };
        if self.if_anew && claim.reversal_reason != Claim::REPROCESSED {
            return Ok(None);
        }
        let awarded = claim.totals.paid > 0;
        let was_paid = claim.paid_at != 0;
        // What was awarded and never paid was in no remittance: there is nothing to take back or to report. Of parts that were paid
        // before, the provider has heard; what it owes for them is kept back later.
        let is_open = matches!(
            claim.status,
            ClaimStatus::Draft
                | ClaimStatus::Pended
                | ClaimStatus::Payable
                | ClaimStatus::AwaitsDispense
        );
        if !self.in_part && (is_open || (awarded && !was_paid)) {
            return Ok(None);
        }
        let offset = if self.reversed || self.in_part {
            0
        } else {
            self.offset.unwrap_or(claim.offset)
        };
        Ok(Some(Settled {
            address: self.address,
            reversed: self.reversed,
            offset,
            moved: self
                .moved
                .unwrap_or_else(|| claim.totals.paid.saturating_sub(offset)),
            in_part: self.in_part,
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

    /// What left the vault of `pool` in these outer instructions, in the token's smallest units.
    fn left(&self, pool: &Pool, groups: &[usize]) -> u64 {
        let mut left = 0_u64;
        for group in &self.inner {
            let outer = group.get("index").and_then(Value::as_u64);
            let outer = outer.and_then(|index| usize::try_from(index).ok());
            if !outer.is_some_and(|outer| groups.contains(&outer)) {
                continue;
            }
            let instructions = group.get("instructions").and_then(Value::as_array);
            for instruction in instructions.into_iter().flatten() {
                let account = |place: &str| self.account(instruction.pointer(place)?);
                let data = instruction.get("data").and_then(Value::as_str);
                let data = data.and_then(|data| bs58::decode(data).into_vec().ok());
                let is_transfer = account("/programIdIndex") == Some(pool.token_program)
                    && account("/accounts/0") == Some(pool.vault);
                let Some([TRANSFER_CHECKED, amount @ .., _]) =
                    data.as_deref().filter(|_| is_transfer)
                else {
                    continue;
                };
                if let Ok(amount) = <[u8; 8]>::try_from(amount) {
                    left = left.saturating_add(u64::from_le_bytes(amount));
                }
            }
        }
        left
    }

    /// The claims that `settle_claims` has paid, whole or in part.
    fn settled_together(&self, outer: usize, event: &ClaimsSettled) -> Result<Vec<Entry>> {
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
        let mut entries = Vec::new();
        for (place, index) in (0_u8..).zip(accounts.iter().skip(SETTLE_ACCOUNTS)) {
            let has = |bits: u64| {
                bits.checked_shr(u32::from(place))
                    .is_some_and(|bits| bits & 1 == 1)
            };
            if has(event.paid) || has(event.in_part) {
                let part = event.parts.iter().find(|part| part.place == place);
                let in_part = has(event.in_part);
                entries.push(Entry {
                    moved: part.map(|part| part.amount),
                    in_part,
                    interest: in_part.then_some(0),
                    ..Entry::settlement(self.account(index).ok_or_else(odd)?)
                });
            }
        }
        Ok(entries)
    }
}

impl Event {
    fn of<T: AnchorDeserialize + Discriminator>(&self) -> Option<T> {
        let content = self.bytes.strip_prefix(T::DISCRIMINATOR)?;
        T::deserialize(&mut &content[..]).ok()
    }

    /// Notes the claims that it is about. A claim that waits after the transaction is settled by a later one.
    fn read(&self, transaction: &Transaction, entries: &mut Vec<Entry>) -> Result<()> {
        let mut award = |status, claim, offset| {
            if is_settled(status) {
                entries.push(Entry::award(claim, offset));
            }
        };
        if let Some(event) = self.of::<ClaimAdjudicated>() {
            award(event.status, event.claim, event.offset);
        } else if let Some(event) = self.of::<ClaimDecided>() {
            award(event.status, event.claim, event.offset);
        } else if let Some(event) = self.of::<ClaimDrawn>() {
            award(event.status, event.claim, event.offset);
        } else if let Some(event) = self.of::<ClaimScreened>() {
            award(event.status, event.claim, event.offset);
        } else if let Some(event) = self.of::<ClaimReprocessed>() {
            entries.push(Entry::reversal(event.claim));
            if is_settled(event.status) {
                entries.push(Entry::award(event.replacement, event.offset));
            }
        } else if let Some(event) = self.of::<ClaimReversed>() {
            entries.push(Entry::reversal(event.claim));
        } else if let Some(event) = self.of::<AppealClosed>() {
            if event.replacement == Pubkey::default() {
                return Ok(());
            }
            entries.push(Entry::reversal_by_appeal(event.claim));
            // The event has no status: an award that went out, or was kept back whole, is settled.
            let went_out = event.payout != Pubkey::default();
            if went_out || event.paid == event.offset {
                entries.push(Entry::award(event.replacement, event.offset));
            }
        } else if let Some(event) = self.of::<ClaimPaid>() {
            entries.push(Entry {
                interest: Some(event.interest),
                interest_only: event.amount == 0,
                moved: Some(event.amount),
                in_part: event.left > 0,
                ..Entry::settlement(event.claim)
            });
        } else if let Some(event) = self.of::<ClaimsSettled>() {
            entries.extend(transaction.settled_together(self.outer, &event)?);
        }
        Ok(())
    }
}

/// Whether a claim of this status is concluded.
fn is_settled(status: ClaimStatus) -> bool {
    use ClaimStatus::{Denied, NothingDue, Paid};
    matches!(status, Paid | NothingDue | Denied)
}

fn too_large(signature: &Signature) -> CliError {
    CliError::new(
        "money_too_large",
        format!("What {signature} paid adds up to more than Galen counts."),
    )
}
