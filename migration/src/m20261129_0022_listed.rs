//! Which leaders and posts stand in the directory for everybody: not those that drafts alone name.

use crate::dialect::step;

const UP: &[&str] = &[
    "ALTER TABLE post ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE leader ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE",
    "UPDATE post SET listed = TRUE
        WHERE NOT EXISTS (SELECT 1 FROM target_post WHERE target_post.post_id = post.id)
        OR EXISTS (
            SELECT 1 FROM target_post
            JOIN target ON target.id = target_post.target_id
            JOIN plan ON plan.id = target.plan_id
            WHERE target_post.post_id = post.id AND plan.status <> 'DRAFT'
        )",
    "UPDATE leader SET listed = TRUE
        WHERE NOT EXISTS (SELECT 1 FROM tenure WHERE tenure.leader_id = leader.id)
        OR EXISTS (
            SELECT 1 FROM tenure JOIN post ON post.id = tenure.post_id
            WHERE tenure.leader_id = leader.id AND post.listed
        )",
];

const DOWN: &[&str] = &[
    "ALTER TABLE leader DROP COLUMN listed",
    "ALTER TABLE post DROP COLUMN listed",
];

step!(
    /// Which leaders and posts stand in the directory for everybody: not those that drafts alone name.
    UP,
    DOWN
);
