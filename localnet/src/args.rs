//! The command line. Read by hand: the lock file of this workspace is the one that surfpool-sdk was published with,
//! and no parser is in it.

use std::net::IpAddr;

pub const USAGE: &str = "galen-localnet: a local Solana validator in one binary

Usage: galen-localnet [OPTIONS]

Options:
  --host ADDRESS        address to listen on [default: 127.0.0.1]
  --port PORT           JSON-RPC [default: 8899]
  --ws-port PORT        WebSocket [default: the JSON-RPC port + 1]
  --slot-ms MS          length of a slot, 10 to 10000 [default: 100]
  --output FORMAT       text or json: the form of the line that says that it is ready [default: text]
      --reset           start from an empty ledger; it always does, so this changes nothing
  -q, --quiet           print errors only
  -h, --help            print this

It has airdrops, SPL Token, Token-2022 and the associated-token program, runs sBPF v3, and travels in time:
  curl -H 'content-type: application/json' http://127.0.0.1:8899 -d \\
    '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"surfnet_timeTravel\",\"params\":[{\"absoluteTimestamp\":1900000000000}]}'
Nothing is kept when it stops (Ctrl-C, or SIGTERM; both end with exit code 0).
";

/// How the ready line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub host: IpAddr,
    pub port: u16,
    pub ws_port: u16,
    pub slot_ms: u64,
    pub output: Format,
    pub quiet: bool,
}

/// A command line that was understood.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Help,
    Run(Options),
}

/// Reads the arguments after the program's name. The error says what is wrong with which of them.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let mut options = Options {
        host: IpAddr::from([127, 0, 0, 1]),
        port: 8899,
        ws_port: 0,
        slot_ms: 100,
        output: Format::Text,
        quiet: false,
    };
    let mut ws_port = None;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, mut inline) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_string(), Some(value.to_string()))
            }
            _ => (argument, None),
        };
        let mut value = || {
            inline
                .take()
                .or_else(|| arguments.next())
                .ok_or(format!("{name} wants a value"))
        };
        match name.as_str() {
            "-h" | "--help" => return Ok(Request::Help),
            // Taken so that scripts written for solana-test-validator run.
            "--reset" => {}
            "-q" | "--quiet" => options.quiet = true,
            "--host" => options.host = number(&name, &value()?, "an IP address")?,
            "--port" => options.port = port(&name, &value()?)?,
            "--ws-port" => ws_port = Some(port(&name, &value()?)?),
            "--slot-ms" => {
                options.slot_ms = number(&name, &value()?, "a number of milliseconds")?;
                if !(10..=10_000).contains(&options.slot_ms) {
                    return Err("--slot-ms is a number from 10 to 10000".into());
                }
            }
            "--output" => {
                options.output = match value()?.as_str() {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    other => return Err(format!("--output is text or json, not {other:?}")),
                }
            }
            other => return Err(format!("unknown argument {other:?}; --help lists them")),
        }
    }
    options.ws_port = match ws_port {
        Some(port) => port,
        None => options
            .port
            .checked_add(1)
            .ok_or("there is no port after 65535 for the WebSocket; choose one with --ws-port")?,
    };
    if options.ws_port == options.port {
        return Err(format!(
            "--port and --ws-port are both {}; they must differ",
            options.port
        ));
    }
    Ok(Request::Run(options))
}

fn port(name: &str, value: &str) -> Result<u16, String> {
    match number(name, value, "a port, 1 to 65535")? {
        0 => Err(format!("{name} is a port, 1 to 65535")),
        port => Ok(port),
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str, what: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{name} is {what}, not {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<Request, String> {
        parse(arguments.iter().map(ToString::to_string))
    }

    fn options(arguments: &[&str]) -> Options {
        match run(arguments) {
            Ok(Request::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_are_the_usual_ports_on_loopback() {
        let found = options(&[]);
        assert_eq!(
            (found.host.to_string().as_str(), found.port, found.ws_port),
            ("127.0.0.1", 8899, 8900)
        );
    }

    #[test]
    fn the_websocket_follows_the_port_unless_it_is_named() {
        assert_eq!(options(&["--port", "9000"]).ws_port, 9001);
        assert_eq!(
            options(&["--port=9000", "--ws-port=7000", "-q"]).ws_port,
            7000
        );
    }

    #[test]
    fn bad_arguments_are_named() {
        for (arguments, named) in [
            (&["--port", "0"][..], "--port"),
            (&["--port", "70000"], "70000"),
            (&["--port"], "--port wants a value"),
            (&["--port", "65535"], "--ws-port"),
            (&["--port", "5", "--ws-port", "5"], "differ"),
            (&["--host", "nowhere"], "nowhere"),
            (&["--slot-ms", "1"], "--slot-ms"),
            (&["--fork"], "--fork"),
        ] {
            let message = run(arguments).expect_err("refused");
            assert!(message.contains(named), "{arguments:?}: {message}");
        }
    }
}
