//! The trials program on the compiled program in LiteSVM, by what people do with it. One binary: linking the virtual
//! machine once is enough.

mod common;

mod adherence;
mod after_review;
mod budget;
mod commitments;
mod consent;
mod errors;
mod keys;
mod leaving;
mod life;
mod payees;
mod payment;
mod records;
mod set_up;
mod sites;
mod staff;
mod states;
mod tax;
mod visit_claims;
mod visits;
mod walk;
