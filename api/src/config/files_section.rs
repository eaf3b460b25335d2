//! `[files]`: a folder, or a bucket that speaks S3.

use files::{Bucket, Storage};

use super::Given;

/// Reads the section. A bucket is taken when one is named; then every key of it must be there, and no folder.
pub(super) fn read(given: &mut Given) -> Storage {
    let folder = given.take("files", "folder");
    let endpoint = given.take("files", "s3_endpoint");
    let bucket = given.take("files", "s3_bucket");
    let region = given.take("files", "s3_region");
    let access_key = given.secret("files", "s3_access_key");
    let secret_key = given.secret("files", "s3_secret_key");
    let all = [&endpoint, &bucket, &region, &access_key, &secret_key];
    if all.iter().all(|value| value.is_none()) {
        let folder = folder.unwrap_or_else(|| "data/files".to_owned());
        if folder.trim().is_empty() {
            given.problem::<()>("files.folder must not be empty".to_owned());
        }
        return Storage::Folder(folder.into());
    }
    if folder.is_some() {
        given.problem::<()>("files.folder and files.s3_bucket exclude each other".to_owned());
    }
    let mut needed = |key: &str, value: Option<String>| {
        value.filter(|value| !value.is_empty()).unwrap_or_else(|| {
            given.problem(format!("files.{key} is missing: a bucket of S3 needs it"))
        })
    };
    let bucket = Bucket {
        endpoint: needed("s3_endpoint", endpoint),
        bucket: needed("s3_bucket", bucket),
        // What servers that know no regions expect in a signature.
        region: region.unwrap_or_else(|| "us-east-1".to_owned()),
        access_key: needed("s3_access_key", access_key),
        secret_key: needed("s3_secret_key", secret_key),
    };
    let is_url = ["http://", "https://"]
        .iter()
        .any(|scheme| bucket.endpoint.starts_with(scheme));
    if !bucket.endpoint.is_empty() && !is_url {
        given.problem::<()>("files.s3_endpoint must begin with http:// or https://".to_owned());
    }
    Storage::S3(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<Storage, String> {
        let file = format!("[files]\n{text}");
        let config = Config::parse(&file, []).map_err(|problems| problems.join("\n"))?;
        let shown = format!("{:?}", config.files);
        assert!(!shown.contains("secret"), "{shown}");
        Ok(config.files)
    }

    #[test]
    fn a_folder_or_a_bucket() {
        for (text, expected) in [
            ("", "data/files"),
            ("folder = \"/srv/luoshi\"", "/srv/luoshi"),
        ] {
            match parse(text) {
                Ok(Storage::Folder(folder)) => assert_eq!(folder.to_str(), Some(expected)),
                other => panic!("{other:?}"),
            }
        }
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "a secret\n").unwrap();
        let text = format!(
            "s3_endpoint = \"https://s3.example\"\ns3_bucket = \"luoshi\"\ns3_access_key = \"a secret id\"\ns3_secret_key_file = \"{}\"",
            secret.path().display()
        );
        match parse(&text) {
            Ok(Storage::S3(bucket)) => {
                assert_eq!(
                    (&*bucket.access_key, &*bucket.secret_key),
                    ("a secret id", "a secret")
                );
                assert_eq!((&*bucket.bucket, &*bucket.region), ("luoshi", "us-east-1"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_problem_is_named() {
        for (text, parts) in [
            ("folder = \"\"", vec!["files.folder"]),
            (
                "s3_bucket = \"x\"",
                vec![
                    "files.s3_endpoint",
                    "files.s3_access_key",
                    "files.s3_secret_key",
                ],
            ),
            (
                "s3_secret_key = \"a secret\"\nfolder = \"x\"",
                vec!["files.s3_bucket", "files.folder"],
            ),
            (
                "s3_endpoint = \"ftp://x\"",
                vec!["files.s3_endpoint must begin"],
            ),
            ("s3_secret_key_file = \"/nowhere\"", vec!["/nowhere"]),
            ("s3_colour = \"x\"", vec!["files.s3_colour is not known"]),
        ] {
            let problems = parse(text).unwrap_err();
            assert!(!problems.contains("a secret"), "{problems}");
            for part in parts {
                assert!(problems.contains(part), "{part} is missing in:\n{problems}");
            }
        }
    }
}
