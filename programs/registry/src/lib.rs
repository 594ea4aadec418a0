//! The registry: who is who. Organisations and their public identifiers, the staff keys that act for them,
//! credentials that one organisation gives another, and the pause that guards all awards of money.

use anchor_lang::prelude::*;

pub mod constants;
pub mod error;
pub mod events;
pub mod instructions;
pub mod state;

use instructions::*;

declare_id!("4pnY6Jd7Nrtrnf4W4hESm9gkR4GvF86BoMmNSZ7mcvF9");

#[cfg(feature = "lean-entry")]
galen_entry::entrypoint!(entry);

/// Dispatch, one line per instruction.
#[program]
pub mod registry {
    use super::*;

    /// Configures the program. Once; by the program's upgrade authority.
    pub fn initialize_config(
        ctx: Context<InitializeConfig>,
        args: InitializeConfigArgs,
    ) -> Result<()> {
        InitializeConfig::handle(ctx, args)
    }

    /// Offers governance to a key, or withdraws the offer. By governance.
    pub fn propose_governance(
        ctx: Context<ProposeGovernance>,
        args: ProposeGovernanceArgs,
    ) -> Result<()> {
        ProposeGovernance::handle(ctx, args)
    }

    /// Takes governance over. By the key to which it was offered.
    pub fn accept_governance(
        ctx: Context<AcceptGovernance>,
        args: AcceptGovernanceArgs,
    ) -> Result<()> {
        AcceptGovernance::handle(ctx, args)
    }

    /// Appoints the guardian. By governance.
    pub fn set_guardian(ctx: Context<SetGuardian>, args: SetGuardianArgs) -> Result<()> {
        SetGuardian::handle(ctx, args)
    }

    /// Holds back new awards for at most 72 hours. By the guardian or governance.
    pub fn pause(ctx: Context<PauseAwards>, args: PauseArgs) -> Result<()> {
        PauseAwards::handle(ctx, args)
    }

    /// Ends a pause before its time. By governance.
    pub fn end_pause(ctx: Context<EndPause>, args: EndPauseArgs) -> Result<()> {
        EndPause::handle(ctx, args)
    }

    /// Registers an organisation, pending. By its id and its authority.
    pub fn register_organization(
        ctx: Context<RegisterOrganization>,
        args: RegisterOrganizationArgs,
    ) -> Result<()> {
        RegisterOrganization::handle(ctx, args)
    }

    /// Admits, suspends or closes an organisation. By governance.
    pub fn set_organization_status(
        ctx: Context<SetOrganizationStatus>,
        args: SetOrganizationStatusArgs,
    ) -> Result<()> {
        SetOrganizationStatus::handle(ctx, args)
    }

    /// Offers an organisation's authority to a key, or withdraws the offer. By its authority.
    pub fn propose_authority(
        ctx: Context<ProposeAuthority>,
        args: ProposeAuthorityArgs,
    ) -> Result<()> {
        ProposeAuthority::handle(ctx, args)
    }

    /// Takes an organisation over. By the key to which it was offered.
    pub fn accept_authority(
        ctx: Context<AcceptAuthority>,
        args: AcceptAuthorityArgs,
    ) -> Result<()> {
        AcceptAuthority::handle(ctx, args)
    }

    /// Gives a staff key permissions until an expiry. By the organisation's authority.
    pub fn add_operator(ctx: Context<AddOperator>, args: AddOperatorArgs) -> Result<()> {
        AddOperator::handle(ctx, args)
    }

    /// Changes permissions and expiry of a staff key. By the organisation's authority.
    pub fn update_operator(ctx: Context<UpdateOperator>, args: UpdateOperatorArgs) -> Result<()> {
        UpdateOperator::handle(ctx, args)
    }

    /// Revokes a staff key for good; its record stays. By the organisation's authority.
    pub fn revoke_operator(ctx: Context<RevokeOperator>, args: RevokeOperatorArgs) -> Result<()> {
        RevokeOperator::handle(ctx, args)
    }

    /// States something about another organisation. By an operator of an active issuer.
    pub fn issue_credential(
        ctx: Context<IssueCredential>,
        args: IssueCredentialArgs,
    ) -> Result<()> {
        IssueCredential::handle(ctx, args)
    }

    /// Takes a credential back; its record stays. By an operator of the active issuer.
    pub fn revoke_credential(
        ctx: Context<RevokeCredential>,
        args: RevokeCredentialArgs,
    ) -> Result<()> {
        RevokeCredential::handle(ctx, args)
    }

    /// Takes back a credential in the place of an issuer that is suspended or closed. By governance.
    pub fn withdraw_credential(
        ctx: Context<WithdrawCredential>,
        args: WithdrawCredentialArgs,
    ) -> Result<()> {
        WithdrawCredential::handle(ctx, args)
    }
}
