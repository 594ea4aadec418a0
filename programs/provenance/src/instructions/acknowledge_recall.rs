use anchor_lang::prelude::*;
use registry::state::{Credential, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::RecallAcknowledged;
use crate::state::{Acknowledgement, Batch, Node, RecallEntry, RecallList, RecallSlot};

/// Arguments of `acknowledge_recall`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AcknowledgeRecallArgs {
    /// Whose recall.
    pub slot: RecallSlot,
    /// Its number.
    pub number: u32,
    /// Packs that the organisation has found with itself.
    pub packs: u64,
}

/// Accounts of `acknowledge_recall`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: AcknowledgeRecallArgs)]
pub struct AcknowledgeRecall<'info> {
    /// The holder's operator. Pays the rent, which is never refunded: acknowledgements stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the holder.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The holder.
    pub organization: Box<Account<'info, Organization>>,
    /// The credential that makes the holder a trading partner or a reverse distributor for the batch, or has made it one: who has
    /// recalled goods says so, whatever has become of its licence since.
    pub credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The record of the recalled place.
    pub node: AccountLoader<'info, Node>,
    /// The list of further recalls of the place; left out where the recall stands in the place's record.
    pub recall_list: Option<AccountLoader<'info, RecallList>>,
    /// The acknowledgement to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Acknowledgement::INIT_SPACE,
        seeds = [
            Acknowledgement::SEED,
            node.key().as_ref(),
            &args.number.to_le_bytes(),
            organization.key().as_ref(),
        ],
        bump,
    )]
    pub acknowledgement: Box<Account<'info, Acknowledgement>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AcknowledgeRecall<'_> {
    /// Checks who acknowledges what. Returns the last second at which that is in time.
    fn validate(&self, args: &AcknowledgeRecallArgs, now: i64) -> Result<i64> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        let batch = self.batch.load()?;
        let node = self.node.load()?;
        require_keys_eq!(node.batch, self.batch.key(), ProvenanceError::WrongRecord);
        authorize::partner_once(&batch, &self.organization.key(), &self.credential)?;
        let recall = self.recall(&node, args)?;
        require!(
            args.packs <= node.most_packs(&batch)?,
            ProvenanceError::MorePacksThanRecalled
        );
        Ok(recall.respond_by)
    }

    /// The recall in force, of the place's record or of the list of further ones.
    fn recall(&self, node: &Node, args: &AcknowledgeRecallArgs) -> Result<RecallEntry> {
        let is_it = |recall: &RecallEntry| recall.is_in_force() && recall.number == args.number;
        let found = match &self.recall_list {
            None => Some(node.recall_in(args.slot)).filter(is_it),
            Some(list) => {
                require!(
                    args.slot == RecallSlot::Regulator,
                    ProvenanceError::RecordNotNeeded
                );
                let list = list.load()?;
                require!(
                    list.is_at(&node.batch, node.level, node.index),
                    ProvenanceError::WrongRecord
                );
                list.recalls.iter().copied().find(is_it)
            }
        };
        found.ok_or_else(|| ProvenanceError::NotRecalled.into())
    }
}

/// See [`crate::provenance::acknowledge_recall`].
pub fn acknowledge_recall(
    ctx: Context<AcknowledgeRecall>,
    args: AcknowledgeRecallArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let respond_by = ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
    let organization = accounts.organization.key();
    let node = accounts.node.key();
    let mut acknowledgement = Acknowledgement::new(
        ctx.bumps.acknowledgement,
        node,
        args.number,
        (organization, accounts.operator.key()),
        args.packs,
    );
    acknowledgement.note_time(now, respond_by);
    let is_in_time = acknowledgement.is_in_time;
    accounts.acknowledgement.set_inner(acknowledgement);

    galen_entry::emit!(ctx => RecallAcknowledged {
        node,
        number: args.number,
        organization,
        packs: args.packs,
        is_in_time,
    });
    ctx.accounts.acknowledgement.invariant()
}
