//! What Galen's programs share about the accounts of other programs: which mints they may pay in, and what stands in a
//! token account, what the signature precompile has verified, how accounts are made by the system program and what rent they hold. Each program gives the refusals error codes of its own.
#![forbid(unsafe_code)]

pub mod derived;
pub mod mint_policy;
pub mod rent;
pub mod signature;
pub mod token_account;
