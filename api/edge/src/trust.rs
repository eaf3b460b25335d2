//! Trusted documents: those that the front ends were built with, by the IDs under which they name them.
//!
//! A request may name a document instead of bringing it: `documentId` (GraphQL over HTTP, appendix A), `extensions.persistedQuery`
//! (Apollo), or `id` (Relay). Where only trusted documents may run, any other is refused before it is parsed: by its ID, or as a text that
//! is none of theirs to the letter.

use std::collections::HashMap;

use crate::complaint::Complaint;

/// What becomes of a document that is not trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// It runs.
    #[default]
    Off,
    /// It runs, and the log says so.
    Log,
    /// It is refused.
    Enforce,
}

/// The documents of all clients.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    trust: Trust,
    texts: Vec<Box<str>>,
    ids: HashMap<Box<str>, usize>,
    by_text: HashMap<Box<str>, usize>,
    /// Of which client each came first.
    clients: Vec<Box<str>>,
}

/// A document that is to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) query: String,
    pub(crate) trusted: bool,
}

impl Documents {
    /// No documents yet.
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            ..Self::default()
        }
    }

    /// Trusts a document of a client under an ID, without the `sha256:` that it may begin with.
    ///
    /// # Errors
    /// The client whose document has the same ID, and another text.
    pub fn add(&mut self, client: &str, id: &str, text: &str) -> Result<(), &str> {
        if let Some(at) = self.ids.get(plain(id)).copied() {
            return match self.texts.get(at) {
                Some(known) if **known == *text => Ok(()),
                _ => Err(self.clients.get(at).map_or("", |client| client)),
            };
        }
        let at = match self.by_text.get(text) {
            Some(at) => *at,
            None => {
                self.texts.push(text.into());
                self.clients.push(client.into());
                self.by_text.insert(text.into(), self.texts.len() - 1);
                self.texts.len() - 1
            }
        };
        self.ids.insert(plain(id).into(), at);
        Ok(())
    }

    /// Every text, with the client it came from first.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let clients = self.clients.iter().map(|client| &**client);
        clients.zip(self.texts.iter().map(|text| &**text))
    }

    /// What becomes of a document that is not trusted.
    pub const fn trust(&self) -> Trust {
        self.trust
    }

    /// The document that a request names or brings.
    pub(crate) fn find(&self, id: Option<&str>, query: String) -> Result<Found, Complaint> {
        let named = id.and_then(|id| self.ids.get(plain(id)));
        let named = named.and_then(|at| self.texts.get(*at));
        match (id, named) {
            (Some(_), Some(text)) if query.is_empty() || **text == *query => {
                return Ok(Found {
                    query: (**text).to_owned(),
                    trusted: true,
                });
            }
            (Some(_), None) if query.is_empty() => return Err(Complaint::DocumentNotFound),
            // It says one thing and brings another.
            (Some(_), Some(_)) if self.trust == Trust::Enforce => {
                return Err(Complaint::Untrusted);
            }
            _ => {}
        }
        let trusted = self.by_text.contains_key(&*query);
        if self.trust == Trust::Enforce && !trusted {
            return Err(Complaint::Untrusted);
        }
        Ok(Found { query, trusted })
    }
}

/// An ID without the name of its hash, which GraphQL over HTTP puts before it.
fn plain(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(trust: Trust) -> Documents {
        let mut documents = Documents::new(trust);
        assert_eq!(documents.add("portal", "sha256:aa", "{ a }"), Ok(()));
        assert_eq!(documents.add("portal", "bb", "{ b }"), Ok(()));
        // The same again, the same under another ID, and another under the same.
        assert_eq!(documents.add("admin", "aa", "{ a }"), Ok(()));
        assert_eq!(documents.add("admin", "cc", "{ a }"), Ok(()));
        assert_eq!(documents.add("admin", "aa", "{ c }"), Err("portal"));
        documents
    }

    #[test]
    fn what_is_named_is_found_and_what_is_brought_is_looked_for() {
        use Complaint::{DocumentNotFound, Untrusted};
        let runs = |query: &str, trusted| {
            Ok(Found {
                query: query.to_owned(),
                trusted,
            })
        };
        for (id, query, off, enforced) in [
            (Some("aa"), "", runs("{ a }", true), runs("{ a }", true)),
            (
                Some("sha256:aa"),
                "",
                runs("{ a }", true),
                runs("{ a }", true),
            ),
            (Some("cc"), "", runs("{ a }", true), runs("{ a }", true)),
            (
                Some("bb"),
                "{ b }",
                runs("{ b }", true),
                runs("{ b }", true),
            ),
            (Some("bb"), "{ a }", runs("{ a }", true), Err(Untrusted)),
            (Some("bb"), "{ x }", runs("{ x }", false), Err(Untrusted)),
            (Some("xx"), "", Err(DocumentNotFound), Err(DocumentNotFound)),
            (Some(""), "", Err(DocumentNotFound), Err(DocumentNotFound)),
            (Some("xx"), "{ x }", runs("{ x }", false), Err(Untrusted)),
            (
                Some("xx"),
                "{ a }",
                runs("{ a }", true),
                runs("{ a }", true),
            ),
            (None, "{ a }", runs("{ a }", true), runs("{ a }", true)),
            (None, "{ a } ", runs("{ a } ", false), Err(Untrusted)),
            (None, "{{{{", runs("{{{{", false), Err(Untrusted)),
            (None, "", runs("", false), Err(Untrusted)),
        ] {
            let find = |trust| documents(trust).find(id, query.to_owned());
            assert_eq!(find(Trust::Off), off, "{id:?} {query}");
            assert_eq!(find(Trust::Log), off, "{id:?} {query}");
            assert_eq!(find(Trust::Enforce), enforced, "{id:?} {query}");
        }
    }
}
