//! One file per instruction.

pub mod accept_authority;
pub mod accept_governance;
pub mod add_operator;
pub mod end_pause;
pub mod initialize_config;
pub mod issue_credential;
pub mod pause;
pub mod propose_authority;
pub mod propose_governance;
pub mod register_organization;
pub mod revoke_credential;
pub mod revoke_operator;
pub mod set_guardian;
pub mod set_organization_status;
pub mod update_operator;
pub mod withdraw_credential;

pub use accept_authority::*;
pub use accept_governance::*;
pub use add_operator::*;
pub use end_pause::*;
pub use initialize_config::*;
pub use issue_credential::*;
pub use pause::*;
pub use propose_authority::*;
pub use propose_governance::*;
pub use register_organization::*;
pub use revoke_credential::*;
pub use revoke_operator::*;
pub use set_guardian::*;
pub use set_organization_status::*;
pub use update_operator::*;
pub use withdraw_credential::*;
