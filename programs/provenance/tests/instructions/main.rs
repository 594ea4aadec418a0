//! The provenance program on the compiled program in LiteSVM, by what people do with it. One binary: linking the virtual
//! machine once is enough.

mod common;

mod after_review;
mod bond_walk;
mod bonds;
mod budget;
mod bugs_of_others;
mod closing;
mod cold_chain;
mod custody;
mod dispense;
mod dispense_states;
mod doubts;
mod errors;
mod filling;
mod proofs;
mod recall;
mod recoupments;
mod reserved;
mod scans;
mod set_up;
mod staff;
mod states;
mod undo;
mod walk;
mod walk_records;
mod walk_watch;
mod winding_down;
