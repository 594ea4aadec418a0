//! What went wrong, in which step, and what to do about it.

use std::fmt;
use std::path::PathBuf;

/// The result of anything that can fail in a task.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure as it is shown to the user.
#[derive(Debug, Default)]
pub struct Error {
    /// What failed, in one sentence.
    pub message: String,
    /// What the user can do.
    pub help: Option<String>,
    /// The step in which it happened; set by the step runner.
    pub step: Option<String>,
    /// The log of that step.
    pub log: Option<PathBuf>,
    /// The last lines of the output that belongs to the failure.
    pub tail: Vec<String>,
    /// The user (or the machine) asked the task to stop.
    pub interrupted: bool,
}

impl Error {
    /// A failure with nothing but its message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Adds what the user can do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The task was asked to stop.
    pub fn interrupted() -> Self {
        Self {
            message: "stopped".into(),
            interrupted: true,
            ..Self::default()
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "{step}: {}", self.message)?,
            None => write!(f, "{}", self.message)?,
        }
        if !self.tail.is_empty() {
            write!(f, "\n  its last lines:")?;
            for line in &self.tail {
                write!(f, "\n    {line}")?;
            }
        }
        if let Some(log) = &self.log {
            write!(f, "\n  log: {}", log.display())?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  what to do: {help}")?;
        }
        Ok(())
    }
}

/// Turns a system error into an [`Error`] that says what was being done.
pub trait Context<T> {
    /// `doing` completes the sentence "cannot ...".
    fn context(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::new(format!("cannot {}: {error}", doing())))
    }
}
