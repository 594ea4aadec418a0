use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::{fold, EMPTY};
use registry::state::{Operator, Organization, Permission};

use crate::address::{view_mut, Birth};
use crate::error::ProvenanceError;
use crate::events::PageOpened;
use crate::hashing::Sha;
use crate::state::{Batch, BatchPage};
use crate::{authorize, convert};

/// Arguments of `open_page`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OpenPageArgs {
    /// Which of the batch's pages, from 0.
    pub number: u64,
    /// Root of the page's subtree.
    pub root: [u8; 32],
    /// The siblings from there up to the batch's root.
    pub siblings: Vec<[u8; 32]>,
}

/// Accounts of `open_page`.
#[event_cpi]
#[derive(Accounts)]
pub struct OpenPage<'info> {
    /// The manufacturer's operator. Pays the rent, which `close_page` refunds.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The batch.
    #[account(mut, has_one = manufacturer @ ProvenanceError::BatchOfOther)]
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the page to be created; its address is checked then.
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OpenPage<'_> {
    /// A page that was closed is not opened again with its bits cleared: it closes after the expiry only.
    fn validate(&self, args: &OpenPageArgs, now: i64) -> Result<()> {
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageBatch,
            now,
        )?;
        let batch = self.batch.load()?;
        require!(
            convert::day_of(now)? <= batch.expiry()?,
            ProvenanceError::Expired
        );
        let levels = batch.layout()?.depth().saturating_sub(batch.page_height);
        let is_proved = args.root != EMPTY
            && args.siblings.len() == usize::from(levels)
            && fold::<Sha>(args.root, batch.page_height, args.number, &args.siblings)
                == Some(batch.root);
        require!(is_proved, ProvenanceError::ProofInvalid);
        Ok(())
    }
}

/// See [`crate::provenance::open_page`].
pub fn open_page(ctx: Context<OpenPage>, args: OpenPageArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &*ctx.accounts;
    let batch = accounts.batch.key();
    let height = accounts.batch.load()?.page_height;
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    birth.make(
        &accounts.page,
        &BatchPage::seed(args.number),
        BatchPage::account_size(height)?,
        BatchPage::DISCRIMINATOR,
    )?;
    let payer = accounts.operator.key();
    let page = BatchPage::new(batch, args.root, payer, args.number, height);
    page.invariant()?;
    *view_mut::<BatchPage>(&mut accounts.page.try_borrow_mut_data()?)? = page;
    {
        let mut batch = accounts.batch.load_mut()?;
        batch.count_page_in()?;
        batch.invariant()?;
    }

    galen_entry::emit!(ctx => PageOpened {
        page: accounts.page.key(),
        batch,
        number: args.number,
    });
    Ok(())
}
