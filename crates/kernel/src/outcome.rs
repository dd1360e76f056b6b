//! How a request ended. A failed request is data, not an error.

/// The outcome of a request; `name` is what reports and JSON show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    Ok,
    Dns,
    ConnectRefused,
    ConnectTimeout,
    ConnectFailed,
    Tls,
    Reset,
    ClosedEarly,
    Timeout,
    Malformed,
    TooManyRedirects,
    NoPorts,
    TooManyFiles,
    /// A public host that nobody allowed.
    NotAllowed,
    Http4xx,
    Http5xx,
    /// The answer came and was fine, but a check on it failed.
    Check,
    /// The answer came, and the scenario's code raised on it.
    Exception,
}

impl Outcome {
    pub const COUNT: usize = 18;
    pub const ALL: [Outcome; Self::COUNT] = [
        Outcome::Ok,
        Outcome::Dns,
        Outcome::ConnectRefused,
        Outcome::ConnectTimeout,
        Outcome::ConnectFailed,
        Outcome::Tls,
        Outcome::Reset,
        Outcome::ClosedEarly,
        Outcome::Timeout,
        Outcome::Malformed,
        Outcome::TooManyRedirects,
        Outcome::NoPorts,
        Outcome::TooManyFiles,
        Outcome::NotAllowed,
        Outcome::Http4xx,
        Outcome::Http5xx,
        Outcome::Check,
        Outcome::Exception,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Dns => "dns",
            Outcome::ConnectRefused => "connect_refused",
            Outcome::ConnectTimeout => "connect_timeout",
            Outcome::ConnectFailed => "connect_failed",
            Outcome::Tls => "tls",
            Outcome::Reset => "reset",
            Outcome::ClosedEarly => "closed_early",
            Outcome::Timeout => "timeout",
            Outcome::Malformed => "malformed",
            Outcome::TooManyRedirects => "too_many_redirects",
            Outcome::NoPorts => "no_ports",
            Outcome::TooManyFiles => "too_many_files",
            Outcome::NotAllowed => "not_allowed",
            Outcome::Http4xx => "http_4xx",
            Outcome::Http5xx => "http_5xx",
            Outcome::Check => "check",
            Outcome::Exception => "exception",
        }
    }

    /// The outcome of a complete answer with this status.
    pub fn of_status(status: u16) -> Outcome {
        match status {
            400..=499 => Outcome::Http4xx,
            500.. => Outcome::Http5xx,
            _ => Outcome::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_stands_at_its_own_index() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, index);
        }
    }
}
