//! Accounts of the programs of claims and of who is who as JSON, field by field, by the layouts that their IDLs have: every field under the name that
//! docs/accounts and the clients know it by, and none forgotten when one is added.

use std::collections::BTreeMap;

use claims::state::History;
use serde_json::{json, Map, Value};
use solana_pubkey::Pubkey;

use super::text::hex;
use crate::error::{CliError, Result};

const CLAIMS: &str = include_str!("../../../idls/claims.json");
const REGISTRY: &str = include_str!("../../../idls/registry.json");
/// Bytes before the entries of a history, after the discriminator.
const HISTORY_HEAD: usize = History::ENTRIES_OFFSET - 8;
/// A list in an account holds no more than this; a longer one is not a list.
const MOST_ITEMS: usize = 100_000;

/// The layouts of a program's accounts.
pub struct Layouts {
    types: BTreeMap<String, Value>,
    accounts: BTreeMap<Vec<u8>, String>,
}

impl Layouts {
    /// Those of the claims program.
    ///
    /// # Errors
    /// `layouts_unreadable`: never for the ones that this binary was built with.
    pub fn of_claims() -> Result<Self> {
        Self::of(CLAIMS)
    }

    /// Those of the registry.
    ///
    /// # Errors
    /// `layouts_unreadable`: never for the ones that this binary was built with.
    pub fn of_registry() -> Result<Self> {
        Self::of(REGISTRY)
    }

    fn of(idl: &str) -> Result<Self> {
        let idl: Value =
            serde_json::from_str(idl).map_err(|error| unreadable(&error.to_string()))?;
        let named = |list: &str| {
            let entries = idl.get(list).and_then(Value::as_array);
            let entries = entries.map(Vec::as_slice).unwrap_or_default();
            entries
                .iter()
                .filter_map(|entry| Some((entry.get("name")?.as_str()?.to_owned(), entry.clone())))
                .collect::<Vec<_>>()
        };
        let accounts = named("accounts").into_iter().map(|(name, entry)| {
            let bytes = entry.get("discriminator").and_then(Value::as_array);
            let bytes = bytes.map(Vec::as_slice).unwrap_or_default().iter();
            let bytes = bytes
                .filter_map(Value::as_u64)
                .filter_map(|byte| u8::try_from(byte).ok());
            (bytes.collect(), name)
        });
        Ok(Self {
            accounts: accounts.collect(),
            types: named("types").into_iter().collect(),
        })
    }

    /// The first bytes of each account of a type.
    ///
    /// # Errors
    /// `layouts_unreadable` for a type that the program does not have.
    pub fn discriminator(&self, name: &str) -> Result<&[u8]> {
        let found = self.accounts.iter().find(|(_, known)| *known == name);
        found
            .map(|(bytes, _)| bytes.as_slice())
            .ok_or_else(|| unreadable(name))
    }

