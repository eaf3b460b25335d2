//! Until when a session is good, under which key the server's own secrets are kept, wrong codes while a second factor is set up, and
//! rows to lock for names that nobody has.

use crate::dialect::step;

const UP: &[&str] = &[
    "ALTER TABLE session ADD COLUMN good_until {instant}",
    "UPDATE session SET good_until = (SELECT MAX(expires_at) FROM refresh_token WHERE session_id = session.id)",
    // Those that are there are in the clear until a server starts that has a key.
    "ALTER TABLE signing_key ADD COLUMN sealed_under VARCHAR(16)",
    "ALTER TABLE server_secret ADD COLUMN sealed_under VARCHAR(16)",
    "ALTER TABLE second_factor ADD COLUMN wrong_codes INTEGER NOT NULL DEFAULT 0 CHECK (wrong_codes >= 0)",
    "CREATE TABLE unknown_name (bucket INTEGER PRIMARY KEY NOT NULL)",
    "INSERT INTO unknown_name (bucket)
        WITH RECURSIVE all_of (bucket) AS (SELECT 0 UNION ALL SELECT bucket + 1 FROM all_of WHERE bucket < 255)
        SELECT bucket FROM all_of",
];

const DOWN: &[&str] = &[
    "DROP TABLE unknown_name",
    "ALTER TABLE second_factor DROP COLUMN wrong_codes",
    // What is sealed is of no use to the program of before, which makes its own anew.
    "DELETE FROM server_secret WHERE sealed_under IS NOT NULL",
    "DELETE FROM signing_key WHERE sealed_under IS NOT NULL",
    "ALTER TABLE server_secret DROP COLUMN sealed_under",
    "ALTER TABLE signing_key DROP COLUMN sealed_under",
    "ALTER TABLE session DROP COLUMN good_until",
];

step!(
    /// Until when a session is good, under which key the server's own secrets are kept, wrong codes while a second factor is set up, and
    /// rows to lock for names that nobody has.
    UP,
    DOWN
);
