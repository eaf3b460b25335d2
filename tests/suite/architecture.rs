//! Who may use whom: the crates' manifests say it, and this test reads them.

use std::path::Path;

/// Dependencies that a crate must never gain.
const NEVER: [(&str, &[&str]); 6] = [
    ("entity", &["domain", "store", "graphql", "api"]),
    (
        "api/domain",
        &[
            "importer",
            "store",
            "graphql",
            "api",
            "tokio",
            "axum",
            "async-graphql",
            "sea-orm",
        ],
    ),
    (
        "api/importer",
        &["store", "graphql", "api", "sea-orm", "tokio"],
    ),
    (
        "api/graphql",
        &["sea-orm", "sea-orm-migration", "migration", "axum"],
    ),
    ("api/edge", &["store", "entity", "sea-orm", "graphql"]),
    (
        "api/files",
        &["store", "entity", "sea-orm", "graphql", "edge"],
    ),
];

#[test]
fn no_crate_reaches_past_its_neighbours() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (folder, never) in NEVER {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
        let dependencies = dependencies.split("[dev-dependencies]").next().unwrap();
        for name in never {
            assert!(
                !dependencies
                    .lines()
                    .any(|line| line.split(['.', ' ', '=']).next() == Some(*name)),
                "{folder} must not depend on {name}"
            );
        }
    }
}
