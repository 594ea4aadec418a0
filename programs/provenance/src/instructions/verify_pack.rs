use anchor_lang::prelude::*;

use crate::check::PackProof;
use crate::error::ProvenanceError;
use crate::state::{Batch, BatchPage};

/// Arguments of `verify_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct VerifyPackArgs {
    /// That the pack is in the batch.
    pub proof: PackProof,
}

/// Accounts of `verify_pack`. It changes nothing and has no event: it is for other programs, which go on where it succeeds.
#[derive(Accounts)]
pub struct VerifyPack<'info> {
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of the pack.
    #[account(has_one = batch @ ProvenanceError::WrongPage)]
    pub page: AccountLoader<'info, BatchPage>,
}

/// See [`crate::provenance::verify_pack`].
pub fn verify_pack(ctx: Context<VerifyPack>, args: VerifyPackArgs) -> Result<()> {
    let batch = ctx.accounts.batch.load()?;
    let page = ctx.accounts.page.load()?;
    page.require_covers(&ctx.accounts.batch.key(), args.proof.index)?;
    require!(
        args.proof.is_of(&batch.gtin, &page)?,
        ProvenanceError::ProofInvalid
    );
    Ok(())
}
