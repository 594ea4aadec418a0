//! The registry's accounts, one a file, and the rules of their transitions.

pub mod admin;
pub mod brief;
pub mod config;
pub mod credential;
pub mod operator;
pub mod organization;
pub mod permission;

pub use admin::{AdminArgs, AdminRefusal};
pub use brief::{CredentialBrief, OperatorBrief, OrganizationBrief};
pub use config::{Config, Pause};
pub use credential::{Credential, CredentialTerms, Standing};
pub use operator::{Operator, OperatorRefusal};
pub use organization::{
    Identifier, IdentifierScheme, Organization, OrganizationKind, OrganizationStatus,
};
pub use permission::{Permission, Permissions};
