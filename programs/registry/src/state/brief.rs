//! What instructions that run often ask of the registry's records, read where it stands in them.
//!
//! A record read as a whole takes up to 300 compute units, of which most is copying what such an instruction never looks at. A brief
//! takes the record's place in `Account<...>`: owner, discriminator and length are checked as before.

use anchor_lang::prelude::*;
use anchor_lang::{Discriminator, Space};

use super::{
    Credential, Operator, OperatorRefusal, Organization, OrganizationKind, OrganizationStatus,
    Permission, Permissions, Standing,
};

/// What an organisation is, and whether it may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrganizationBrief {
    /// What it is.
    pub kind: OrganizationKind,
    /// Whether it may act.
    pub status: OrganizationStatus,
}

/// What one key may do for one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorBrief {
    /// The organisation's account.
    pub organization: Pubkey,
    /// The staff key.
    pub key: Pubkey,
    /// What the key may do.
    pub permissions: Permissions,
    /// First Unix second at which the key may do nothing more.
    pub expires_at: i64,
    /// Unix second of the revocation; 0 = not revoked.
    pub revoked_at: i64,
}

/// What an issuer states about a subject, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialBrief {
    /// Account of the organisation that states it.
    pub issuer: Pubkey,
    /// Account of the organisation about which it is stated.
    pub subject: Pubkey,
    /// What is stated, in the issuer's catalogue.
    pub kind: u16,
    /// First Unix second at which it is valid.
    pub valid_from: i64,
    /// First Unix second at which it is no longer valid.
    pub valid_until: i64,
    /// Unix second of the revocation; 0 = not revoked.
    pub revoked_at: i64,
}

impl OrganizationBrief {
    /// Where the kind stands: after version, bump and id.
    const KIND: usize = 2 + 32;
    /// Where the status stands: after kind and identifier.
    const STATUS: usize = Self::KIND + 1 + 21;

    /// Whether it may act.
    pub fn is_active(&self) -> bool {
        self.status == OrganizationStatus::Active
    }

    fn read(record: &[u8]) -> Option<Self> {
        let [kind] = bytes(record, Self::KIND)?;
        let [status] = bytes(record, Self::STATUS)?;
        Some(Self {
            kind: OrganizationKind::try_from_slice(&[kind]).ok()?,
            status: OrganizationStatus::try_from_slice(&[status]).ok()?,
        })
    }
}

impl OperatorBrief {
    /// Where the organisation stands: after version and bump. All else follows.
    const ORGANIZATION: usize = 2;
    const KEY: usize = Self::ORGANIZATION + 32;
    const PERMISSIONS: usize = Self::KEY + 32;
    const EXPIRES_AT: usize = Self::PERMISSIONS + 4;
    const REVOKED_AT: usize = Self::EXPIRES_AT + 8;

    /// Checks that `key` may do what `permission` says for `organization` now. Whether the organisation itself may act is a
    /// question to [`OrganizationBrief::is_active`].
    ///
    /// # Errors
    /// The refusal that applies, in the order of the enum.
    #[inline]
    pub fn authorize(
        &self,
        organization: &Pubkey,
        key: &Pubkey,
        permission: Permission,
        now: i64,
    ) -> std::result::Result<(), OperatorRefusal> {
        if self.organization != *organization {
            return Err(OperatorRefusal::OtherOrganization);
        }
        if self.key != *key {
            return Err(OperatorRefusal::OtherKey);
        }
        if self.revoked_at != 0 {
            return Err(OperatorRefusal::Revoked);
        }
        if now >= self.expires_at {
            return Err(OperatorRefusal::Expired);
        }
        if !self.permissions.include(permission) {
            return Err(OperatorRefusal::PermissionMissing);
        }
        Ok(())
    }

