//! What the commands that change a member have in common: who is meant, who may, and the answer.

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::{Member, Pool};
use galen_rules::Date;
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::bulk::FileFlags;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::codes;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::{self, MemberFlags, PeopleFlags};
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::store::{CodeKey, Store, Subject};

/// Flags that say which member is to be changed.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    #[command(flatten)]
    who: MemberFlags,
    #[command(flatten)]
    people: PeopleFlags,
}

impl Target {
    /// The one member that a command means which takes a table too.
    pub fn of(some: &SomeMember) -> Self {
        Self {
            pool: some.pool,
            who: MemberFlags {
                id: some.id.clone(),
                member: some.member,
            },
            people: PeopleFlags {
                public_ledger_accepted: some.people.public_ledger_accepted,
            },
        }
    }
}

/// Flags that say which member is to be changed, or that they stand in a table.
#[derive(Debug, clap::Args)]
pub struct SomeMember {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pub pool: Pubkey,
    /// The member's identifier at the insurer; it stays in the local store
    #[arg(
        long,
        value_name = "IDENTIFIER",
        value_parser = rows::identifier,
        conflicts_with_all = ["member", "file"],
        required_unless_present_any = ["member", "file"]
    )]
    pub id: Option<String>,
    /// The member's account
    #[arg(long, value_name = "ADDRESS", conflicts_with = "file")]
    pub member: Option<Pubkey>,
    /// The table, and what to do with it
    #[command(flatten)]
    pub many: FileFlags,
    /// Whether people's data may be written
    #[command(flatten)]
    pub people: PeopleFlags,
}

/// Under which record who signs acts for which insurer, in which pool.
#[derive(Debug, Clone, Copy)]
pub struct Desk {
    /// The key that signs.
    pub operator: Pubkey,
    /// Its record at the insurer.
    pub operator_record: Pubkey,
    /// The insurer's organization.
    pub insurer: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
}

impl Desk {
    /// The record under which the signer may do what `permission` says for the insurer of a pool.
    ///
    /// # Errors
    /// `not_found`, and those of [`Session::staff`].
    pub fn open(session: &Session, pool: Pubkey, permission: Permission) -> Result<Self> {
        let insurer = entity::get::<Pool>(session.cluster(), &pool)?.insurer;
        Self::at(session, pool, insurer, permission)
    }

    fn at(
        session: &Session,
        pool: Pubkey,
        insurer: Pubkey,
        permission: Permission,
    ) -> Result<Self> {
        Ok(Self {
            operator: session.key(),
            operator_record: session.staff(&insurer, permission)?,
            insurer,
            pool,
        })
    }
}

/// A member as it is on the cluster, to be changed by an operator of the insurer.
pub struct Case<'a> {
    session: Session<'a>,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The insurer's organization.
    pub insurer: Pubkey,
    /// The member's account.
    pub address: Pubkey,
    /// The member before the change.
    pub member: Member,
}

impl<'a> Case<'a> {
    /// Reads the member.
    ///
    /// # Errors
    /// `public_ledger`, `not_found`, `member_unknown`.
    pub fn open(target: &Target, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let cluster = session.cluster();
        cluster.require_private(target.people.public_ledger_accepted)?;
        let pool: Pool = entity::get(cluster, &target.pool)?;
        let address = target.who.address(&session.ledger.store, &target.pool)?;
        let member = people::member(cluster, &address)?;
        Ok(Self {
            pool: target.pool,
            insurer: pool.insurer,
            address,
            member,
            session,
        })
    }

    /// The same as who acts for the insurer, by this permission.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn desk(&self, permission: Permission) -> Result<Desk> {
        Desk::at(&self.session, self.pool, self.insurer, permission)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.session.ledger.store
    }

    /// The key that signs.
    pub fn operator(&self) -> Pubkey {
        self.session.key()
    }

    /// The cluster's clock, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.session.now
    }

    /// The record under which the signer may change members.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn operator_record(&self) -> Result<Pubkey> {
        self.session.staff(&self.insurer, Permission::EnrolMember)
    }

    /// The record under which the signer may agree to services.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn decider_record(&self) -> Result<Pubkey> {
        self.session.staff(&self.insurer, Permission::DecideClaim)
    }

    /// The last day of the calendar year after that of the cluster's clock.
    pub fn end_of_next_year(&self) -> Date {
        let year = Date::from_unix(self.session.now).map_or(0, Date::year);
        Date::from_ymd(year.saturating_add(1), 12, 31).unwrap_or(Date::MAX)
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        self.session.cluster()
    }

    /// The code key of schedule `number` of the pool.
    ///
    /// # Errors
    /// `code_key_missing`, `store_damaged`.
    pub fn code_key(&self, number: u16) -> Result<CodeKey> {
        codes::needed_key_of(&self.session.ledger.store, &self.pool, number)
    }

    /// The commitment to a family's identifier in this pool.
    ///
    /// # Errors
    /// `store_damaged`, `no_randomness`.
    pub fn family_commitment(&self, identifier: &str) -> Result<[u8; 32]> {
        self.session
            .ledger
            .store
            .commitment(Subject::Family, &self.pool.to_string(), identifier)
    }

    /// Whether there is an account at `address`.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn exists(&self, address: &Pubkey) -> Result<bool> {
        let account = self.session.cluster().account(address)?;
        Ok(account.is_some_and(|account| !account.data.is_empty()))
    }

    /// The answer where the member is already as it was to be.
    ///
    /// # Errors
    /// `wrong_account`, `store_damaged`.
    pub fn unchanged(&self) -> Result<Answer> {
        Answer::new(&Change::unchanged(self.view(&self.member)?))
    }

    /// Shows the intent, asks, sends, and answers with the member as it is then.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, and the program's refusals by name.
    pub fn execute(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Answer> {
        let receipt = self.session.perform(intent, claims::ID, accounts, data)?;
        let member = people::member(self.session.cluster(), &self.address)?;
        Answer::new(&Change::changed(self.view(&member)?, receipt))
    }

    /// As [`Case::execute`], for several instructions in one transaction.
    ///
    /// # Errors
    /// Those of [`Case::execute`].
    pub fn execute_all(&self, intent: &Intent, instructions: &[Instruction]) -> Result<Answer> {
        let receipt = self.session.execute(intent, instructions, &[])?;
        let member = people::member(self.session.cluster(), &self.address)?;
        Answer::new(&Change::changed(self.view(&member)?, receipt))
    }

    fn view(&self, member: &Member) -> Result<View> {
        View::of(&self.session.ledger.store, self.address, member)
    }
}
