//! The languages in which people are answered.

/// A language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese as written in mainland China: the answer when nothing else is asked for.
    #[default]
    ZhCn,
    /// English.
    En,
}