    /// The types of accounts that the program has.
    #[cfg(test)]
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.accounts.values().map(String::as_str)
    }

    /// Where a field of an account of the type `name` begins, in bytes from the start of the account; none where it has no such field,
    /// or not always at the same place.
    #[cfg(test)]
    pub fn offset(&self, name: &str, field: &str) -> Option<usize> {
        const LONGEST: usize = 4_096;
        let fields = self.types.get(name)?.pointer("/type/fields")?.as_array()?;
        let is_it = |one: &Value| one.get("name").and_then(Value::as_str) == Some(field);
        let before = fields.get(..fields.iter().position(is_it)?)?;
        let varies = |kind: &Value| kind.get("vec").is_some() || kind.get("option").is_some();
        if before.iter().any(|one| one.get("type").is_none_or(varies)) {
            return None;
        }
        let zeros = vec![0; LONGEST];
        let mut bytes = zeros.as_slice();
        self.fields(before, &mut bytes)?;
        Some(8 + LONGEST - bytes.len())
    }

    /// An account of the type `name` as JSON. Bytes are hexadecimal, keys base58, amounts and days integers; what is reserved
    /// for later versions is left out. A schedule, a plan version's details and a history have the `entries` that are in use; a
    /// history has `denied_entries` too, the lines that a person at the insurer has denied.
    ///
    /// # Errors
    /// `account_unreadable` where the bytes are not of the type, or some are left over.
    pub fn decode(&self, name: &str, data: &[u8]) -> Result<Value> {
        let refused = || {
            CliError::new(
                "account_unreadable",
                format!("An account is not a {name} as this galen knows it; update galen."),
            )
        };
        let body = data
            .strip_prefix(self.discriminator(name)?)
            .ok_or_else(refused)?;
        let mut bytes = body;
        let mut value = self.defined(name, &mut bytes).ok_or_else(refused)?;
        let entry = match name {
            "BenefitSchedule" => Some("BenefitEntry"),
            "PlanDetails" => Some("DetailEntry"),
            "History" => Some("HistoryEntry"),
            _ => None,
        };
        if name == "History" {
            // The type shows the first page, whose entries are read with those that follow it.
            bytes = body.get(HISTORY_HEAD..).ok_or_else(refused)?;
        }
        if let Some(entry) = entry {
            let count = value
                .get("count")
                .and_then(Value::as_u64)
                .and_then(|count| usize::try_from(count).ok());
            let count = count
                .filter(|count| *count <= MOST_ITEMS)
                .ok_or_else(refused)?;
            let entries: Option<Vec<Value>> = (0..count)
                .map(|_| self.defined(entry, &mut bytes))
                .collect();
            value.as_object_mut().ok_or_else(refused)?.insert(
                "entries".to_owned(),
                Value::Array(entries.ok_or_else(refused)?),
            );
        }
        if name == "History" {
            let denied = History::decode_denied(data).map_err(|_| refused())?;
            let entries: Option<Vec<Value>> = denied
                .iter()
                .map(|_| self.defined("HistoryEntry", &mut bytes))
                .collect();
            value.as_object_mut().ok_or_else(refused)?.insert(
                "denied_entries".to_owned(),
                Value::Array(entries.ok_or_else(refused)?),
            );
        }
        // The IDL does not show what follows a claim's lines: the number of lines of another payer, and what it decided; the
        // number of facts, and these.
        if name == "Claim" {
            let count = take::<1>(&mut bytes).map_or(0, |[count]| count);
            let entries: Option<Vec<Value>> = (0..count)
                .map(|_| self.defined("OtherPayer", &mut bytes))
                .collect();
            value.as_object_mut().ok_or_else(refused)?.insert(
                "other_payers".to_owned(),
                Value::Array(entries.ok_or_else(refused)?),
            );
            // Where there are other payers a zero says that no more of them follow; where there are none it was their number.
            let mut count = take::<1>(&mut bytes).map_or(0, |[count]| count);
            if count == 0 {
                count = take::<1>(&mut bytes).map_or(0, |[count]| count);
            }
            let facts: Option<Vec<Value>> = (0..count)
                .map(|_| self.defined("ClaimFact", &mut bytes))
                .collect();
            value
                .as_object_mut()
                .ok_or_else(refused)?
                .insert("facts".to_owned(), Value::Array(facts.ok_or_else(refused)?));
        }
        // An account has room for the longest lists; what they do not fill is zeros.
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(refused());
        }
        Ok(value)
    }

    fn defined(&self, name: &str, bytes: &mut &[u8]) -> Option<Value> {
        let kind = self.types.get(name)?.get("type")?;
        match kind.get("kind")?.as_str()? {
            "struct" => match kind.get("fields") {
                None => Some(Value::Object(Map::new())),
                Some(fields) => self.fields(fields.as_array()?, bytes),
            },
            "enum" => {
                let index = usize::from(take::<1>(bytes)?[0]);
                let variant = kind.get("variants")?.as_array()?.get(index)?;
                let name = snake(variant.get("name")?.as_str()?);
                match variant.get("fields") {
                    None => Some(json!(name)),
                    Some(fields) => Some(json!({name: self.fields(fields.as_array()?, bytes)?})),
                }
            }
            _ => None,
        }
    }

    fn fields(&self, fields: &[Value], bytes: &mut &[u8]) -> Option<Value> {
        let mut object = Map::new();
        for field in fields {
            let name = field.get("name")?.as_str()?;
            let value = self.value(field.get("type")?, bytes)?;
            if !matches!(name, "reserved" | "padding") {
                object.insert(name.to_owned(), value);
            }
        }
        Some(Value::Object(object))
    }

    fn value(&self, kind: &Value, bytes: &mut &[u8]) -> Option<Value> {
        if let Some(name) = kind.as_str() {
            return primitive(name, bytes);
        }
        let (form, inner) = kind.as_object()?.iter().next()?;
        match form.as_str() {
            "defined" => self.defined(inner.get("name")?.as_str()?, bytes),
            "option" => match take::<1>(bytes)?[0] {
                0 => Some(Value::Null),
                1 => self.value(inner, bytes),
                _ => None,
            },
            "vec" => {
                let count = usize::try_from(u32::from_le_bytes(take(bytes)?)).ok()?;
                self.list(inner, count, bytes)
            }
            "array" => {
                let count = usize::try_from(inner.get(1)?.as_u64()?).ok()?;
                self.list(inner.get(0)?, count, bytes)
            }
            _ => None,
        }
    }

    fn list(&self, inner: &Value, count: usize, bytes: &mut &[u8]) -> Option<Value> {
        if count > MOST_ITEMS {
            return None;
        }
        if inner == "u8" {
            let (found, rest) = bytes.split_at_checked(count)?;
            *bytes = rest;
            return Some(json!(hex(found)));
        }
        let items: Option<Vec<Value>> = (0..count).map(|_| self.value(inner, bytes)).collect();
        items.map(Value::Array)
    }
}

