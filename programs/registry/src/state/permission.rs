//! What an organisation's staff key may do.

use anchor_lang::prelude::*;

/// One power of a staff key. The value is its bit in [`Permissions`]; values never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Permission {
    /// Create pools and change their eligibility desk.
    ManagePool = 1 << 0,
    /// Commit the organisation's money.
    Fund = 1 << 1,
    /// Publish plans, plan versions and benefit schedules.
    PublishPlan = 1 << 2,
    /// Enrol members and change their coverage.
    EnrolMember = 1 << 3,
    /// Offer agreements to providers and change their terms.
    ManageAgreement = 1 << 4,
    /// Submit claims in the name of a provider.
    SubmitClaim = 1 << 5,
    /// Decide claims that wait for the insurer.
    DecideClaim = 1 << 6,
    /// Issue and revoke credentials.
    IssueCredential = 1 << 7,
    /// Set trials up: protocols, schedules, sites; end them. In the name of a sponsor.
    ManageTrial = 1 << 8,
    /// Set a trial's caps, approve its protocols, end it for safety. In the name of an ethics board.
    OverseeTrial = 1 << 9,
    /// Take consent, enrol participants, say when and how they leave. In the name of a site.
    EnrolParticipant = 1 << 10,
    /// Attest visits and expenses. In the name of a site.
    AttestVisit = 1 << 11,
    /// Countersign what a site has attested. In the name of a sponsor.
    CountersignVisit = 1 << 12,
    /// Register products and batches. In the name of a manufacturer.
    ManageBatch = 1 << 16,
    /// Hand goods over and accept them, set them aside, acknowledge recalls. In the name of who has them.
    HandOver = 1 << 17,
    /// Dispense packs and undo that. In the name of a pharmacy.
    DispensePack = 1 << 18,
    /// Recall and lift recalls. In the name of a manufacturer or a regulator.
    RecallBatch = 1 << 19,
}

impl Permission {
    /// Every permission there is, in the order of their bits.
    pub const ALL: [Permission; 17] = [
        Permission::ManagePool,
        Permission::Fund,
        Permission::PublishPlan,
        Permission::EnrolMember,
        Permission::ManageAgreement,
        Permission::SubmitClaim,
        Permission::DecideClaim,
        Permission::IssueCredential,
        Permission::ManageTrial,
        Permission::OverseeTrial,
        Permission::EnrolParticipant,
        Permission::AttestVisit,
        Permission::CountersignVisit,
        Permission::ManageBatch,
        Permission::HandOver,
        Permission::DispensePack,
        Permission::RecallBatch,
    ];

    /// The permission's bit.
    pub const fn bit(self) -> u32 {
        self as u32
    }
}

/// A set of permissions, as it is stored and passed: one bit each.
#[derive(
    AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
pub struct Permissions {
    /// The bits of [`Permission`].
    pub bits: u32,
}

impl Permissions {
    /// The set of the permissions given.
    pub fn of(permissions: &[Permission]) -> Self {
        let bits = permissions
            .iter()
            .fold(0, |bits, permission| bits | permission.bit());
        Self { bits }
    }

    /// Whether every bit is one that this program knows.
    pub fn are_known(self) -> bool {
        self.bits & !Self::of(&Permission::ALL).bits == 0
    }

    /// Whether the set is empty.
    pub fn are_none(self) -> bool {
        self.bits == 0
    }

    /// Whether the set holds `permission`.
    pub fn include(self, permission: Permission) -> bool {
        self.bits & permission.bit() != 0
    }
}
