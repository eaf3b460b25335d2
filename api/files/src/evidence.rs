//! A file that was examined, and may be kept.

use aws_lc_rs::digest;
use axum::body::Bytes;
use domain::FileReason;

use crate::{FileName, Kind, LARGEST, sniff::sniff};

/// A file that may be kept as evidence.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub(crate) name: FileName,
    pub(crate) kind: Kind,
    pub(crate) sha256: String,
    pub(crate) bytes: Bytes,
}

impl Evidence {
    /// Examines a file, apart from the threads that answer requests: a large text may take a tenth of a second.
    ///
    /// # Errors
    /// The file is not taken.
    pub async fn check(given_name: &str, bytes: Bytes) -> Result<Self, FileReason> {
        let given_name = given_name.to_owned();
        let examined = tokio::task::spawn_blocking(move || Self::examine(&given_name, bytes));
        // A file that a library stumbles over is one that we cannot read.
        examined.await.unwrap_or(Err(FileReason::Damaged))
    }

    fn examine(given_name: &str, bytes: Bytes) -> Result<Self, FileReason> {
        if bytes.len() > LARGEST {
            return Err(FileReason::TooLarge { most: LARGEST });
        }
        let name = FileName::of(given_name)?;
        let kind = Kind::of(sniff(&bytes)?, &name.extension())?;
        let sum = digest::digest(&digest::SHA256, &bytes);
        Ok(Self {
            name,
            kind,
            sha256: sum
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            bytes,
        })
    }

    /// The file's name, for people.
    pub const fn name(&self) -> &FileName {
        &self.name
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// SHA-256 of the content, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Bytes of the content.
    pub fn byte_size(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[tokio::test]
    async fn a_file_is_examined() {
        let evidence = Evidence::check("C:\\报告.PDF", samples::pdf().into()).await;
        let evidence = evidence.unwrap();
        assert_eq!(evidence.name().as_str(), "报告.PDF");
        assert_eq!(evidence.kind(), Kind::Pdf);
        let abc = Evidence::check("a.txt", Bytes::from_static(b"abc"))
            .await
            .unwrap();
        assert_eq!(
            abc.sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        for (name, bytes, expected) in [
            (
                "报告.docx",
                samples::pdf(),
                FileReason::WrongExtension { expected: "pdf" },
            ),
            (
                "报告.pdf.exe",
                samples::pdf(),
                FileReason::WrongExtension { expected: "pdf" },
            ),
            (
                "报告",
                samples::docx(),
                FileReason::WrongExtension { expected: "docx" },
            ),
            ("", samples::pdf(), FileReason::NoName),
            ("a.txt", vec![], FileReason::Empty),
            (
                "a.txt",
                vec![b'a'; LARGEST + 1],
                FileReason::TooLarge { most: LARGEST },
            ),
        ] {
            assert_eq!(
                Evidence::check(name, bytes.into()).await.unwrap_err(),
                expected,
                "{name}"
            );
        }
        assert!(
            Evidence::check("a.txt", vec![b'a'; LARGEST].into())
                .await
                .is_ok()
        );
    }
}
