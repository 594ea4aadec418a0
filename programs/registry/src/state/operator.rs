//! Staff keys. The authority of an organisation does no daily work: it gives keys permissions and expiry dates.

use anchor_lang::prelude::*;

use super::{OperatorBrief, Permission, Permissions};
use crate::constants::ACCOUNT_VERSION;
use crate::error::RegistryError;

/// What one key may do for one organisation. Never closed: a revoked record stays and says since when.
///
/// # PDA Seeds
/// `["operator", organization, key]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The organisation's account.
    pub organization: Pubkey,
    /// The staff key.
    pub key: Pubkey,
    /// What the key may do.
    pub permissions: Permissions,
    /// First Unix second at which the key may do nothing more.
    pub expires_at: i64,
    /// Unix second of the revocation; 0 = not revoked. Final.
    pub revoked_at: i64,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(Operator::INIT_SPACE == 2 + 2 * 32 + 4 + 2 * 8 + 32);

/// Why a key may not act. Each program gives it a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorRefusal {
    /// The record is another organisation's.
    OtherOrganization,
    /// The record is another key's.
    OtherKey,
    /// The key has been revoked.
    Revoked,
    /// The key has expired.
    Expired,
    /// The key lacks the permission.
    PermissionMissing,
}

impl Operator {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"operator";

    /// Address of the record of `key` at `organization` (the organisation's account), and its bump.
    pub fn find_address(organization: &Pubkey, key: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, organization.as_ref(), key.as_ref()],
            &crate::ID,
        )
    }

    /// A record as it begins.
    ///
    /// # Errors
    /// Those of [`Operator::update`].
    pub fn new(
        bump: u8,
        organization: Pubkey,
        key: Pubkey,
        permissions: Permissions,
        expires_at: i64,
        now: i64,
    ) -> Result<Self> {
        let mut operator = Self {
            version: ACCOUNT_VERSION,
            bump,
            organization,
            key,
            permissions,
            expires_at,
            revoked_at: 0,
            reserved: [0; 32],
        };
        operator.update(permissions, expires_at, now)?;
        Ok(operator)
    }

    /// Whether the key has been revoked.
    pub fn is_revoked(&self) -> bool {
        self.revoked_at != 0
    }

    /// Checks that `key` may do what `permission` says for `organization` now. Whether the organisation itself
    /// may act is a question to [`super::Organization::is_active`].
    ///
    /// # Errors
    /// The refusal that applies, in the order of the enum.
    pub fn authorize(
        &self,
        organization: &Pubkey,
        key: &Pubkey,
        permission: Permission,
        now: i64,
    ) -> std::result::Result<(), OperatorRefusal> {
        OperatorBrief::from(self).authorize(organization, key, permission, now)
    }

    /// Changes what the key may do and until when.
    ///
    /// # Errors
    /// `OperatorRevoked`; `PermissionsInvalid` for no bits or unknown ones; `ExpiryInPast`.
    pub fn update(&mut self, permissions: Permissions, expires_at: i64, now: i64) -> Result<()> {
        require!(!self.is_revoked(), RegistryError::OperatorRevoked);
        require!(
            permissions.are_known() && !permissions.are_none(),
            RegistryError::PermissionsInvalid
        );
        require!(expires_at > now, RegistryError::ExpiryInPast);
        self.permissions = permissions;
        self.expires_at = expires_at;
        Ok(())
    }

    /// Takes everything from the key, for good.
    ///
    /// # Errors
    /// `OperatorRevoked` where that has been done.
    pub fn revoke(&mut self, now: i64) -> Result<()> {
        require!(!self.is_revoked(), RegistryError::OperatorRevoked);
        self.revoked_at = now;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.permissions.are_known()
                && !self.permissions.are_none()
                && self.key != Pubkey::default()
                && self.revoked_at >= 0,
            RegistryError::InvariantBroken
        );
        Ok(())
    }
}