    fn read(record: &[u8]) -> Option<Self> {
        Some(Self {
            organization: bytes(record, Self::ORGANIZATION)?.into(),
            key: bytes(record, Self::KEY)?.into(),
            permissions: Permissions {
                bits: u32::from_le_bytes(bytes(record, Self::PERMISSIONS)?),
            },
            expires_at: i64::from_le_bytes(bytes(record, Self::EXPIRES_AT)?),
            revoked_at: i64::from_le_bytes(bytes(record, Self::REVOKED_AT)?),
        })
    }
}

impl CredentialBrief {
    /// Where the issuer stands: after version and bump.
    const ISSUER: usize = 2;
    const SUBJECT: usize = Self::ISSUER + 32;
    const KIND: usize = Self::SUBJECT + 32;
    /// After kind and number.
    const VALID_FROM: usize = Self::KIND + 2 + 4;
    const VALID_UNTIL: usize = Self::VALID_FROM + 8;
    /// After the end and when it was issued.
    const REVOKED_AT: usize = Self::VALID_UNTIL + 8 + 8;

    /// What the credential is worth at `at` (Unix seconds). A later revocation does not unmake what was done
    /// under it before.
    #[inline]
    pub fn standing(&self, at: i64) -> Standing {
        if self.revoked_at != 0 && at >= self.revoked_at {
            Standing::Revoked
        } else if at < self.valid_from {
            Standing::NotYetValid
        } else if at >= self.valid_until {
            Standing::Expired
        } else {
            Standing::Valid
        }
    }

    fn read(record: &[u8]) -> Option<Self> {
        Some(Self {
            issuer: bytes(record, Self::ISSUER)?.into(),
            subject: bytes(record, Self::SUBJECT)?.into(),
            kind: u16::from_le_bytes(bytes(record, Self::KIND)?),
            valid_from: i64::from_le_bytes(bytes(record, Self::VALID_FROM)?),
            valid_until: i64::from_le_bytes(bytes(record, Self::VALID_UNTIL)?),
            revoked_at: i64::from_le_bytes(bytes(record, Self::REVOKED_AT)?),
        })
    }
}

impl From<&Operator> for OperatorBrief {
    #[inline]
    fn from(record: &Operator) -> Self {
        Self {
            organization: record.organization,
            key: record.key,
            permissions: record.permissions,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
        }
    }
}

impl From<&Credential> for CredentialBrief {
    #[inline]
    fn from(record: &Credential) -> Self {
        Self {
            issuer: record.issuer,
            subject: record.subject,
            kind: record.kind,
            valid_from: record.valid_from,
            valid_until: record.valid_until,
            revoked_at: record.revoked_at,
        }
    }
}

/// Lets a brief stand where Anchor expects the record: read with the same refusals, never written.
macro_rules! in_place_of {
    ($record:ident, $brief:ident) => {
        impl AccountDeserialize for $brief {
            fn try_deserialize(data: &mut &[u8]) -> Result<Self> {
                if data.len() < $record::DISCRIMINATOR.len() {
                    return Err(ErrorCode::AccountDiscriminatorNotFound.into());
                }
                if !data.starts_with($record::DISCRIMINATOR) {
                    return Err(ErrorCode::AccountDiscriminatorMismatch.into());
                }
                Self::try_deserialize_unchecked(data)
            }

            #[inline(always)]
            fn try_deserialize_unchecked(data: &mut &[u8]) -> Result<Self> {
                data.get($record::DISCRIMINATOR.len()..)
                    .and_then(|record| record.get(..$record::INIT_SPACE))
                    .and_then(Self::read)
                    .ok_or_else(|| ErrorCode::AccountDidNotDeserialize.into())
            }
        }

        impl AccountSerialize for $brief {}

        impl Owner for $brief {
            fn owner() -> Pubkey {
                $record::owner()
            }
        }

        #[cfg(feature = "idl-build")]
        impl anchor_lang::IdlBuild for $brief {}

        #[cfg(feature = "idl-build")]
        impl Discriminator for $brief {
            const DISCRIMINATOR: &'static [u8] = $record::DISCRIMINATOR;
        }
    };
}

in_place_of!(Organization, OrganizationBrief);
in_place_of!(Operator, OperatorBrief);
in_place_of!(Credential, CredentialBrief);

