//! Output. A closed stdout (a pipe whose reader has gone) must not stop a task, so nothing here uses `println!`.

use std::io::{IsTerminal, Write};

/// Prints one line.
pub fn say(line: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", line.as_ref());
    let _ = out.flush();
}

/// Prints one line on stderr.
pub fn complain(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}

/// Whether progress can be drawn in place.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("CI").is_none()
}

/// Draws `line` in place of the line that was last drawn in place.
pub fn redraw(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "\r\x1b[2K{line}");
    let _ = out.flush();
}

/// Removes the line that was drawn in place.
pub fn wipe() {
    redraw("");
}

/// A duration as people say it: `4.2 s`, `95 s`, `12 min 3 s`.
pub fn duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=119 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(119)), "119 s");
        assert_eq!(duration(Duration::from_secs(723)), "12 min 3 s");
    }
}
