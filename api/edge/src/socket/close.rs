//! Why a connection ends.

/// The bytes that the reason of a close frame may have (RFC 6455 §5.5): one longer breaks the frame.
const REASON: usize = 123;

/// Why a connection ends: each is a code of the protocol, or of WebSocket itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// 1001: the server stops.
    Stopping,
    /// 1009: a message is too large.
    TooLarge,
    /// 1013: the client takes too long to read, or is silent; or the server cannot tell who asks. It may come back.
    TryAgain(&'static str),
    /// 4400: a message that is none.
    BadMessage(&'static str),
    /// 4401: an operation before the connection was acknowledged.
    Unauthorized,
    /// 4403: the token is missing, refused or expired, or the session has ended.
    Forbidden,
    /// 4408: no `connection_init` in time.
    InitTimeout,
    /// 4409: an operation with the ID of one that runs.
    Duplicate(String),
    /// 4429: a second `connection_init`.
    TooManyInits,
}

impl Close {
    /// The code of the close frame.
    pub const fn code(&self) -> u16 {
        match self {
            Self::Stopping => 1001,
            Self::TooLarge => 1009,
            Self::TryAgain(_) => 1013,
            Self::BadMessage(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::InitTimeout => 4408,
            Self::Duplicate(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    /// The reason of the close frame: at most 123 bytes, and nothing of a token.
    pub fn reason(&self) -> String {
        let mut reason = match self {
            Self::Stopping => "Going away".to_owned(),
            Self::TooLarge => "Message too large".to_owned(),
            Self::TryAgain(why) => (*why).to_owned(),
            Self::BadMessage(why) => format!("Bad message: {why}"),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden => "Forbidden".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::Duplicate(id) => format!("Subscriber for {id} already exists"),
            Self::TooManyInits => "Too many initialisation requests".to_owned(),
        };
        let end = (0..=REASON.min(reason.len()))
            .rev()
            .find(|end| reason.is_char_boundary(*end));
        reason.truncate(end.unwrap_or_default());
        reason
    }
}
