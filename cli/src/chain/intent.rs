//! What will be signed, to be shown before it is.

use std::fmt;

use registry::state::AdminArgs;

use super::when::moment;

/// One thing that a signer is about to do.
#[derive(Debug, Clone)]
pub struct Intent {
    title: String,
    facts: Vec<(String, String)>,
}

impl Intent {
    /// An intent to do what `title` says, in the imperative.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            facts: Vec::new(),
        }
    }

    /// What it does, in the imperative.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// One more fact that the signer should know.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// When an administrative signature is good.
    #[must_use]
    pub fn with_admin(self, admin: &AdminArgs) -> Self {
        self.with("good until", moment(admin.valid_until))
            .with("sequence", admin.expected_sequence)
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.title)?;
        let width = self
            .facts
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or_default();
        for (name, value) in &self.facts {
            write!(f, "\n  {name:width$}  {value}")?;
        }
        Ok(())
    }
}
