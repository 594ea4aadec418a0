//! One module per noun, one file per verb.

pub mod agreement;
pub mod batch;
pub mod claim;
pub mod cold_chain;
pub mod completions;
pub mod credential;
pub mod demo;
pub mod deploy;
pub mod doctor;
pub mod epcis;
pub mod governance;
pub mod localnet;
pub mod man;
pub mod member;
pub mod operator;
pub mod org;
pub mod pack;
pub mod plan;
pub mod pool;
pub mod predetermination;
pub mod product;
pub mod recall;
pub mod shipment;
pub mod store;
pub mod treaty;
pub mod trial;
