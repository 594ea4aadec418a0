//! The accounts of the provenance program, one a file, and the rules of their transitions.

pub mod acknowledgement;
pub mod batch;
pub mod bond;
pub mod closed_batch;
pub mod dispense;
pub mod monitor;
pub mod node;
pub mod page;
pub mod product;
pub mod recall_list;
pub mod recoupment;
pub mod scan;
pub mod shipment;

pub use acknowledgement::Acknowledgement;
pub use batch::{Batch, BatchTerms};
pub use bond::Bond;
pub use closed_batch::ClosedBatch;
pub use dispense::{Dispense, DispenseKind};
pub use monitor::{Monitor, Reading, Report};
pub use node::{Custody, Node, RecallEntry, RecallSlot};
pub use page::BatchPage;
pub use product::Product;
pub use recall_list::RecallList;
pub use recoupment::Recoupment;
pub use scan::{CellArg, Scan, ScanPolicy};
pub use shipment::{Shipment, ShipmentTerms};

use anchor_lang::prelude::*;

/// A copy of the zero-copy account in `data`, whatever its alignment: for clients and tests.
///
/// # Errors
/// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
pub fn decode_zero_copy<T: anchor_lang::ZeroCopy>(data: &[u8]) -> Result<T> {
    let body = data
        .strip_prefix(T::DISCRIMINATOR)
        .ok_or(ErrorCode::AccountDiscriminatorMismatch)?;
    let bytes = body
        .get(..std::mem::size_of::<T>())
        .ok_or(ErrorCode::AccountDidNotDeserialize)?;
    Ok(bytemuck::pod_read_unaligned(bytes))
}
