//! What the program is made of: nothing unsafe of ours, no source but the registry, and nobody who opens an address but the storage of
//! files.

use std::path::{Path, PathBuf};

/// The crates that are shipped, and the folder of each.
const SHIPPED: [&str; 10] = [
    "api",
    "api/domain",
    "api/edge",
    "api/files",
    "api/graphql",
    "api/importer",
    "api/store",
    "entity",
    "migration",
    "seeds",
];
/// Crates that can open an address.
const CLIENTS: [&str; 9] = [
    "curl",
    "isahc",
    "lettre",
    "opendal",
    "opendal-http-transport-reqwest",
    "openidconnect",
    "reqwest",
    "tokio-tungstenite",
    "ureq",
];
/// Words of code that opens one.
const OPENS: [&str; 8] = [
    "TcpStream::connect",
    "UdpSocket",
    "UnixStream::connect",
    "TcpSocket",
    "connect_async",
    "client::conn",
    "client::legacy",
    "lookup_host",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of Rust below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_crate_of_ours_is_unsafe() {
    assert!(read("Cargo.toml").contains("[workspace.lints.rust]\nunsafe_code = \"forbid\""));
    for folder in SHIPPED.iter().chain(&["tests"]) {
        let manifest = read(format!("{folder}/Cargo.toml"));
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{folder} has lints of its own"
        );
    }
}

#[test]
fn everything_comes_from_the_registry() {
    for line in read("Cargo.lock").lines() {
        if let Some(source) = line.strip_prefix("source = ") {
            assert_eq!(
                source,
                "\"registry+https://github.com/rust-lang/crates.io-index\""
            );
        }
    }
    for folder in SHIPPED {
        let manifest = read(format!("{folder}/Cargo.toml"));
        assert!(!manifest.contains("git = "), "{folder}");
    }
}

#[test]
fn nobody_opens_an_address_but_the_storage_of_files() {
    for folder in SHIPPED {
        let manifest = read(format!("{folder}/Cargo.toml"));
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies
            .split("[dev-dependencies]")
            .next()
            .unwrap_or_default();
        let named = dependencies
            .lines()
            .filter_map(|line| line.split(['.', ' ', '=']).next());
        let clients: Vec<&str> = named.filter(|name| CLIENTS.contains(name)).collect();
        assert_eq!(
            clients.is_empty(),
            folder != "api/files",
            "{folder}: {clients:?}"
        );
        let mut files = Vec::new();
        sources(&root().join(folder).join("src"), &mut files);
        assert!(!files.is_empty(), "{folder}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in OPENS {
                assert!(!shipped.contains(word), "{}: {word}", file.display());
            }
        }
    }
    // The client of the one that does is given to it, and is used in no other file.
    let mut files = Vec::new();
    sources(&root().join("api/files/src"), &mut files);
    let with_client = files.iter().filter(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .contains("reqwest")
    });
    let names: Vec<_> = with_client
        .filter_map(|file| file.file_name()?.to_str())
        .collect();
    assert_eq!(names, ["storage.rs"]);
}
