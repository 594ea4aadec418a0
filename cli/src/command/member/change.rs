//! What the commands that change a member have in common: who is meant, who may, and the answer.

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::{Member, Pool};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::{self, MemberFlags, PeopleFlags};
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

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

    /// The key that signs.
    pub fn operator(&self) -> Pubkey {
        self.session.key()
    }

    /// The record under which the signer may change members.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn operator_record(&self) -> Result<Pubkey> {
        self.session.staff(&self.insurer, Permission::EnrolMember)
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

    fn view(&self, member: &Member) -> Result<View> {
        View::of(&self.session.ledger.store, self.address, member)
    }
}
