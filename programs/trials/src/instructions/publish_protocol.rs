use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::ProtocolPublished;
use crate::state::{ProtocolVersion, Trial};

/// Arguments of `publish_protocol`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct PublishProtocolArgs {
    /// Number of the version, from 1 without gaps.
    pub number: u16,
    /// SHA-256 of the protocol.
    pub protocol_digest: [u8; 32],
    /// SHA-256 of the consent form.
    pub consent_form_digest: [u8; 32],
    /// Whether participants must consent anew.
    pub renews_consent: bool,
}

/// Accounts of `publish_protocol`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: PublishProtocolArgs)]
pub struct PublishProtocol<'info> {
    /// The sponsor's operator. Pays the rent, which is never refunded: versions stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
    /// The version to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + ProtocolVersion::INIT_SPACE,
        seeds = [ProtocolVersion::SEED, trial.key().as_ref(), &args.number.to_le_bytes()],
        bump,
    )]
    pub protocol: Box<Account<'info, ProtocolVersion>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl PublishProtocol<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::publish_protocol`].
pub fn publish_protocol(ctx: Context<PublishProtocol>, args: PublishProtocolArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        // The first version is what everybody consents to, so it always asks for consent.
        trial.publish_version(args.number, args.renews_consent || args.number == 1)?;
        trial.invariant()?;
    }
    accounts.protocol.set_inner(ProtocolVersion::new(
        ctx.bumps.protocol,
        accounts.trial.key(),
        args.number,
        args.protocol_digest,
        args.consent_form_digest,
        args.renews_consent || args.number == 1,
        now,
    ));

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ProtocolPublished {
        protocol: accounts.protocol.key(),
        trial: accounts.trial.key(),
        number: args.number,
        protocol_digest: args.protocol_digest,
        consent_form_digest: args.consent_form_digest,
        renews_consent: accounts.protocol.renews_consent,
    });
    Ok(())
}
