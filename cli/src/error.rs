//! What a command answers when it cannot do what was asked.

use std::fmt;

use galen_documents::Problem;
use serde::Serialize;

/// A named error. Printed as one line on stderr, or as `{"error": {...}}` on stdout where JSON was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CliError {
    /// Stable, in snake case, for programs.
    pub code: String,
    /// What is wrong and what to do about it, in full sentences.
    pub message: String,
    /// The place inside a document, if there is one.
    pub at: Option<String>,
}

/// What every command returns.
pub type Result<T> = std::result::Result<T, CliError>;

impl CliError {
    /// An error without a place.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            at: None,
        }
    }

    /// Whether it says something of the node that was asked, and nothing of the ledger.
    pub fn is_of_the_node(&self) -> bool {
        ["cluster_unreachable", "blockhash_unknown"].contains(&self.code.as_str())
    }

    /// A problem of a document, with the document's name in front.
    pub fn in_document(document: &str, problem: Problem) -> Self {
        let at = Some(problem.at).filter(|at| !at.is_empty());
        Self {
            code: problem.code,
            message: format!("{document}: {}", problem.message),
            at,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{} (at {at}) [{}]", self.message, self.code),
            None => write!(f, "{} [{}]", self.message, self.code),
        }
    }
}

impl std::error::Error for CliError {}
