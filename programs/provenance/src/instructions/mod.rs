//! The instructions, one a file: arguments, accounts, checks, effect.

pub mod accept_shipment;
pub mod acknowledge_recall;
pub mod close_dispense;
pub mod close_node;
pub mod close_page;
pub mod dispense_pack;
pub mod dispense_subtree;
pub mod end_shipment;
pub mod hand_out;
pub mod issue_recall;
pub mod lift_recall;
pub mod offer_shipment;
pub mod open_page;
pub mod register_batch;
pub mod register_product;
pub mod set_status;
pub mod undo_dispense;

pub use accept_shipment::*;
pub use acknowledge_recall::*;
pub use close_dispense::*;
pub use close_node::*;
pub use close_page::*;
pub use dispense_pack::*;
pub use dispense_subtree::*;
pub use end_shipment::*;
pub use hand_out::*;
pub use issue_recall::*;
pub use lift_recall::*;
pub use offer_shipment::*;
pub use open_page::*;
pub use register_batch::*;
pub use register_product::*;
pub use set_status::*;
pub use undo_dispense::*;
