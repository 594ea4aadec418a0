//! The documents that people bring to Galen, read strictly: JSON without repeated keys, every refusal with its place.
//!
//! Plans, claims and members in Galen's own form, and claims as FHIR R4.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod date;
pub mod demands;
mod details;
pub mod fhir;
mod leaf;
pub mod prior;
mod problem;
pub mod strict;

pub mod claim;
pub mod member;
pub mod plan;
pub mod quote;

pub use leaf::{Day, Modifier, Money, Name, Rate, RemarkCode, Span};
pub use problem::Problem;
