//! Steps: each says when it starts, shows that it lives, and ends with its duration or with the reason of its failure.
//! Everything its commands print goes to a log file of its own.

use crate::error::{Context, Error, Result};
use crate::process::Running;
use crate::{stop, ui};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a long step says that it lives when the output is not a terminal.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many lines of a failed command are shown.
const TAIL: usize = 25;

/// Runs steps and numbers their logs.
pub struct Steps {
    logs: PathBuf,
    count: Cell<u32>,
    failed: RefCell<Vec<String>>,
}

impl Steps {
    /// Logs go to `logs`, which is made when the first step starts.
    pub fn new(logs: PathBuf) -> Self {
        Self {
            logs,
            count: Cell::new(0),
            failed: RefCell::default(),
        }
    }

    /// The steps that failed so far, in order: title and log.
    pub fn failed(&self) -> Vec<String> {
        self.failed.borrow().clone()
    }

    /// Runs `body` as a step. The title says what is done and, where it takes long, how long and how often.
    pub fn step<T>(&self, title: &str, body: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        stop::check()?;
        self.count.set(self.count.get() + 1);
        let slug: String = title
            .split_whitespace()
            .take(5)
            .collect::<Vec<_>>()
            .join("-");
        let slug: String = slug
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let log_path = self.logs.join(format!(
            "{:02}-{}.log",
            self.count.get(),
            slug.to_lowercase()
        ));
        std::fs::create_dir_all(&self.logs)
            .context(|| format!("create {}", self.logs.display()))?;
        let log = File::create(&log_path).context(|| format!("create {}", log_path.display()))?;
        ui::say(format!("-- {title}"));
        let step = Step {
            log: RefCell::new(log),
            log_path,
            started: Instant::now(),
            found_wrong: Cell::new(false),
        };
        let result = body(&step);
        let took = ui::duration(step.started.elapsed());
        if result.is_ok() && !step.found_wrong.get() {
            ui::say(format!("   done in {took}"));
        } else {
            ui::say(format!("   failed after {took}"));
            let log = step.log_path.display();
            self.failed.borrow_mut().push(format!("{title} ({log})"));
        }
        match result {
            Ok(value) => Ok(value),
            Err(mut error) => {
                error.step.get_or_insert_with(|| title.to_string());
                error.log.get_or_insert_with(|| step.log_path.clone());
                Err(error)
            }
        }
    }
}

/// One running step.
pub struct Step {
    log: RefCell<File>,
    log_path: PathBuf,
    started: Instant,
    found_wrong: Cell<bool>,
}

/// What a command printed and how it ended.
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output, line by line.
    pub stdout: Vec<String>,
    /// The last lines of both of its outputs.
    pub tail: Vec<String>,
}

impl Output {
    /// Fails unless the command ended well; `command` names it in the message.
    pub fn success(self, command: &str) -> Result<Self> {
        if self.status.success() {
            return Ok(self);
        }
        Err(Error {
            tail: self.tail,
            ..Error::new(format!("{command} ended with {}", self.status))
        })
    }
}

/// A line of a child's output.
enum Line {
    Out(String),
    Err(String),
    /// Redrawn in place by the child: progress, not worth keeping.
    Progress(String),
}

impl Step {
    /// Where the output of this step's commands goes.
    pub fn log_path(&self) -> &Path {
        &self.log_path
    }

    /// Says something that the user should see now.
    pub fn note(&self, text: impl AsRef<str>) {
        self.log(text.as_ref());
        ui::say(format!("   {}", text.as_ref()));
    }

    /// The step ran to its end, and what it looked at is wrong: a test or a check failed.
    pub fn found_wrong(&self) {
        self.found_wrong.set(true);
    }

    /// Writes a line to the log.
    pub fn log(&self, text: &str) {
        let _ = writeln!(self.log.borrow_mut(), "{text}");
    }

    /// Runs a command to its end and fails if it fails.
    pub fn run(&self, command: &mut Command) -> Result<Output> {
        let name = name_of(command);
        self.attempt(command)?.success(&name)
    }