/// So many bytes of a record from `at` on.
#[inline(always)]
fn bytes<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{CredentialTerms, Identifier, IdentifierScheme};

    fn key(number: u8) -> Pubkey {
        Pubkey::new_from_array([number; 32])
    }

    /// A record as it stands in its account.
    fn account<T: AccountSerialize + Space>(record: &T) -> Vec<u8> {
        let mut data = Vec::new();
        record.try_serialize(&mut data).unwrap();
        data.resize(8 + T::INIT_SPACE, 0);
        data
    }

    fn refusal<T: AccountDeserialize + std::fmt::Debug>(data: &[u8]) -> u32 {
        match T::try_deserialize(&mut &*data).unwrap_err() {
            Error::AnchorError(error) => error.error_code_number,
            Error::ProgramError(error) => panic!("{error}"),
        }
    }

    fn assert_refused_alike<R, B>(data: &[u8])
    where
        R: AccountDeserialize + std::fmt::Debug,
        B: AccountDeserialize + std::fmt::Debug,
    {
        let mut other = data.to_vec();
        other[0] ^= 1;
        for wrong in [&data[..7], &data[..60], &other, &[]] {
            assert_eq!(refusal::<B>(wrong), refusal::<R>(wrong));
        }
    }

    #[test]
    fn an_organization_says_what_its_record_says() {
        let identifier = Identifier::new(IdentifierScheme::Other, "PHARMACY").unwrap();
        let kinds = [
            OrganizationKind::Insurer,
            OrganizationKind::Pharmacy,
            OrganizationKind::Regulator,
        ];
        let statuses = [
            OrganizationStatus::Pending,
            OrganizationStatus::Active,
            OrganizationStatus::Suspended,
            OrganizationStatus::Closed,
        ];
        for kind in kinds {
            for status in statuses {
                let mut record =
                    Organization::new(254, key(1), kind, identifier, key(2), 9, 1_700_000_000);
                record.status = status;
                let data = account(&record);
                let brief = OrganizationBrief::try_deserialize(&mut &data[..]).unwrap();
                assert_eq!(brief, OrganizationBrief { kind, status });
                assert_eq!(brief.is_active(), record.is_active());
                assert_refused_alike::<Organization, OrganizationBrief>(&data);
                for at in [OrganizationBrief::KIND, OrganizationBrief::STATUS] {
                    let mut unknown = data.clone();
                    unknown[8 + at] = 200;
                    let expected = refusal::<Organization>(&unknown);
                    assert_eq!(refusal::<OrganizationBrief>(&unknown), expected);
                }
            }
        }
    }

    #[test]
    fn an_operator_may_what_its_record_says() {
        let permissions = Permissions::of(&[Permission::DispensePack, Permission::HandOver]);
        let mut record = Operator::new(
            253,
            key(3),
            key(4),
            permissions,
            1_800_000_000,
            1_700_000_000,
        )
        .unwrap();
        for revoked_at in [0, 1_750_000_000] {
            record.revoked_at = revoked_at;
            let data = account(&record);
            let brief = OperatorBrief::try_deserialize(&mut &data[..]).unwrap();
            assert_eq!(brief, OperatorBrief::from(&record));
            assert_refused_alike::<Operator, OperatorBrief>(&data);
        }
    }

    #[test]
    fn a_credential_states_what_its_record_states() {
        let terms = CredentialTerms {
            kind: 7,
            number: 11,
            valid_from: 1_600_000_000,
            valid_until: 1_900_000_000,
        };
        let mut record = Credential::new(252, key(5), key(6), terms, 1_700_000_000).unwrap();
        for revoked_at in [0, 1_750_000_000] {
            record.revoked_at = revoked_at;
            let data = account(&record);
            let brief = CredentialBrief::try_deserialize(&mut &data[..]).unwrap();
            assert_eq!(brief, CredentialBrief::from(&record));
            assert_refused_alike::<Credential, CredentialBrief>(&data);
        }
    }
}