fn primitive(name: &str, bytes: &mut &[u8]) -> Option<Value> {
    Some(match name {
        "bool" => match take::<1>(bytes)?[0] {
            0 => json!(false),
            1 => json!(true),
            _ => return None,
        },
        "u8" => json!(take::<1>(bytes)?[0]),
        "u16" => json!(u16::from_le_bytes(take(bytes)?)),
        "u32" => json!(u32::from_le_bytes(take(bytes)?)),
        "u64" => json!(u64::from_le_bytes(take(bytes)?)),
        "i32" => json!(i32::from_le_bytes(take(bytes)?)),
        "i64" => json!(i64::from_le_bytes(take(bytes)?)),
        "pubkey" => json!(Pubkey::new_from_array(take(bytes)?).to_string()),
        _ => return None,
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (found, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*found)
}

/// `PlanVersion` as `plan_version`.
pub fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn unreadable(what: &str) -> CliError {
    CliError::new(
        "layouts_unreadable",
        format!("The layouts of accounts that this galen was built with cannot be used: {what}."),
    )
}

#[cfg(test)]
mod tests {
    use anchor_lang::AccountSerialize;
    use claims::state::{
        BenefitEntry, BenefitSchedule, Claim, ClaimFact, ClaimFactKind, ClaimLineArgs, DetailEntry,
        DetailKind, HistoryEntry, Member, Opening, OtherPayer, Plan, PlanDetails,
    };

    use super::*;

    fn bytes(account: &impl AccountSerialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        account.try_serialize(&mut bytes).expect("serialized");
        bytes
    }

    fn zero_copy<T: anchor_lang::ZeroCopy>(account: &T) -> Vec<u8> {
        [T::DISCRIMINATOR, bytemuck::bytes_of(account)].concat()
    }

    #[test]
    fn accounts_are_read_as_the_program_writes_them() {
        let layouts = Layouts::of_claims().expect("layouts");
        let (pool, provider) = (
            Pubkey::new_from_array([1; 32]),
            Pubkey::new_from_array([2; 32]),
        );
        let opening = Opening {
            bump: 255,
            pool,
            provider,
            claim_id: [3; 16],
            document: [4; 32],
            opener: provider,
            service_date: 20_000,
            line_count: 2,
        };
        let mut claim = Claim::open(opening).expect("opened");
        let line = ClaimLineArgs {
            code_key: [5; 8],
            modifiers: [0; 4],
            units: 2,
            charge: 12_345,
            day: 1,
        };
        claim.append(0, &[line]).expect("appended");
        let other = OtherPayer {
            line: 0,
            allowed: 9_000,
            paid: 8_000,
            obligated: 10_000,
        };
        let fact = ClaimFact {
            line: 0,
            kind: ClaimFactKind::Place,
            key: [9; 8],
            day: 0,
        };
        claim.state_facts(&[fact]).expect("stated");
        let stated = json!([{"line": 0, "kind": "place", "key": "09".repeat(8), "day": 0}]);
        let read = layouts.decode("Claim", &bytes(&claim)).expect("read");
        assert_eq!(
            (&read["facts"], &read["other_payers"]),
            (&stated, &json!([]))
        );
        claim.tell_of_others(&[other]).expect("told");
        let mut data = bytes(&claim);
        data.resize(claim.size_with(0), 0);
        let read = layouts.decode("Claim", &data).expect("read");
        assert_eq!(
            (&read["pool"], &read["status"]),
            (&json!(pool.to_string()), &json!("draft"))
        );
        assert_eq!(read["claim_id"], json!("03".repeat(16)));
        assert_eq!(read["lines"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            (
                &read["lines"][0]["charge"],
                &read["lines"][0]["service_date"]
            ),
            (&json!(12_345), &json!(20_001))
        );
        assert_eq!(
            read["other_payers"],
            json!([{"line": 0, "allowed": 9_000, "paid": 8_000, "obligated": 10_000}])
        );
        assert_eq!(read["facts"], stated);
        assert_eq!(read.get("reserved"), None);

        let mut plan = Plan::new(255, 7, pool);
        plan.publish(19_000, 19_000).expect("published");
        assert_eq!(
            layouts.decode("Plan", &bytes(&plan)).expect("read")["versions"],
            json!([{"effective_from": 19_000, "version": 1}])
        );

        let mut member =
            Member::new(255, pool, provider, [6; 32], provider, -5, 20_000).expect("made");
        member.periods[0].year = 2026;
        member.periods[0].in_network.deductible_individual = 77;
        let read = layouts.decode("Member", &zero_copy(&member)).expect("read");
        assert_eq!(
            (
                &read["covered_from"],
                &read["periods"][0]["in_network"]["deductible_individual"]
            ),
            (&json!(-5), &json!(77))
        );

        let mut history: History = bytemuck::Zeroable::zeroed();
        (history.count, history.entries[127].service_date) = (128, 20_001);
        let page = zero_copy(&history);
        let read = layouts.decode("History", &page).expect("read");
        assert_eq!(read["entries"].as_array().map(Vec::len), Some(128));
        assert_eq!(read["entries"][127]["service_date"], 20_001);
        // Those of lines that a person has denied stand behind the live ones.
        (history.count, history.denied) = (126, 2);
        let read = layouts
            .decode("History", &zero_copy(&history))
            .expect("read");
        assert_eq!(read["entries"].as_array().map(Vec::len), Some(126));
        assert_eq!(read["denied_entries"].as_array().map(Vec::len), Some(2));
        assert_eq!(read["denied_entries"][1]["service_date"], 20_001);
        history.denied = 0;
        // What it has grown by follows, entry after entry.
        history.count = 130;
        let mut more = [HistoryEntry::default(); 128];
        more[1].service_date = 20_002;
        let grown = [zero_copy(&history), bytemuck::cast_slice(&more).to_vec()].concat();
        let read = layouts.decode("History", &grown).expect("read");
        assert_eq!(read["entries"].as_array().map(Vec::len), Some(130));
        assert_eq!(read["entries"][129]["service_date"], 20_002);
        assert!(layouts.decode("History", &page[..page.len() - 1]).is_err());

        let mut schedule: BenefitSchedule = bytemuck::Zeroable::zeroed();
        (schedule.count, schedule.capacity) = (1, 3);
        let entry = BenefitEntry {
            code_key: [8; 8],
            allowed: 4_000,
            ..BenefitEntry::default()
        };
        let mut data = [zero_copy(&schedule), bytemuck::bytes_of(&entry).to_vec()].concat();
        data.resize(data.len() + 2 * BenefitEntry::SIZE, 0);
        assert_eq!(
            layouts.decode("BenefitSchedule", &data).expect("read")["entries"][0]["allowed"],
            json!(4_000)
        );

        let mut details = PlanDetails::new(255, pool, 1, provider);
        details.count = 1;
        let entry = DetailEntry::new([8; 8], DetailKind::Readmission, [0; 8]).with(30);
        let data = [zero_copy(&details), bytemuck::bytes_of(&entry).to_vec()].concat();
        assert_eq!(
            layouts.decode("PlanDetails", &data).expect("read")["entries"][0]["kind"],
            json!(79)
        );
    }

    #[test]
    fn other_bytes_are_refused() {
        let layouts = Layouts::of_claims().expect("layouts");
        let plan = bytes(&Plan::new(255, 7, Pubkey::default()));
        let code = |name: &str, data: &[u8]| layouts.decode(name, data).expect_err("refused").code;
        assert_eq!(code("Claim", &plan), "account_unreadable");
        assert_eq!(code("Plan", &plan[..plan.len() - 1]), "account_unreadable");
        assert_eq!(
            code("Plan", &[&plan[..], &[1]].concat()),
            "account_unreadable"
        );
        assert_eq!(code("Plan", &plan[..4]), "account_unreadable");
        assert_eq!(code("Colour", &plan), "layouts_unreadable");
    }
}
