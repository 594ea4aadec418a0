//! The code key of a schedule to be.
//!
//! A member's history, prior authorisations and what was asked before care have codes as keyed identifiers, and the program only
//! compares them. So a further version of a plan takes the key of the version before: under another one the ledger would no
//! longer see that a cleaning is the cleaning of last month.

use std::fmt;

use claims::state::{Plan, PlanVersion};
use solana_pubkey::Pubkey;

use super::schedule::address_of;
use crate::chain::session::Session;
use crate::chain::{codes, entity};
use crate::command::claim::submission::schedule;
use crate::error::{CliError, Result};
use crate::store::CodeKey;

/// A schedule's code key, and where it is from.
pub struct Chosen {
    /// The key. One that was drawn is in no store yet.
    pub key: CodeKey,
    /// Where it is from.
    pub origin: Origin,
}

/// Where a code key is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The plan's first version has it.
    First,
    /// It is that of the version before.
    VersionBefore,
    /// A version with a key of its own, as was asked for.
    New,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::First => "the plan's first",
            Self::VersionBefore => "that of the version before",
            Self::New => "a new one: services and authorizations of before are not recognised",
        })
    }
}

/// The key for schedule `number` of the plan at `address`; `new`: another than that of the version before.
///
/// # Errors
/// `code_key_missing` where this store lacks the key of the version before, or of an upload that was begun; `code_key_differs`
/// where it has another for the number than the version before has, `code_key_not_new` where it has the same; `no_randomness`,
/// `store_damaged`, `cluster_unreachable`.
pub fn choose(
    session: &Session,
    address: &Pubkey,
    plan: &Plan,
    number: u16,
    new: bool,
) -> Result<Chosen> {
    let store = &session.ledger.store;
    let known = codes::known_key_of(store, &plan.pool, number)?;
    if known.is_none() {
        refuse_begun(session, &plan.pool, number)?;
    }
    let before = Before::of(session, address, plan)?;
    let (key, origin) = match (before, known) {
        (None, Some(known)) => (known, Origin::First),
        (None, None) => (CodeKey::draw()?, Origin::First),
        (Some(before), known) if new => (before.other(known, number)?, Origin::New),
        (Some(before), known) => (before.same(known, number)?, Origin::VersionBefore),
    };
    Ok(Chosen { key, origin })
}

/// What is made under another key is of no use for a schedule that is on the ledger already.
fn refuse_begun(session: &Session, pool: &Pubkey, number: u16) -> Result<()> {
    let (address, _) = address_of(&session.key(), pool, number)?;
    let begun = session
        .cluster()
        .account(&address)?
        .is_some_and(|account| account.owner == claims::ID);
    if begun {
        let message = format!("The pool's schedule {number} is on the ledger ({address}), and the store {} does not have its code key. Import the store that has it with `galen store import`, or choose another number with --schedule.", session.ledger.store.path().display());
        return Err(CliError::new("code_key_missing", message));
    }
    Ok(())
}

/// The schedule of the version before.
struct Before {
    number: u16,
    key: Option<CodeKey>,
}

impl Before {
    fn of(session: &Session, address: &Pubkey, plan: &Plan) -> Result<Option<Self>> {
        let Some(latest) = plan.latest() else {
            return Ok(None);
        };
        let (version, _) = PlanVersion::find_address(address, latest.version);
        let version: PlanVersion = entity::get(session.cluster(), &version)?;
        let (header, _) = schedule(session.cluster(), &version.schedule)?;
        let number = header.number;
        let key = codes::known_key_of(&session.ledger.store, &plan.pool, number)?;
        Ok(Some(Self { number, key }))
    }

    /// The key of the version before.
    fn same(&self, known: Option<CodeKey>, number: u16) -> Result<CodeKey> {
        let Some(key) = self.key else {
            let message = format!("The version before has the code key of schedule {}, which this store lacks. Import the store that has it with `galen store import`. If it is lost, --new-code-key draws another: services and authorizations of before are then not recognised.", self.number);
            return Err(CliError::new("code_key_missing", message));
        };
        if known.is_some_and(|known| known != key) {
            let message = format!("This store has a code key for schedule {number} already, which is not that of the version before (schedule {}). Choose another number with --schedule; or take it with --new-code-key: services and authorizations of before are then not recognised.", self.number);
            return Err(CliError::new("code_key_differs", message));
        }
        Ok(key)
    }

    /// Another one: that which a run before has drawn, or a new one.
    fn other(&self, known: Option<CodeKey>, number: u16) -> Result<CodeKey> {
        if known.is_some() && known == self.key {
            let message = format!("This store has the code key of the version before for schedule {number} already. For a new one choose another number with --schedule.");
            return Err(CliError::new("code_key_not_new", message));
        }
        known.map_or_else(CodeKey::draw, Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: CodeKey = CodeKey([7; 32]);
    const OWN: CodeKey = CodeKey([8; 32]);

    fn before(key: Option<CodeKey>) -> Before {
        Before { number: 0, key }
    }

    fn refused(result: Result<CodeKey>) -> String {
        match result {
            Ok(_) => "taken".to_owned(),
            Err(error) => error.code,
        }
    }

    #[test]
    fn a_further_version_has_the_key_of_the_one_before() {
        let known = before(Some(OLD));
        assert!(known.same(None, 1).expect("taken") == OLD);
        // A run that was killed goes on.
        assert!(known.same(Some(OLD), 1).expect("taken") == OLD);
        assert_eq!(refused(known.same(Some(OWN), 1)), "code_key_differs");
        for own in [None, Some(OWN)] {
            assert_eq!(refused(before(None).same(own, 1)), "code_key_missing");
        }
    }

    #[test]
    fn a_new_key_is_drawn_once() {
        let known = before(Some(OLD));
        let drawn = known.other(None, 1).expect("drawn");
        assert!(drawn != OLD && drawn != OWN);
        assert!(known.other(Some(OWN), 1).expect("taken") == OWN);
        assert_eq!(refused(known.other(Some(OLD), 1)), "code_key_not_new");
        // Also where the one before is lost.
        assert!(before(None).other(Some(OWN), 1).expect("taken") == OWN);
        assert!(before(None).other(None, 1).expect("drawn") != OLD);
    }
}