    /// Runs a command to its end, whatever that is.
    pub fn attempt(&self, command: &mut Command) -> Result<Output> {
        self.attempt_showing(command, |_| false)
    }

    /// Runs a command whose output is for the user: every line is printed as it comes, and logged.
    pub fn show(&self, command: &mut Command) -> Result<()> {
        let name = name_of(command);
        self.attempt_showing(command, |_| true)?
            .success(&name)
            .map(|_| ())
    }

    /// As [`Step::attempt`]; lines for which `show` is true are printed as they come.
    pub fn attempt_showing(
        &self,
        command: &mut Command,
        show: impl Fn(&str) -> bool,
    ) -> Result<Output> {
        stop::check()?;
        self.log(&format!("$ {}", describe(command)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = Running::start(command, true)?;
        let (sender, lines) = mpsc::channel();
        if let Some(out) = running.pipes().stdout.take() {
            read_lines(out, sender.clone(), Line::Out);
        }
        if let Some(err) = running.pipes().stderr.take() {
            read_lines(err, sender, Line::Err);
        }
        let mut seen = Seen::default();
        let mut last_beat = Instant::now();
        let mut ended_at = None;
        let status = loop {
            match lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => {
                    let shown = seen.take(line, self);
                    if let Some(text) = shown.filter(|text| show(text)) {
                        if ui::is_terminal() {
                            ui::wipe();
                        }
                        ui::say(format!("   {text}"));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(Duration::from_millis(20))
                }
            }
            stop::check()?;
            if let Some(status) = running.ended()? {
                // Lines may still be under way; a daemon that inherited the pipes must not hold us for ever.
                let ended = *ended_at.get_or_insert_with(Instant::now);
                let drained = matches!(
                    lines.try_recv().map(|line| seen.take(line, self)),
                    Err(mpsc::TryRecvError::Disconnected)
                );
                if drained || ended.elapsed() > Duration::from_secs(2) {
                    break status;
                }
            }
            self.beat(&seen.progress, &mut last_beat);
        };
        if ui::is_terminal() {
            ui::wipe();
        }
        Ok(Output {
            status,
            stdout: seen.stdout,
            tail: seen.tail.into(),
        })
    }

    fn beat(&self, progress: &str, last_beat: &mut Instant) {
        let elapsed = self.started.elapsed();
        let every = if ui::is_terminal() {
            Duration::from_millis(500)
        } else {
            HEARTBEAT
        };
        if elapsed < Duration::from_secs(1) || last_beat.elapsed() < every {
            return;
        }
        *last_beat = Instant::now();
        let short: String = progress.chars().take(90).collect();
        let line = format!(
            "   ... {} {short}",
            ui::duration(Duration::from_secs(elapsed.as_secs()))
        );
        if ui::is_terminal() {
            ui::redraw(&line);
        } else {
            ui::say(line);
        }
    }
}

#[derive(Default)]
struct Seen {
    stdout: Vec<String>,
    tail: std::collections::VecDeque<String>,
    progress: String,
}

impl Seen {
    /// Files a line away; gives it back if it is one that could be shown.
    fn take(&mut self, line: Line, step: &Step) -> Option<String> {
        let (text, from_stdout) = match line {
            Line::Progress(text) => {
                self.progress = cargo_progress(&text).unwrap_or(text);
                return None;
            }
            Line::Out(text) => (text, true),
            Line::Err(text) => (text, false),
        };
        if from_stdout {
            self.stdout.push(text.clone());
            // Messages for machines are for us, not for the user.
            if text.starts_with("{\"reason\":") {
                return None;
            }
        }
        step.log(&text);
        if !text.trim().is_empty() {
            self.progress = text.trim().to_string();
            self.tail.push_back(text.clone());
            if self.tail.len() > TAIL {
                self.tail.pop_front();
            }
        }
        Some(text)
    }
}

/// `Building [====>  ] 312/704: serde, syn(build)` as `312/704: serde, syn(build)`.
fn cargo_progress(line: &str) -> Option<String> {
    let (verb, rest) = line.trim().split_once(" [")?;
    let (_, counts) = rest.split_once("] ")?;
    Some(format!("{verb} {counts}"))
}

fn read_lines(
    mut pipe: impl Read + Send + 'static,
    sender: mpsc::Sender<Line>,
    kind: fn(String) -> Line,
) {
    std::thread::spawn(move || {
        let mut buffer = [0u8; 8192];
        let mut line = Vec::new();
        while let Ok(count) = pipe.read(&mut buffer) {
            for byte in buffer.get(..count).unwrap_or_default() {
                match byte {
                    b'\n' => {
                        let _ = sender.send(kind(text(&line)));
                        line.clear();
                    }
                    b'\r' => {
                        let progress = text(&line);
                        if !progress.trim().is_empty() {
                            let _ = sender.send(Line::Progress(progress));
                        }
                        line.clear();
                    }
                    other => line.push(*other),
                }
            }
            if count == 0 {
                break;
            }
        }
        if !line.is_empty() {
            let _ = sender.send(kind(text(&line)));
        }
    });
}

/// The text of a line without terminal escapes.
fn text(bytes: &[u8]) -> String {
    let raw = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            plain.push(c);
            continue;
        }
        // A control sequence: `ESC [`, parameters, and a letter that ends it.
        if chars.next() == Some('[') {
            for end in chars.by_ref() {
                if end.is_ascii_alphabetic() {
                    break;
                }
            }
        }
    }
    plain
}

