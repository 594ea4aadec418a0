//! The trials program on the compiled program in LiteSVM, by what people do with it. One binary: linking the virtual
//! machine once is enough.

mod common;

mod budget;
mod consent;
mod leaving;
mod payees;
mod payment;
mod set_up;
mod staff;
mod tax;
mod visits;
mod walk;