/// The name of a command, with its subcommand where it has one: `cargo rustc`.
fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match command
        .get_args()
        .next()
        .map(|a| a.to_string_lossy().into_owned())
    {
        Some(sub) if !sub.starts_with('-') && !sub.contains('/') => format!("{program} {sub}"),
        _ => program,
    }
}

fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_progress_is_shortened() {
        let line = "    Building [=====>       ] 312/704: serde, syn(build)";
        assert_eq!(
            cargo_progress(line).as_deref(),
            Some("Building 312/704: serde, syn(build)")
        );
        assert_eq!(cargo_progress("Compiling serde v1.0.0"), None);
    }

    #[test]
    fn escapes_are_removed() {
        assert_eq!(text(b"\x1b[1m\x1b[32mok\x1b[0m done"), "ok done");
    }

    #[test]
    fn a_failing_command_names_itself_and_its_last_lines() {
        let folder = std::env::temp_dir().join(format!("xtask-step-{}", std::process::id()));
        let steps = Steps::new(folder.clone());
        let error = steps
            .step("Fail on purpose", |step| {
                step.run(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]))
            })
            .err()
            .expect("the command ends with 3");
        assert_eq!(error.step.as_deref(), Some("Fail on purpose"));
        steps
            .step("Find something wrong", |step| {
                step.found_wrong();
                Ok(())
            })
            .expect("runs to its end");
        steps.step("Hold", |_| Ok(())).expect("runs to its end");
        let failed = steps.failed();
        assert_eq!(failed.len(), 2, "{failed:?}");
        assert!(
            failed[0].starts_with("Fail on purpose (")
                && failed[1].starts_with("Find something wrong (")
        );
        assert!(
            error.message.contains("exit status: 3"),
            "{}",
            error.message
        );
        assert!(error.tail.contains(&"one".to_string()) && error.tail.contains(&"two".to_string()));
        let log = std::fs::read_to_string(error.log.expect("a log")).expect("readable");
        assert!(log.contains("one") && log.contains("two"));
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn standard_output_is_captured_whole() {
        let folder = std::env::temp_dir().join(format!("xtask-out-{}", std::process::id()));
        let output = Steps::new(folder.clone())
            .step("Count", |step| {
                step.run(Command::new("sh").args(["-c", "seq 1 20000"]))
            })
            .expect("seq works");
        assert_eq!(output.stdout.len(), 20_000);
        assert_eq!(output.stdout.last().map(String::as_str), Some("20000"));
        let _ = std::fs::remove_dir_all(folder);
    }
}
